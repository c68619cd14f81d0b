"""xmlsec1 and openssl agree: what is good is good, and what they can see to be false, we see too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from signatures.errors import IdentityRefused
from signatures.identity.bankid_proof import prove

from .bankid_judges import openssl_ocsp, xmlsec1
from .bankid_pki import MOBILE_TEST, NOW, YEAR, Signing, Status, person, root
from .test_bankid_proof import AFTER_SIGNING, GOOD, SIGNED_SO, SIGNERS, STATUSES

CHANGED = [
    "another text",
    "another unseen part",
    "another digest",
    "a signature over something else",
    "another signature's value",
    "wrapping: the signed part moved aside",
    "wrapping: the signed part hidden within",
    "another's certificate in its place",
    "no certificate",
]
SIGNED_FALSELY = [
    "a third reference",
    "the references in another order",
    "a reference to the whole",
    "an XSLT transform",
    "one transform more",
    "SHA-1 digests",
    "an HMAC",
]
NOBODY = [
    "another root",
    "a bank whose certificate had ended",
    "a certificate that a person issued",
    "a certificate that had ended",
    "a certificate not yet begun",
]
NO_STATUS = [
    "revoked",
    "unknown",
    "about another certificate",
    "about one of another issuer",
    "signed by nobody known",
    "signed by one without authority",
    "signed by another person",
    "signed badly",
    "for none",
]


def ours(signing: Signing, status: Status | None = None) -> bool:
    signature = signing.base64()
    response = replace(status or Status(signature, signing.signer), signature=signature)
    try:
        prove(signature, response.base64(), root().pem, [MOBILE_TEST])
    except IdentityRefused:
        return False
    return True


def test_xmlsec1_and_openssl_hold_a_good_signature_to_be_good(tmp_path: Path):
    assert ours(GOOD)
    assert xmlsec1(tmp_path, GOOD.xml(), root(), NOW)
    assert openssl_ocsp(tmp_path, Status(GOOD.base64()).der(), person(), root(), NOW) == "good"


def test_they_trust_nobody_else_and_know_when_certificates_end(tmp_path: Path):
    assert not xmlsec1(tmp_path, GOOD.xml(), root("Another root"), NOW)
    assert not xmlsec1(tmp_path, GOOD.xml(), root(), NOW + 3 * YEAR)
    assert openssl_ocsp(tmp_path, Status("x").der(), person(), root("Another root"), NOW) == ""


@pytest.mark.parametrize("how", CHANGED)
def test_what_was_changed_after_the_signing_is_refused_by_both(how: str, tmp_path: Path):
    signing = replace(GOOD, after=AFTER_SIGNING[how])
    assert (ours(signing), xmlsec1(tmp_path, signing.xml(), root(), NOW)) == (False, False)


@pytest.mark.parametrize("how", SIGNED_FALSELY)
def test_what_is_signed_by_other_rules_is_refused_by_both(how: str, tmp_path: Path):
    signing = replace(GOOD, **SIGNED_SO[how])
    assert (ours(signing), xmlsec1(tmp_path, signing.xml(), root(), NOW)) == (False, False)


@pytest.mark.parametrize("who", NOBODY)
def test_a_certificate_that_proves_nobody_is_refused_by_both(who: str, tmp_path: Path):
    issuer, other, _ = SIGNERS[who]
    signing = replace(GOOD, signer=person(issuer=issuer(), **other))
    status = Status("", signing.signer, by=issuer())
    assert (ours(signing, status), xmlsec1(tmp_path, signing.xml(), root(), NOW)) == (False, False)


@pytest.mark.parametrize("how", NO_STATUS)
def test_a_status_that_proves_nothing_is_refused_by_both(how: str, tmp_path: Path):
    status = Status(GOOD.base64(), **STATUSES[how][0]())
    assert not ours(GOOD, status)
    assert openssl_ocsp(tmp_path, status.der(), person(), root(), NOW) != "good"
