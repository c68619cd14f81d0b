"""The whole journey on the sample plans, in a test workspace that every other command can then be tried on."""

import shutil
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pipeline import acts, standing
from pipeline.app import make_workspace
from pipeline.casework.tools import Tools
from pipeline.console.printing import Answer, Json, both, word
from pipeline.console.verification import judge
from pipeline.errors import Misuse
from pipeline.intake.names import new_id
from pipeline.reception import receive
from pipeline.settings import CONFIG_NAME
from pipeline.store import rows
from pipeline.store.durable import disk

MARKER = ".plansigill-demo"
ORDER = "uppdrag-utan-plan.json"


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample plan: its file, and who signs it in which order; a slot that the file ends is not among them."""

    file: str
    roles: tuple[str, ...]
    handed_over: bool


SAMPLES = (
    Sample("hemtjanst-kort.json", ("brukare", "kontaktman", "enhetschef"), handed_over=True),
    Sample("lss-avstar.json", ("kontaktman", "enhetschef"), handed_over=True),
    Sample("skyddad.json", ("brukare", "kontaktman", "enhetschef"), handed_over=False),
)


def run(folder: Path, *, keep_stages: bool) -> Answer:
    """Make `folder` anew and take every sample through the journey. Raises `Misuse` when it is something else."""
    tools = _fresh(folder.resolve())
    _tell(both("demo.arbetsyta", mapp=folder))
    plans = [_journey(tools, sample) for sample in SAMPLES]
    order = receive(tools, (files("pipeline.samples") / ORDER).read_bytes(), new_id(tools.now()))
    _tell(both("demo.uppdrag", utslag=word("mottaget", order.outcome)))
    if keep_stages:
        _keep_stages(tools)
    lines = [f"{p['plan_id']} v{p['version']}: {word('lage', p['state'])}, {word('dom', p['verdict'])}" for p in plans]
    lines += ["", both("demo.prova", mapp=folder)]
    good = all(p["verdict"] == "valid" for p in plans)
    return Answer([{"workspace": str(tools.home), "plans": plans}], lines, int(not good))


def _fresh(home: Path) -> Tools:
    if home.exists() and any(home.iterdir()):
        if not (home / MARKER).is_file():
            raise Misuse("demo_mapp", folder=home)
        with disk():
            shutil.rmtree(home)
    with disk():
        home.mkdir(parents=True, exist_ok=True)
        (home / MARKER).touch()
    tools = make_workspace(home, test=True)
    if not (home / CONFIG_NAME).is_file():
        raise Misuse("ingen_arbetsyta", folder=home)
    return tools


def _journey(tools: Tools, sample: Sample) -> Json:
    data = (files("pipeline.samples") / sample.file).read_bytes()
    receipt = receive(tools, data, new_id(tools.now()))
    if receipt.plan_id is None or receipt.version is None:
        raise Misuse("demo_exempel", file=sample.file)
    plan_id = receipt.plan_id
    _tell(f"{sample.file}: {word('mottaget', receipt.outcome)} → {plan_id} v{receipt.version}")
    acts.rest(tools, plan_id)
    for role in sample.roles:
        value = acts.sign(tools, plan_id, role)
        _tell(f"  {word('roll', role)}: {word('utfall', 'signed')} → {word('lage', value['state'])}")
    if sample.handed_over:
        value = acts.hand_over(tools, plan_id, by=_kontaktman(tools, plan_id), receipt="signed")
        _tell(f"  {word('lage', value['state'])}")
    return _outcome(tools, plan_id)


def _kontaktman(tools: Tools, plan_id: str) -> str:
    with tools.db.read() as conn:
        v = rows.latest_version(conn, plan_id)
        return str(tools.plan_of(conn, v).roller.kontaktman.personal_id) if v else ""


def _outcome(tools: Tools, plan_id: str) -> Json:
    value = standing.status(tools, plan_id)
    document = value["document"]
    verdict = judge(tools, (tools.home / str(document)).read_bytes())["verdict"] if document else "indeterminate"
    file = document if value["state"] in {"archived", "handed_over"} else None
    named = {key: value[key] for key in ("plan_id", "version", "state")}
    return named | {"file": file, "verdict": verdict}


def _keep_stages(tools: Tools) -> None:
    """Each stage's PDF under ``stages/``: document, prepared, one signature after the other, sealed."""
    folder = tools.home / "stages"
    folder.mkdir(exist_ok=True)
    with tools.db.read() as conn:
        for plan_id in rows.plan_ids(conn):
            for v in rows.versions(conn, plan_id):
                kept = rows.files_of(conn, v, "document", "prepared", "signed", *rows.ISSUED)
                for number, file in enumerate(kept, start=1):
                    name = f"{plan_id}_v{v.version}_{number}_{file.kind}.pdf"
                    (folder / name).write_bytes(tools.read(file))


def _tell(line: str) -> None:
    """What happens meanwhile goes to standard error: standard output holds the answer."""
    sys.stderr.write(line + "\n")
