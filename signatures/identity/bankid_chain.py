"""Whose certificate it is, and whether it led to BankID's root when it was used.

Path validation is RFC 5280's, done by certvalidator at the moment of signing and never with the network. The status of
the person's own certificate is the OCSP response's matter (`bankid_ocsp`); that of the banks' authorities is BankID's,
whose root is pinned.
"""

# mypy: allow-untyped-calls
# certvalidator's own functions are only half typed.

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from asn1crypto import pem
from asn1crypto import x509 as asn1
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError

from ..coroutines import finished
from ..names import plain_name
from .bankid_xml import MALFORMED, loaded, refused, rsa_key
from .evidence import IdType

POLICIES = {
    "1.2.752.78.1.1": "fil",
    "1.2.752.78.1.2": "kort",
    "1.2.752.78.1.5": "mobil",
}
"""BankID's certificate policies, by what carries the key."""
TEST_POLICIES = {"1.2.3.4.5": "fil", "1.2.3.4.10": "kort", "1.2.3.4.25": "mobil"}
"""The same in BankID's test environment, where anybody gets a certificate as anyone."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a BankID was issued to, as its certificate has it, under which certificate policy (OID)."""

    id_type: IdType
    id_value: str = field(repr=False)
    name: str = field(repr=False)
    policy: str


def require_chain(
    certificate: bytes, others: Iterable[bytes], roots_pem: bytes, at: datetime, usage: str, purpose: str = ""
) -> None:
    """Raise IdentityRefused `fel_bevis` unless `certificate` (DER) led to one of `roots_pem` at `at`.

    `usage` is the key usage it must have (RFC 5280 4.2.1.3: "non_repudiation" is what makes a signature binding),
    `purpose` an extended one, if any. Every key must be RSA of at least 2048 bits; MD5 and SHA-1 prove nothing.
    """
    others = tuple(others)
    for each in (certificate, *others):
        rsa_key(each)
    leaf, between = loaded(certificate), [loaded(each) for each in others]
    try:
        context = ValidationContext(
            trust_roots=[asn1.Certificate.load(each) for each in roots(roots_pem)],
            moment=at,
            time_tolerance=timedelta(0),
            allow_fetching=False,
            revocation_mode="soft-fail",
        )
        checking = CertificateValidator(leaf, between, validation_context=context).async_validate_usage(
            {usage}, {purpose} if purpose else set()
        )
        finished(checking)
    except (PathError, ValidationError) as error:
        raise refused(f"its certificate did not lead to BankID's root then: {type(error).__name__}") from error
    except MALFORMED as error:
        raise refused("a certificate cannot be read") from error


def roots(roots_pem: bytes) -> tuple[bytes, ...]:
    """The certificates (DER) in `roots_pem`. Raises IdentityRefused `fel_bevis` when there is none."""
    try:
        return tuple(der for _, _, der in pem.unarmor(roots_pem, multiple=True))
    except MALFORMED as error:
        raise refused("there is no root to trust") from error


def holder(certificate: bytes, policies: Iterable[str]) -> Holder:
    """Whom `certificate` (DER) was issued to. Raises IdentityRefused `fel_bevis` when it is none of `policies`, or
    names nobody by a personal number of twelve digits.
    """
    try:
        leaf = loaded(certificate)
        subject = [(each["type"].native, each["value"].native) for part in leaf.subject.chosen for each in part]
        stated = [each["policy_identifier"].dotted for each in leaf.certificate_policies_value or ()]
    except MALFORMED as error:
        raise refused("a certificate cannot be read") from error
    numbers = [value for kind, value in subject if kind == "serial_number"]
    policy = next((each for each in stated if each in set(policies)), None)
    if policy is None or leaf.key_usage_value is None:
        raise refused("its certificate is of no kind that is accepted here")
    if len(numbers) != 1 or not re.fullmatch(r"[0-9]{12}", str(numbers[0])):
        raise refused("its certificate names nobody by a personal number")
    # a coordination number is a date whose day has 60 added (folkbokföringslagen, Skatteverket SKV 707)
    kind = IdType.SAMORDNINGSNUMMER if int(numbers[0][6:8]) > 60 else IdType.PERSONNUMMER
    return Holder(kind, numbers[0], _name(dict(subject)), policy)


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same but for case, composition of letters and blanks."""
    return plain_name(one) == plain_name(other)


def _name(subject: dict[str, str]) -> str:
    """Given name and surname as one; the common name where there are not both."""
    parts = [subject.get("given_name", ""), subject.get("surname", "")]
    return " ".join((" ".join(parts) if all(parts) else subject.get("common_name", "")).split())
