"""What a Freja signature proves, from its bytes and Freja's certificates: today, and years later.

Freja answers with a token (JWS, RS256) signed by a certificate of its own, named by thumbprint (`x5t`), which we hold
beforehand. It says who, when and at which registration level, and holds the person's own signature (JWS) over the text
and the data with it, and the status of the person's certificate (OCSP).

The person's signature names its key (`kid`) and brings no certificate, so that it cannot be judged without Freja. What
is proven here is Freja's word: that this person's signature over exactly this was made and found good. Both are kept.

What is taken here is what Freja's own client (Freja-eID/frejaeidclient) sends, and what other open clients read
(Kungsbacka/FrejaOrgId, phpFreja, jsFreja, Open End's accounting). None of them says whether `text` in the person's
signature is base64, as it is in the request; it is read either way. What is unlike that is refused. The status of the
person's certificate is kept as it came, and not judged.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwk

from ..errors import IdentityRefused
from .bankid_proof import LOA3, TEST_LOA3
from .evidence import IdentityEvidence, IdType
from .jose import claims_of, header_of, opened, refused
from .order import Asked

METHOD = "freja"
TEST_LOA2 = "http://id.swedenconnect.se/loa/1.0/uncertified-loa2"
LEVELS = {"EXTENDED": TEST_LOA2, "PLUS": LOA3}
"""What a registration level is worth: Freja+ is approved by DIGG at level 3; an identity document shown to the app
(EXTENDED) is by nobody; BASIC is an e-mail address, and no identity."""
_BY_ORGANISATION = frozenset({IdType.HSA_ID, IdType.ORG_ID})


@dataclass(frozen=True, slots=True)
class Proof:
    """Who signed which text, with what unseen, and when (aware UTC). `person` is their number, or their employer's
    identifier of them when `organisation`."""

    reference: str
    organisation: bool
    person: str = field(repr=False)
    name: str = field(repr=False)
    level: str
    at: datetime
    visible: str = field(repr=False)
    non_visible: bytes = field(repr=False)

    def is_of(self, id_type: IdType) -> bool:
        """Whether `person` is an identifier of that kind."""
        return (id_type in _BY_ORGANISATION) if self.organisation else id_type == _by_day(self.person)

    @property
    def id_type(self) -> IdType:
        """The kind of identifier where nobody has said which kind the employer uses."""
        return IdType.ORG_ID if self.organisation else _by_day(self.person)


def certificates(pem: bytes) -> tuple[x509.Certificate, ...]:
    """Freja's certificates for answers. Raises ValueError when there is none."""
    return tuple(x509.load_pem_x509_certificates(pem))


def prove(details: str, pem: bytes, *, test: bool) -> Proof:
    """What `details` (a token) proves to whoever trusts the certificates in `pem` to be Freja's.

    The certificate must hold at the moment that the answer names. `test` says that it is Freja's test environment.
    Raises IdentityRefused: `fel_bevis`, `for_lag_niva`, `inget_namn`.
    """
    certificate = _named(details, pem)
    claims = opened(details, _key(certificate), {"RS256"}).claims
    at = _moment(claims)
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise refused("its certificate did not hold when it was signed")
    if (claims.get("status"), claims.get("signatureType")) != ("APPROVED", "EXTENDED"):
        raise refused("its token is of no signature that was approved")
    visible, non_visible = _signed(claims.get("signatureData"))
    organisation, person = _person(claims)
    return Proof(
        reference=_text(claims, "signRef"),
        organisation=organisation,
        person=person,
        name=_name(claims),
        level=_level(claims, test=test),
        at=at,
        visible=visible,
        non_visible=non_visible,
    )


def raw_of(details: str) -> bytes:
    """What is stored of an answer: Freja's token, which holds all the rest."""
    return json.dumps({"details": details}, separators=(",", ":")).encode()


def check_stored(evidence: IdentityEvidence, pem: bytes, *, test: bool) -> Proof:
    """Prove stored evidence again from its raw bytes, and that all it says is what they prove.

    Needs neither network nor clock. Raises IdentityRefused: `ofullstandigt_underlag` when the raw bytes are none of
    ours, else as `prove`, and `fel_person`, `fel_bindning` or `fel_bevis` when they prove something else than it says.
    """
    proof = prove(_kept(evidence), pem, test=test)
    if proof.non_visible != Asked("", "", evidence.bound, None).bound_json():
        raise IdentityRefused("fel_bindning", "the Freja signature is for another act than the evidence")
    if not proof.is_of(evidence.id_type) or (evidence.id_value, evidence.name) != (proof.person, proof.name):
        raise IdentityRefused("fel_person", "the Freja signature is somebody else's than the evidence says")
    if (evidence.at, evidence.level, evidence.transaction_id) != (proof.at, proof.level, proof.reference):
        raise refused("its time, level or order is not what the evidence says")
    return proof


