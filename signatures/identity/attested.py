"""In person: an employee, identified by a service of their own, attests who the person before them is."""

from __future__ import annotations

import base64
import io
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from PIL import Image

from ..errors import IdentityRefused
from ..names import may_be_one
from ..words import sentence
from .checks import ATTESTED, CLOCKS_DIFFER, PAPER, require_level
from .evidence import IdentityEvidence
from .order import Asked, IdentityProvider, Order, Waiting, Wanted, new_nonce, order_json, order_of

METHOD = "intygad"
LIFE = timedelta(minutes=15)  # between the attester's own identification and what they attest
SAME_ACT = ("plan_ref", "version", "edition", "base_sha256")
LARGEST_DRAWING = 200_000  # bytes
WIDEST, HIGHEST = 2000, 1000  # pixels


class Checked(StrEnum):
    """How the attester knows who the person is."""

    ID_DOCUMENT = "id_handling"
    KNOWN = "kand"


@dataclass(frozen=True, slots=True)
class Attested:
    """The way of identification in which an employee attests, after `inner` has identified that employee.

    `attester`, `how` and `drawn` are of one act and set for it; what collecting needs of them is kept in the order.
    `minimum` is the level of assurance that the attester's own identification must reach.
    """

    inner: IdentityProvider
    minimum: str
    attester: Wanted | None = None
    how: Checked = Checked.KNOWN
    drawn: bytes | None = field(default=None, repr=False)
    method: str = METHOD
    remote: bool = False

    def start(self, asked: Asked, now: datetime) -> Order:
        """Begin the attester's own identification. Raises as the inner one does."""
        if self.attester is None:
            raise IdentityRefused("ofullstandigt_underlag", "nobody is named who attests")
        require_another(self.attester, named(asked))
        shown = sentence("identity", "intygar", how=sentence("identity", self.how.value).sv, act=asked.shown).sv
        bound = {**asked.bound, "role": "intygande", "nonce": new_nonce()}
        order = self.inner.start(Asked("intygande", shown, bound, self.attester), now)
        private = {"inner": order_json(order), "how": self.how.value}
        if self.drawn is not None:
            private["drawn"] = base64.b64encode(redrawn(self.drawn)).decode("ascii")
        return Order(METHOD, order.reference, order.started, order.expires, asked, private)

    def collect(
        self, order: Order, now: datetime, answer: Mapping[str, str] | None = None
    ) -> Waiting | IdentityEvidence:
        """What the attester has to do, or evidence on their word; raises as the inner one does, and as `attest`."""
        said = self.inner.collect(order_of(order.private["inner"]), now, answer)
        if isinstance(said, Waiting):
            return said
        drawn = base64.b64decode(order.private["drawn"]) if "drawn" in order.private else None
        return attest(order.asked, said, Checked(order.private["how"]), now, minimum=self.minimum, drawn=drawn)

    def cancel(self, order: Order, now: datetime) -> None:
        """Give the attester's identification up."""
        self.inner.cancel(order_of(order.private["inner"]), now)

    def prove_again(self, evidence: IdentityEvidence) -> bool:
        """Prove the attester's own evidence again, and that it vouches for this."""
        attester = attester_of(evidence)
        require_vouched(evidence, METHOD, ATTESTED, attester, self.minimum)
        return self.inner.prove_again(attester)


def attester_of(evidence: IdentityEvidence) -> IdentityEvidence:
    """The attester's own evidence. Raises IdentityRefused `ofullstandigt_underlag` when there is none."""
    try:
        held = base64.b64decode(json.loads(evidence.raw)["attester"], validate=True)
    except (ValueError, KeyError, TypeError) as error:
        raise IdentityRefused("ofullstandigt_underlag", "nobody has attested this identity") from error
    return IdentityEvidence.from_canonical(held)


def attested_by(evidence: IdentityEvidence) -> str | None:
    """The name of whoever vouches for the person, or None when a service does."""
    return attester_of(evidence).name if evidence.method == METHOD else None


def attest(
    asked: Asked, attester: IdentityEvidence, how: Checked, now: datetime, *, minimum: str, drawn: bytes | None = None
) -> IdentityEvidence:
    """Evidence of the wanted person, on the attester's word; its raw holds the attester's own evidence whole.

    `minimum` is the level that the attester's evidence must reach, `drawn` the person's signature as a PNG, which is
    drawn anew so that nothing but its pixels is kept. Raises IdentityRefused.
    """
    require_attester(asked, named(asked), attester, minimum, now)
    said = {
        "how": Checked(how).value,
        "bound": dict(asked.bound),
        "attester": base64.b64encode(attester.canonical()).decode("ascii"),
        "drawn": None if drawn is None else base64.b64encode(redrawn(drawn)).decode("ascii"),
    }
    return on_word_of(attester, METHOD, ATTESTED, asked, said, now)


