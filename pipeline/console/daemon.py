"""`plansigill run`: the drop folder is watched and the steps run, until told to stop."""

import logging
import threading
from datetime import timedelta
from functools import partial
from pathlib import Path

from pipeline.app import open_worker, open_workspace
from pipeline.casework import outbox
from pipeline.casework.receipts import Receipt, receipt_json
from pipeline.casework.tools import Tools
from pipeline.console.printing import Answer, both
from pipeline.engine.daemon import alone, stopping
from pipeline.engine.owner import is_dead, owner
from pipeline.engine.runner import Options, supervise
from pipeline.engine.worker import Worker
from pipeline.intake.claim import Holder
from pipeline.intake.decision import Decision, Outcome, Reason
from pipeline.intake.watch import DropFolder, watch
from pipeline.plan.findings import Finding
from pipeline.reception import receive
from pipeline.reminders import remind
from pipeline.renewals import renew_due
from pipeline.store import rows
from pipeline.store.durable import disk, make_folder

SWEEP_SECONDS = 3600.0
OURS = ("pipeline", "signatures")


def run(home: Path) -> Answer:
    """Watch and work until SIGTERM or SIGINT. Raises `Misuse` when another process does so already."""
    log_to_stderr()
    tools = open_workspace(home)
    settings = tools.settings
    with disk():
        for folder in (settings.inbox.folder, settings.outbox.folder):
            make_folder(tools.home / folder)
    options = Options(workers=settings.engine.workers)
    beside = (partial(_watch, tools), partial(_sweep, tools))
    with alone(tools.home / settings.keys / "run.lock"), stopping() as stop:
        logging.getLogger(__name__).info("run.started %s", {"inbox": settings.inbox.folder})
        supervise(partial(worker_process, tools.home), options, stop, beside)
    return Answer([{"workspace": str(tools.home), "stopped": True}], [both("rad.stoppad")])


def worker_process(home: Path) -> Worker:
    """What each worker process works with."""
    log_to_stderr()
    return open_worker(home)


def log_to_stderr(level: int = logging.INFO) -> None:
    """One line an event of `level` or above: ids, codes and hashes, never a name or a value from a plan."""
    handler = logging.StreamHandler()
    handler.addFilter(_without_values)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s", handlers=[handler])
    for name in OURS:
        logging.getLogger(name).setLevel(level)


def _without_values(record: logging.LogRecord) -> bool:
    """A library's message may quote what it was given: of such a record only its place is told."""
    if record.name.partition(".")[0] not in OURS:
        record.msg, record.args = "library.warned %s", ({"at": f"{record.name}:{record.lineno}"},)
        record.exc_info = record.exc_text = record.stack_info = None
    return True


def _watch(tools: Tools, stop: threading.Event) -> None:
    inbox = tools.settings.inbox
    holder = Holder(owner(), is_dead, timedelta(minutes=2))
    folder = DropFolder(tools.home / inbox.folder, holder, settle=inbox.settle_seconds, rescan=inbox.rescan_seconds)
    watch(folder, partial(_decide_unless_stopping, tools, stop), tools.now, stop)


class Stopping(Exception):
    """The daemon ends: the file stays claimed, and the next start decides."""


def _decide_unless_stopping(tools: Tools, stop: threading.Event, data: bytes, intake_id: str, sha256: str) -> Decision:
    """`decide`, but a long queue in the inbox does not keep a daemon that was told to stop."""
    if stop.is_set():
        raise Stopping
    return decide(tools, data, intake_id, sha256)


def decide(tools: Tools, data: bytes, intake_id: str, sha256: str) -> Decision:
    """The journey's answer to a dropped file; `sha256` is that of `data`."""
    del sha256  # the journey hashes what it commits
    receipt = receive(tools, data, intake_id)
    with tools.db.read() as conn:
        committed = rows.intake_hash(conn, intake_id)
        v = rows.version_row(conn, receipt.plan_id or "", receipt.version or 0)
    value = receipt_json(receipt, None, None)
    if receipt.outcome != "rejected" and (v is None or v.intake_id != intake_id):
        _leave_receipt(tools, intake_id, receipt)
    reasons = tuple(_reason(f) for f in receipt.findings) if receipt.outcome == "rejected" else ()
    return Decision(Outcome(receipt.outcome), value, committed, reasons)


def _leave_receipt(tools: Tools, intake_id: str, receipt: Receipt) -> None:
    """An answer of its own for what makes no document: an order, an event, a duplicate."""
    document = None
    if receipt.plan_id is not None and receipt.version is not None:
        with tools.db.read() as conn:
            v = rows.version_row(conn, receipt.plan_id, receipt.version)
            found = outbox.document_path(tools, conn, v) if v else None
        document = outbox.shown_path(tools, found[0]) if found else None
    outbox.leave(tools, intake_id, receipt_json(receipt, None, document))


def _reason(finding: Finding) -> Reason:
    return Reason(rule=finding.code, field=finding.field, sv=finding.text, en=finding.en, source=finding.source)


def _sweep(tools: Tools, stop: threading.Event) -> None:
    """Now and every hour: reminders and renewals are asked for, and what has lain in a folder for its time goes."""
    while True:
        remind(tools)
        renew_due(tools)
        outbox.sweep(tools)
        if stop.wait(SWEEP_SECONDS):
            return
