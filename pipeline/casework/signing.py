"""An identified act becomes a signature in the file: made once, whatever falls in between."""

from pipeline.casework import cases, identification
from pipeline.casework.identification import Act
from pipeline.casework.tools import Tools
from pipeline.store.rows import FileRow, VersionRow


def signed(tools: Tools, v: VersionRow, act: Act, current: FileRow) -> bytes:
    """`current` with the act's signature (PAdES B-LT). Raises `Refused` or `EnvironmentFailed`.

    The signature is noted on the evidence as soon as it lies in the object store. Whoever falls after that and begins
    again finds it there: no second signature is ever made of one identification.
    """
    from signatures.pades import sign

    if act.made_sha256 is not None and tools.objects.exists(v.plan_id, act.made_sha256):
        return tools.objects.get(v.plan_id, act.made_sha256)
    with cases.answering():
        pdf = sign(tools.read(current), act.request(tools.now()), tools.issuer, tools.timestamper)
    stored = tools.objects.put(v.plan_id, pdf)
    with tools.db.write() as conn:
        identification.note_made(conn, act.evidence_id, stored.sha256)
    return pdf