def named(asked: Asked) -> Wanted:
    """Whom somebody vouches for. Raises IdentityRefused `ofullstandigt_underlag` when nobody is named."""
    if asked.wanted is None:
        raise IdentityRefused("ofullstandigt_underlag", "nobody is named who is vouched for")
    return asked.wanted


def on_word_of(
    voucher: IdentityEvidence, method: str, level: str, asked: Asked, said: Mapping[str, object], now: datetime
) -> IdentityEvidence:
    """Evidence of the wanted person, on the word of somebody whom a service has identified.

    `said` is kept of it, and who was vouched for.
    """
    who = named(asked)
    said = {**said, "wanted": _told(who)}
    return IdentityEvidence(
        method=method,
        level=level,
        id_type=who.id_type,
        id_value=who.id_value,
        name=who.name,
        transaction_id=voucher.transaction_id,
        at=now,
        nonce=asked.nonce,
        bound=asked.bound,
        raw=json.dumps(said, sort_keys=True, separators=(",", ":")).encode(),
    )


def require_attester(asked: Asked, who: Wanted, attester: IdentityEvidence, minimum: str, now: datetime) -> None:
    """Raise IdentityRefused unless `attester` was identified by a service, just now, for this act, and is not `who`."""
    require_level(attester.level, minimum)
    if attester.level in {ATTESTED, PAPER} or attester.method in {METHOD, "papper"}:
        raise IdentityRefused("for_lag_niva", "who is attested by somebody else cannot attest")
    if any(attester.bound[key] != asked.bound[key] for key in SAME_ACT) or attester.nonce == asked.nonce:
        raise IdentityRefused("fel_bindning", "the attester identified themselves for something else")
    if not now - LIFE <= attester.at <= now + CLOCKS_DIFFER:
        raise IdentityRefused("utgangen", "the attester identified themselves too long ago")
    require_another(Wanted(attester.id_type, attester.id_value, attester.name), who)


def require_another(voucher: Wanted, who: Wanted) -> None:
    """Raise IdentityRefused `egen_intygare` when they may be one: an employee may be the brukare's representative."""
    if may_be_one((voucher.id_type, voucher.id_value, voucher.name), (who.id_type, who.id_value, who.name)):
        raise IdentityRefused("egen_intygare", "nobody attests who they are themselves")


def require_vouched(
    evidence: IdentityEvidence, method: str, level: str, voucher: IdentityEvidence, minimum: str
) -> None:
    """Raise IdentityRefused unless stored evidence is what the one who vouches for it made it."""
    who = Wanted(evidence.id_type, evidence.id_value, evidence.name)
    require_attester(Asked("", "", evidence.bound, who), who, voucher, minimum, evidence.at)
    kept = json.loads(evidence.raw)
    if (evidence.method, evidence.level, evidence.transaction_id) != (method, level, voucher.transaction_id):
        raise IdentityRefused("fel_bevis", "its method, level or transaction is not what was vouched for")
    if kept.get("bound") != dict(evidence.bound):
        raise IdentityRefused("fel_bindning", "what was vouched for is another act than the evidence says")
    if kept.get("wanted") != _told(who):
        raise IdentityRefused("fel_person", "who was vouched for is another person than the evidence says")


def _told(who: Wanted) -> list[str]:
    return [who.id_type.value, who.id_value, who.name]


def redrawn(png: bytes) -> bytes:
    """The picture as a new grey PNG without anything beside its pixels.

    Raises IdentityRefused `fel_namnteckning` when it is no PNG, or too large.
    """
    if len(png) > LARGEST_DRAWING:
        raise IdentityRefused("fel_namnteckning", "the drawn signature is too large")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # opening already warns of very many pixels
            with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
                if picture.width > WIDEST or picture.height > HIGHEST:
                    raise IdentityRefused("fel_namnteckning", "the drawn signature has too many pixels")
                seen = picture.convert("RGBA")
        page = Image.new("RGBA", seen.size, "white")
        page.alpha_composite(seen)
        out = io.BytesIO()
        page.convert("L").save(out, "PNG")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise IdentityRefused("fel_namnteckning", "the drawn signature cannot be read") from error
    return out.getvalue()
