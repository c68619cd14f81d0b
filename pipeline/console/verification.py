"""`plansigill verify`: the one report on a file (`pipeline.casework.verifying`) as JSON, for people, and as XML."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.app import open_workspace, system_clock
from pipeline.casework.tools import Tools
from pipeline.casework.verifying import Known, report_on
from pipeline.console.files import named, read_bytes, require_free, write, write_beside
from pipeline.console.printing import Answer, Json, both, word
from pipeline.errors import Misuse
from pipeline.settings import CONFIG_NAME

if TYPE_CHECKING:
    from signatures.verify import Report

LIMIT = 100 * 1024 * 1024  # as much as signatures.verify opens
UNKNOWN: Json = {"known": False, "plan_id": None, "version": None, "newer_version": None, "newer_revision": None}


@dataclass(frozen=True, slots=True)
class Asked:
    """A file to judge, and where its report goes as ETSI TS 119 102-2 XML; `replace` what is there already."""

    file: Path
    report: Path | None = None
    replace: bool = False


def answer(home: Path, asked: Asked, proof: Path | None) -> Answer:
    """The answer of the command: exit code 0 only for valid."""
    if proof is not None:
        raise Misuse("bevis_ej_an")
    if asked.report is not None:
        over = asked.replace and asked.report.resolve() != asked.file.resolve()  # never over what is judged
        require_free(asked.report, replace=over)
    data = _read(asked.file)
    report, known = _judged(open_workspace(home) if (home / CONFIG_NAME).is_file() else None, data)
    value = _value(report, known)
    if asked.report is not None:
        from signatures.verify.etsi import to_etsi

        (write if asked.replace else write_beside)(asked.report, to_etsi(report))
        value["report"] = named(home, asked.report)
    return Answer([value], _lines(value), int(value["verdict"] != "valid"))


def _read(file: Path) -> bytes:
    data = read_bytes(file, LIMIT)
    if len(data) > LIMIT:
        raise Misuse("fil_for_stor", file=file)
    return data


def judge(tools: Tools | None, data: bytes) -> Json:
    """The verdict on bytes, in the shape of the command line; without a workspace nobody is trusted."""
    return _value(*_judged(tools, data))


def _judged(tools: Tools | None, data: bytes) -> "tuple[Report, Known | None]":
    return report_on(tools, data, tools.now() if tools else system_clock())


def _value(report: "Report", known: Known | None) -> dict[str, object]:
    from signatures.verify import to_json

    return dict(to_json(report)) | {"archive": known.to_json() if known else UNKNOWN}


def _lines(value: Json) -> list[str]:
    lines = [f"{word('dom', value['verdict'])} / {value['verdict']}"]
    signatures, rules, archive = value["signatures"], value["rules"], value["archive"]
    if isinstance(signatures, list):
        for s in signatures:
            trusted = both("rad.betrodd" if s["trusted"] else "rad.ej_betrodd")
            lines.append(
                f"  {word('roll', s['role'])}: {s['signer']}, {s['time'] or '–'}, {s['level'] or '–'}, {trusted}"
            )
    if isinstance(rules, list):
        lines += [f"  {r['id']:<4} {word('regel', r['verdict'])}: {r['text']}" for r in rules]
    if isinstance(archive, dict) and archive["known"]:
        lines.append(f"  {both('rad.i_arkivet', plan=archive['plan_id'], version=archive['version'])}")
        if archive["newer_version"]:
            lines.append(f"  {both('rad.nyare_version', version=archive['newer_version'])}")
    if "report" in value:
        lines.append(f"  {both('rad.rapport')}: {value['report']}")
    return lines
