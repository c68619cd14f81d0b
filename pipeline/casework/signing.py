"""An identified act becomes a signature in the file: made once, whatever falls in between."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from pipeline.casework import cases, identification
from pipeline.casework.identification import Act
from pipeline.casework.tools import Tools
from pipeline.store import trail
from pipeline.store.rows import FileRow, VersionRow

if TYPE_CHECKING:
    from signatures.issuer import Issued


def signed(tools: Tools, v: VersionRow, act: Act, current: FileRow) -> bytes:
    """`current` with the act's signature (PAdES B-LT). Raises `Refused` or `EnvironmentFailed`.

    One that lies in the object store and is noted on the evidence is found there: whoever fell before it was recorded
    makes no second signature of one identification.
    """
    from signatures.pades import sign

    if act.made_sha256 is not None and tools.objects.exists(v.plan_id, act.made_sha256):
        return tools.objects.get(v.plan_id, act.made_sha256)
    issuer = replace(tools.issuer, log=partial(_log, tools, v, act))
    with cases.answering():
        return sign(tools.read(current), act.request(tools.now()), issuer, tools.timestamper)


def _log(tools: Tools, v: VersionRow, act: Act, issued: "Issued") -> None:
    """No certificate without evidence that is stored: what is issued enters the trail before its key can sign."""
    told: dict[str, trail.Fact] = {"plan_id": v.plan_id, "version": v.version, "edition": v.edition, "role": act.role}
    told |= {"evidence_id": act.evidence_id, "evidence_sha256": issued.evidence_sha256}
    told |= {"certificate_sha256": issued.certificate_sha256}
    with tools.db.write() as conn:
        identification.load_act(tools, conn, v, act.role, act.evidence_id)  # it is there, and unused
        trail.append(conn, "certificate_issued", told, tools.now())
