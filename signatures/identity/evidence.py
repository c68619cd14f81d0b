"""What is known about who is signing, and what exactly they were asked to sign."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

from ..errors import IdentityRefused

BOUND = frozenset({"plan_ref", "version", "edition", "role", "base_sha256", "nonce"})


class IdType(StrEnum):
    """What kind of identifier a person is known by; only the first two may be seen in a certificate."""

    HSA_ID = "hsa_id"
    ORG_ID = "org_id"
    PERSONNUMMER = "personnummer"
    SAMORDNINGSNUMMER = "samordningsnummer"
    INTERN = "intern"
    """A reference that only the archive resolves: a protected person's, or a representative's."""


PUBLIC_IDS = frozenset({IdType.HSA_ID, IdType.ORG_ID})
PERSONAL_NUMBERS = frozenset({IdType.PERSONNUMMER, IdType.SAMORDNINGSNUMMER})


@dataclass(frozen=True, slots=True)
class IdentityEvidence:
    """One identification of one person for one act; kept in the archive, never in the PDF.

    `method` is how ("test", "bankid" …), `level` the level of assurance as a URI,
    `at` when (aware UTC), `nonce` this act's own random value, `bound` what the
    person was shown: plan, version, edition, role and the base's SHA-256. `raw` is
    the identity service's own answer, byte for byte.
    """

    method: str
    level: str
    id_type: IdType
    id_value: str = field(repr=False)
    name: str = field(repr=False)
    transaction_id: str
    at: datetime
    nonce: str
    bound: Mapping[str, str | int]
    raw: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse evidence that binds nobody to nothing."""
        if missing := BOUND - self.bound.keys():
            raise IdentityRefused(
                "ofullstandigt_underlag", f"the evidence is not bound to: {', '.join(sorted(missing))}"
            )
        if self.bound["nonce"] != self.nonce or len(self.nonce) < 32:
            raise IdentityRefused("fel_bindning", "the evidence's nonce is not the act's, or shorter than 128 bits")
        if self.at.utcoffset() is None:
            raise IdentityRefused("ofullstandigt_underlag", "the time of identification has no time zone")
        if not self.name.strip():
            raise IdentityRefused("inget_namn", "the identity carries no name")
        _require_certifiable(self.name)
        object.__setattr__(self, "bound", MappingProxyType(dict(self.bound)))

    def canonical(self) -> bytes:
        """The evidence as canonical JSON (sorted keys, no blanks, UTF-8): what is archived and hashed."""
        facts = {
            "method": self.method,
            "level": self.level,
            "id_type": self.id_type.value,
            "id_value": self.id_value,
            "name": self.name,
            "transaction_id": self.transaction_id,
            "at": self.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "nonce": self.nonce,
            "bound": dict(self.bound),
            "raw": base64.b64encode(self.raw).decode("ascii"),
        }
        return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")

    @classmethod
    def from_canonical(cls, data: bytes) -> IdentityEvidence:
        """The evidence that `canonical` wrote. Raises IdentityRefused `ofullstandigt_underlag`."""
        try:
            facts = json.loads(data)
            at = datetime.fromisoformat(facts.pop("at"))
            raw = base64.b64decode(facts.pop("raw"), validate=True)
            return cls(id_type=IdType(facts.pop("id_type")), at=at, raw=raw, **facts)
        except (ValueError, KeyError, TypeError) as error:
            raise IdentityRefused("ofullstandigt_underlag", "the recorded evidence cannot be read") from error

    @property
    def bases(self) -> frozenset[str]:
        """SHA-256 of every document that the person was asked to sign, before any signature.

        One, or those of a batch: `documents`, a JSON list of (plan_ref, version, edition, base_sha256), whose own
        SHA-256 then stands as `base_sha256`. Raises IdentityRefused `fel_bindning` when it does not.
        """
        base, listed = str(self.bound["base_sha256"]), self.bound.get("documents")
        if listed is None:
            return frozenset({base})
        if hashlib.sha256(str(listed).encode()).hexdigest() != base:
            raise IdentityRefused("fel_bindning", "the batch's list of documents is not the one that was bound")
        return frozenset(str(document[3]) for document in json.loads(str(listed)))

    def digest(self) -> str:
        """SHA-256 of the canonical form, in hex; the nonce keeps it from being guessed."""
        return hashlib.sha256(self.canonical()).hexdigest()


def _require_certifiable(name: str) -> None:
    """Raise IdentityRefused `fel_namn` unless a certificate with the name can be compared with another (RFC 4518 2.4).

    An emoji, or right-to-left letters among others, cannot be; told before anything is signed.
    """
    from asn1crypto.x509 import Name

    try:
        _ = Name.build({"common_name": name}).hashable
    except ValueError as error:
        raise IdentityRefused("fel_namn", f"no certificate can carry the name: {error}") from error