def _kept(evidence: IdentityEvidence) -> str:
    try:
        details = json.loads(evidence.raw)["details"]
    except (ValueError, KeyError, TypeError, RecursionError):
        details = None
    if not isinstance(details, str) or evidence.method != METHOD or raw_of(details) != evidence.raw:
        raise IdentityRefused("ofullstandigt_underlag", "the evidence holds no answer of Freja's")
    return details


def _named(details: str, pem: bytes) -> x509.Certificate:
    """The certificate of ours that the token names (RFC 7515 4.1.7; SHA-1 finds it, and proves nothing)."""
    named = header_of(details).get("x5t")
    for each in certificates(pem):
        thumb = base64.urlsafe_b64encode(each.fingerprint(hashes.SHA1())).rstrip(b"=").decode()  # noqa: S303  finds it
        if thumb == named:
            return each
    raise refused("its token is signed by no certificate that is known to be Freja's")


def _key(certificate: x509.Certificate) -> dict[str, Any]:
    pem = certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    try:
        return dict(jwk.import_key(pem, "RSA").as_dict(private=False))
    except (ValueError, TypeError) as error:
        raise refused("its certificate has another kind of key than RSA") from error


def _moment(claims: Mapping[str, Any]) -> datetime:
    value = claims.get("timestamp")
    if isinstance(value, bool) or not isinstance(value, int):
        raise refused("its token lacks the time")
    try:
        return datetime.fromtimestamp(value // 1000, UTC)  # milliseconds; whole seconds are kept
    except (ValueError, OverflowError, OSError) as error:
        raise refused("its token has a time that is none") from error


def _signed(data: object) -> tuple[str, bytes]:
    """What the person has signed: the text they saw, and the data with it."""
    told = data if isinstance(data, dict) else {}
    if not _base64(told.get("certificateStatus")):
        raise refused("its token lacks the status of the person's certificate")
    token = str(told.get("userSignature"))
    if not isinstance(header_of(token).get("kid"), str):
        raise refused("the person's signature names no key")
    content = claims_of(token)
    unseen = _base64(content.get("binaryData"))
    if unseen is None:
        raise refused("the person's signature holds no data")
    return _seen(_text(content, "text")), unseen


def _seen(text: str) -> str:
    try:
        return (_base64(text) or text.encode()).decode()
    except UnicodeDecodeError:
        return text


def _base64(value: object) -> bytes | None:
    """What base64 text says; None when it is none, or is written in another way than the one that encoding gives."""
    try:
        found = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except ValueError:
        return None
    return found if found and base64.b64encode(found).decode() == value else None


def _person(claims: Mapping[str, Any]) -> tuple[bool, str]:
    match claims.get("userInfoType"):
        case "ORG_ID":
            return True, _text(claims, "userInfo")
        case "SSN":
            return False, _number(_told(_text(claims, "userInfo")))
        case "INFERRED":
            return False, _number(_attributes(claims).get("ssn"))
    raise refused("its token knows the person in another way than was asked")


def _told(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refused("its token names nobody that can be read") from error


def _number(told: object) -> str:
    number = told.get("ssn") if isinstance(told, dict) and told.get("country") == "SE" else None
    if not isinstance(number, str) or not re.fullmatch(r"[0-9]{12}", number):
        raise refused("its token names nobody by a Swedish personal number")
    return number


def _by_day(number: str) -> IdType:
    """A coordination number is a date whose day has 60 added (Skatteverket SKV 707)."""
    return IdType.SAMORDNINGSNUMMER if int(number[6:8]) > 60 else IdType.PERSONNUMMER


def _attributes(claims: Mapping[str, Any]) -> Mapping[str, Any]:
    found = claims.get("requestedAttributes")
    return found if isinstance(found, dict) else {}


def _name(claims: Mapping[str, Any]) -> str:
    told = _attributes(claims).get("basicUserInfo")
    parts = [told.get("name"), told.get("surname")] if isinstance(told, dict) else []
    if not parts or not all(isinstance(each, str) and each.strip() for each in parts):
        raise IdentityRefused("inget_namn", "the token lacks the person's name")
    return " ".join(" ".join(map(str, parts)).split())


def _level(claims: Mapping[str, Any], *, test: bool) -> str:
    """Freja lets nobody sign below the level that was asked for, which is the one that it signs."""
    level = LEVELS.get(str(claims.get("minRegistrationLevel")))
    if level is None:
        raise IdentityRefused("for_lag_niva", "the token tells no registration level that proves an identity")
    return TEST_LOA3 if test and level == LOA3 else level


def _text(claims: Mapping[str, Any], key: str) -> str:
    value = claims.get(key)
    if not isinstance(value, str) or not value:
        raise refused(f"its token lacks {key}")
    return value
