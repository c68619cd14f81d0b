"""What a BankID signature proves, from its bytes, the roots and nothing else: today, and years later once stored."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ..errors import IdentityRefused
from .bankid_chain import TEST_POLICIES, Holder, holder, require_chain
from .bankid_ocsp import check as check_ocsp
from .bankid_xml import read, refused
from .evidence import IdentityEvidence
from .order import Asked

METHOD = "bankid"
LOA3 = "http://id.elegnamnden.se/loa/1.0/loa3"
TEST_LOA3 = "http://id.swedenconnect.se/loa/1.0/uncertified-loa3"


@dataclass(frozen=True, slots=True)
class Proof:
    """Who (by their certificate) signed which text, with what unseen, and when (aware UTC)."""

    who: Holder
    visible: str = field(repr=False)
    non_visible: bytes = field(repr=False)
    at: datetime

    @property
    def level(self) -> str:
        """The level of assurance: BankID is approved by DIGG at level 3; one of its test environment by nobody."""
        return TEST_LOA3 if self.who.policy in TEST_POLICIES else LOA3


def prove(signature: str, ocsp_response: str, roots_pem: bytes, policies: Iterable[str]) -> Proof:
    """What the two (base64, as BankID gave them) prove to whoever trusts `roots_pem`, BankID's root for persons.

    The certificates must hold at the moment that the OCSP response was produced, whatever the time is now, and be of
    one of `policies` (OIDs). Raises IdentityRefused `fel_bevis`.
    """
    signed = read(signature)
    person, *others = signed.certificates
    if not others:
        raise refused("its certificate comes without its issuer's")
    at = check_ocsp(ocsp_response, signature, signed.certificates, roots_pem)
    require_chain(person, others, roots_pem, at, "non_repudiation")
    return Proof(holder(person, policies), signed.visible, signed.non_visible, at)


def raw_of(order_reference: str, signature: str, ocsp_response: str) -> bytes:
    """What is stored of an answer: enough to prove it again. The rest of it (the device's address, the name and number
    beside the certificate's) proves nothing and is not kept.
    """
    kept = {"order_ref": order_reference, "signature": signature, "ocsp_response": ocsp_response}
    return json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()


def check_stored(evidence: IdentityEvidence, roots_pem: bytes, policies: Iterable[str]) -> Proof:
    """Prove stored evidence again from its raw bytes, and that all it says is what they prove.

    Needs neither network nor clock, so it answers the same in many years, when every certificate has ended. Raises
    IdentityRefused: `ofullstandigt_underlag` when the raw bytes are none of ours, `fel_bevis`, `fel_person` or
    `fel_bindning` when they prove something else than the evidence says.
    """
    reference, signature, response = _kept(evidence)
    proof = prove(signature, response, roots_pem, policies)
    if proof.non_visible != Asked("", "", evidence.bound, None).bound_json():
        raise IdentityRefused("fel_bindning", "the BankID signature is for another act than the evidence")
    said = (evidence.id_type, evidence.id_value, evidence.name)
    if said != (proof.who.id_type, proof.who.id_value, proof.who.name):
        raise IdentityRefused("fel_person", "the BankID signature is somebody else's than the evidence says")
    if (evidence.at, evidence.level, evidence.transaction_id) != (proof.at, proof.level, reference):
        raise refused("its time, level or order is not what the evidence says")
    return proof


def _kept(evidence: IdentityEvidence) -> tuple[str, str, str]:
    try:
        kept = json.loads(evidence.raw)
        texts = [kept[key] for key in ("order_ref", "signature", "ocsp_response")]
    except (ValueError, KeyError, TypeError, RecursionError):
        texts = []
    texts = [each for each in texts if isinstance(each, str)]
    if len(texts) != 3 or evidence.method != METHOD or raw_of(*texts) != evidence.raw:
        raise IdentityRefused("ofullstandigt_underlag", "the evidence holds no answer of BankID's")
    return texts[0], texts[1], texts[2]
