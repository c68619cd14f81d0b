"""On paper: an employee, identified by a service of their own, certifies the scan of an original signed in ink."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ..errors import IdentityRefused
from ..words import sentence
from .attested import named, on_word_of, require_another, require_attester, require_vouched
from .checks import PAPER
from .evidence import IdentityEvidence
from .order import Asked, IdentityProvider, Order, Waiting, Wanted, new_nonce, order_json, order_of

METHOD = "papper"
SHORT = 16  # hexadecimal digits of the scan's hash that the certifier is shown; what is bound has them all


@dataclass(frozen=True, slots=True)
class Certified:
    """The way in which an employee certifies a scan, after `inner` has identified that employee.

    `certifier` and `scan_sha256` (hexadecimal) are of one act and set for it; what collecting needs of them is kept in
    the order. `minimum` is the level of assurance that the certifier's own identification must reach.
    """

    inner: IdentityProvider
    minimum: str
    certifier: Wanted | None = None
    scan_sha256: str = ""
    method: str = METHOD
    remote: bool = False

    def start(self, asked: Asked, now: datetime) -> Order:
        """Begin the certifier's own identification, bound to the scan as well. Raises as the inner one does."""
        if self.certifier is None or not self.scan_sha256:
            raise IdentityRefused("ofullstandigt_underlag", "nobody is named who certifies, or no scan")
        require_another(self.certifier, named(asked))
        shown = sentence("identity", "intygar_papper", act=asked.shown, scan=self.scan_sha256[:SHORT]).sv
        bound = {**asked.bound, "role": "intygande", "nonce": new_nonce(), "scan_sha256": self.scan_sha256}
        order = self.inner.start(Asked("intygande", shown, bound, self.certifier), now)
        private = {"inner": order_json(order), "scan_sha256": self.scan_sha256}
        return Order(METHOD, order.reference, order.started, order.expires, asked, private)

    def collect(
        self, order: Order, now: datetime, answer: Mapping[str, str] | None = None
    ) -> Waiting | IdentityEvidence:
        """What the certifier has to do, or evidence on their word; raises as the inner one does, and as `certify`."""
        said = self.inner.collect(order_of(order.private["inner"]), now, answer)
        if isinstance(said, Waiting):
            return said
        return certify(order.asked, said, order.private["scan_sha256"], now, minimum=self.minimum)

    def cancel(self, order: Order, now: datetime) -> None:
        """Give the certifier's identification up."""
        self.inner.cancel(order_of(order.private["inner"]), now)

    def prove_again(self, evidence: IdentityEvidence) -> bool:
        """Prove the certifier's own evidence again, and that it vouches for this scan."""
        certifier = certifier_of(evidence)
        require_vouched(evidence, METHOD, PAPER, certifier, self.minimum)
        if json.loads(evidence.raw).get("scan_sha256") != certifier.bound.get("scan_sha256"):
            raise IdentityRefused("fel_bindning", "the certifier was shown another scan")
        return self.inner.prove_again(certifier)


def certifier_of(evidence: IdentityEvidence) -> IdentityEvidence:
    """The certifier's own evidence. Raises IdentityRefused `ofullstandigt_underlag` when there is none."""
    try:
        held = base64.b64decode(json.loads(evidence.raw)["certifier"], validate=True)
    except (ValueError, KeyError, TypeError) as error:
        raise IdentityRefused("ofullstandigt_underlag", "nobody has certified this original") from error
    return IdentityEvidence.from_canonical(held)


def certify(
    asked: Asked, certifier: IdentityEvidence, scan_sha256: str, now: datetime, *, minimum: str
) -> IdentityEvidence:
    """Evidence that the wanted person signed the original with that scan, on the certifier's word.

    The raw holds the scan's SHA-256 and the certifier's own evidence whole; the scan itself is the caller's to keep.
    `minimum` is the level that the certifier's evidence must reach. Raises IdentityRefused.
    """
    if certifier.bound.get("scan_sha256") != scan_sha256:
        raise IdentityRefused("fel_bindning", "the certifier was shown another scan")
    require_attester(asked, named(asked), certifier, minimum, now)
    said = {
        "bound": dict(asked.bound),
        "certifier": base64.b64encode(certifier.canonical()).decode("ascii"),
        "scan_sha256": scan_sha256,
    }
    return on_word_of(certifier, METHOD, PAPER, asked, said, now)
