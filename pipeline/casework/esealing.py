"""The municipality's electronic seal on a document that it vouches for, such as the certificate of a verification."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from pipeline.casework import cases
from pipeline.casework.tools import SWEDEN, Tools
from pipeline.documents.facts import Facts
from pipeline.documents.kinds import Form
from pipeline.errors import EnvironmentFailed, unknown_plan
from pipeline.store import rows, trail
from pipeline.store import tables as t
from pipeline.store.tables import stamp
from signatures.conformance import lost

if TYPE_CHECKING:
    from pipeline.documents.paper import LaidOut
    from signatures.eseal import ESealRequest
    from signatures.issuer import Issued

ROLE = "stampel"
"""The seal's field, and what stands for a role where its certificate and its evidence are noted."""
METHOD = "begaran"
"""How the seal came about: somebody asked for the document, for a purpose that the access log keeps."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for: which document about which version, by which request (`cause`)."""

    plan_id: str
    version: int | None
    slag: str
    cause: str


def sealed(tools: Tools, wish: Wish, facts: Facts, laid_out: "LaidOut") -> Mapping[Form, bytes]:
    """The document's forms, its PDF under the seal where it has a place for one.

    Judged by our own rules before it is kept. Raises `EnvironmentFailed`, which is tried again, or `Refused`.
    """
    if laid_out.place is None:
        return laid_out.forms
    from pipeline.documents.fonts import signature_fonts
    from signatures.eseal import eseal
    from signatures.fields import FieldSpec, prepare

    now, town = tools.now(), facts.subject.kommun.namn
    evidence = _evidence(wish, now)
    request = _request(tools, facts, evidence, now)
    field = FieldSpec(ROLE, laid_out.place.page, laid_out.place.rect, f"Elektronisk stämpel, {town}", (ROLE,))
    issuer = replace(tools.issuer, log=partial(_log, tools, wish, evidence))
    with cases.answering():
        base = prepare(laid_out.forms["pdf"], [field], "".join(request.lines), signature_fonts())
        made = eseal(base, request, issuer, tools.timestamper)
    _require_good(tools, wish, made)
    return {form: made if form == "pdf" else data for form, data in laid_out.forms.items()}


def _request(tools: Tools, facts: Facts, evidence: bytes, now: datetime) -> "ESealRequest":
    from signatures.eseal import ESealRequest
    from signatures.issuer import Organisation
    from signatures.names import common_name

    town, local = facts.subject.kommun, now.astimezone(SWEDEN)
    return ESealRequest(
        field=ROLE,
        organisation=Organisation(town.namn, tools.dress(town.kod).foot.kontakt.orgnr),
        evidence_sha256=sha256(evidence).hexdigest(),
        lines=(f"Elektronisk stämpel: {common_name(town.namn)}", f"Stämplad {local:%Y-%m-%d} kl. {local:%H:%M}"),
        reason="Intygar vad som står i dokumentet",
        now=now,
    )


def _evidence(wish: Wish, now: datetime) -> bytes:
    """The request in canonical JSON: what is kept, and whose hash the trail names. It says nothing of whoever asked."""
    told = asdict(wish) | {"at": stamp(now), "nonce": secrets.token_hex(16)}
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _log(tools: Tools, wish: Wish, evidence: bytes, issued: "Issued") -> None:
    """No certificate without evidence that is stored: both enter the archive before the key can seal."""
    evidence_id, now = secrets.token_hex(16), tools.now()
    with tools.db.write() as conn:
        v = rows.version_row(conn, wish.plan_id, wish.version or 0)
        if v is None:
            raise unknown_plan(wish.plan_id)
        row = {"id": evidence_id, "plan_id": v.plan_id, "version": v.version, "edition": v.edition, "role": ROLE}
        told = tools.seal(v.plan_id, t.evidence_column(evidence_id), {"evidence": evidence.decode()})
        row |= {"method": METHOD, "level": "", "at": stamp(now), "used_at": stamp(now)}
        conn.execute(t.evidence.insert().values(**row, evidence_enc=told))
        facts: dict[str, trail.Fact] = {"plan_id": v.plan_id, "version": v.version, "edition": v.edition, "role": ROLE}
        facts |= {"evidence_id": evidence_id, "evidence_sha256": issued.evidence_sha256}
        trail.append(conn, "certificate_issued", facts | {"certificate_sha256": issued.certificate_sha256}, now)


def _require_good(tools: Tools, wish: Wish, made: bytes) -> None:
    from signatures.verify import verify

    gone = lost(made)
    if gone:
        raise EnvironmentFailed("dokument_forlorad", fel=", ".join(gone))
    if verify(made, tools.trust, None, tools.now()).verdict != "valid":
        raise EnvironmentFailed("forsegling_underkand", plan_id=wish.plan_id)
