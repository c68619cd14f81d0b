"""What a BankID signature proves offline, and every way in which one that is not right is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
from cryptography import x509

from signatures.errors import IdentityRefused
from signatures.identity import IdentityEvidence, IdType
from signatures.identity.bankid_proof import LOA3, TEST_LOA3, Proof, check_stored, prove, raw_of

from .bankid_pki import (
    ASA,
    DSIG,
    LARS,
    MOBILE,
    MOBILE_TEST,
    NOW,
    TYPES,
    YEAR,
    Holder,
    Signing,
    Status,
    authority,
    b64,
    bank,
    person,
    responder,
    root,
)

SHOWN = "Jag skriver under genomförandeplanen GP-2026-0042, version 1."
BOUND = {
    "plan_ref": "a3f1", "version": 1, "edition": 1, "role": "brukare", "base_sha256": "ab" * 32, "nonce": "cd" * 16,
}  # fmt: skip
UNSEEN = json.dumps(BOUND, sort_keys=True, separators=(",", ":")).encode()
GOOD = Signing(SHOWN, UNSEEN)


def proven(signing: Signing = GOOD, roots: bytes | None = None, policy: str = MOBILE_TEST, **status: object) -> Proof:
    signature = signing.base64()
    response = Status(signature, signing.signer, **status).base64()  # type: ignore[arg-type]
    return prove(signature, response, roots or root().pem, [policy])


def evidence(**other: object) -> IdentityEvidence:
    signature = GOOD.base64()
    raw = raw_of("131daac9", signature, Status(signature).base64())
    facts: dict[str, object] = {
        "method": "bankid",
        "level": TEST_LOA3,
        "id_type": IdType.PERSONNUMMER,
        "id_value": ASA,
        "name": "Åsa Öberg Łukasiewicz",
        "transaction_id": "131daac9",
        "at": NOW,
        "nonce": BOUND["nonce"],
        "bound": BOUND,
        "raw": raw,
    }
    return IdentityEvidence(**facts | other)  # type: ignore[arg-type]


def test_it_proves_who_signed_what_and_when():
    proof = proven()
    assert (proof.visible, proof.non_visible, proof.at) == (SHOWN, UNSEEN, NOW)
    assert (proof.who.id_type, proof.who.id_value, proof.who.name) == (
        IdType.PERSONNUMMER, ASA, "Åsa Öberg Łukasiewicz",
    )  # fmt: skip
    assert proof.level == TEST_LOA3


def test_the_level_is_the_certificates_own():
    signer = person(policy=MOBILE)
    assert proven(replace(GOOD, signer=signer), policy=MOBILE).level == LOA3


def test_nothing_of_the_person_shows_in_a_printed_proof():
    printed = repr(proven())
    assert ASA not in printed
    assert "berg" not in printed


def replaced(old: str, new: str) -> Callable[[str], str]:
    def edit(text: str) -> str:
        assert old in text, f"nothing to edit: {old}"
        return text.replace(old, new, 1)

    return edit


def wrapped(text: str) -> str:
    """The oldest attack there is: what was signed moves aside and something else takes its place."""
    start, end = text.index("<bankIdSignedData"), text.index("</Object>")
    signed = text[start:end]
    false = signed.replace(b64(SHOWN.encode()), b64(b"Jag avser att avsluta all min omsorg."))
    return f"{text[:start]}{false}</Object><Object>{signed}</Object></Signature>"


def hidden(text: str) -> str:
    start, end = text.index("<bankIdSignedData"), text.index("</Object>")
    signed = text[start:end]
    false = signed.replace(b64(SHOWN.encode()), b64(b"Jag avser att avsluta all min omsorg."))
    return text[:start] + false.replace("</srvInfo>", f"{signed}</srvInfo>") + text[end:]


BASE64 = b64(SHOWN.encode())
AFTER_SIGNING = {
    "another text": replaced(BASE64, b64(b"Jag skriver under version 2.")),
    "another unseen part": replaced(b64(UNSEEN), b64(UNSEEN.replace(b'"version":1', b'"version":2'))),
    "another digest": replaced("<DigestValue>", "<DigestValue>A"),
    "a signature over something else": lambda text: (
        text[: text.index("<SignedInfo")]
        + replace(GOOD, visible="Något annat.").xml().split('#">', 1)[1].split("<SignatureValue>")[0]
        + text[text.index("<SignatureValue>") :]
    ),
    "another signature's value": lambda text: re.sub(
        "<SignatureValue>.*</SignatureValue>",
        re.search("<SignatureValue>.*</SignatureValue>", replace(GOOD, visible="Något annat.").xml())[0],
        text,
    ),
    "wrapping: the signed part moved aside": wrapped,
    "wrapping: the signed part hidden within": hidden,
    "two parts of the same Id": replaced(
        "<Object>", f'<Object><x xmlns="{TYPES}" Id="bidSignedData"></x></Object><Object>'
    ),
    "a second Object": replaced("</Object>", "</Object><Object></Object>"),
    "a document type": replaced("<Signature ", '<!DOCTYPE Signature [<!ENTITY a "b">]><Signature '),
    "an external entity": replaced("<Signature ", '<!DOCTYPE S SYSTEM "http://127.0.0.1:9/x.dtd"><Signature '),
    "a comment in the text": replaced(BASE64, BASE64[:8] + "<!-- -->" + BASE64[8:]),
    "a processing instruction": replaced("<usrVisibleData", "<?x y?><usrVisibleData"),
    "a character reference": replaced(BASE64, f"&#{ord(BASE64[0])};{BASE64[1:]}"),
    "CDATA": replaced(BASE64, f"<![CDATA[{BASE64}]]>"),
    "blanks that canonical form keeps out of tags": replaced("<usrVisibleData ", "<usrVisibleData  "),
    "a blank between parts": replaced("<SignatureValue>", " <SignatureValue>"),
    "an attribute of an unsigned part": replaced("<Object>", '<Object Id="x">'),
    "a prefix": lambda text: text.replace("<SignatureValue>", f'<d:SignatureValue xmlns:d="{DSIG}">').replace(
        "</SignatureValue>", "</d:SignatureValue>"
    ),
    "something after the end": lambda text: text + "\n",
    "something before the beginning": lambda text: "\n" + text,
    "no certificate": lambda text: text[: text.index("<X509Certificate>")] + text[text.index("</X509Data>") :],
    "another's certificate in its place": replaced(b64(person().der), b64(person(LARS).der)),
}  # fmt: skip

SIGNED_SO = {
    "a third reference": {"info_before": replaced("</SignedInfo>", '<Reference URI="#x"></Reference></SignedInfo>')},
    "the references in another order": {"info_before": replaced('URI="#bidKeyInfo"', 'URI="#bidSignedData"')},
    "a reference to the whole": {"info_before": replaced('URI="#bidSignedData"', 'URI=""')},
    "a reference outside": {"info_before": replaced('URI="#bidSignedData"', 'URI="http://127.0.0.1:9/a"')},
    "an XSLT transform": {
        "info_before": replaced(
            '<Transform Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315">',
            '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116">',
        )
    },
    "one transform more": {
        "info_before": replaced(
            "<Transforms>",
            '<Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></Transform>',
        )
    },
    "canonical form with comments": {
        "info_before": replaced("REC-xml-c14n-20010315", "REC-xml-c14n-20010315#WithComments")
    },
    "SHA-1 digests": {"info_before": replaced("2001/04/xmlenc#sha256", "2000/09/xmldsig#sha1")},
    "SHA-1 in the signature": {"info_before": replaced("2001/04/xmldsig-more#rsa-sha256", "2000/09/xmldsig#rsa-sha1")},
    "an HMAC": {"info_before": replaced("2001/04/xmldsig-more#rsa-sha256", "2000/09/xmldsig#hmac-sha1")},
    "an identification": {"function": "Identification"},
    "two functions": {"data_before": replaced("<funcId>", "<funcId>Signing</funcId><funcId>")},
    "a function elsewhere": {"function": "", "data_before": replaced("<uauth>", "<funcId>Signing</funcId><uauth>")},
    "a text that was not seen": {"marks": 'charset="UTF-8" visible="no"'},
    "a text in another character set": {"marks": 'charset="ISO-8859-1" visible="wysiwys"'},
    "a text in another format": {"marks": 'charset="UTF-8" format="html" visible="wysiwys"'},
    "two texts": {
        "data_before": replaced(
            "<usrNonVisibleData>",
            '<usrVisibleData charset="UTF-8" visible="wysiwys">QQ==</usrVisibleData><usrNonVisibleData>',
        )
    },
    "a part of another name": {"data_before": replaced("<srvInfo>", "<extra></extra><srvInfo>")},
    "elements in the text": {"data_before": replaced(BASE64, f"<b>{BASE64}</b>")},
    "text that is not base64": {"data_before": replaced(BASE64, BASE64.rstrip("=") + " =")},
    "base64 with loose ends": {"visible": "x", "data_before": replaced("eA==", "eB==")},
    "text beside elements": {"data_before": replaced("<srvInfo>", "<srvInfo>x")},
    "elements of another kind": {"data_before": replaced("<uauth>pw</uauth>", '<uauth xmlns="urn:x">pw</uauth>')},
    "an Id within": {"data_before": replaced("<srvInfo>", '<srvInfo Id="bidKeyInfo">')},
    "an empty element in short form": {"data_before": replaced("<uauth>pw</uauth>", "<uauth/>")},
}  # fmt: skip


@pytest.mark.parametrize("how", AFTER_SIGNING)
def test_what_was_changed_after_the_signing_is_refused(how: str):
    with pytest.raises(IdentityRefused) as refused:
        proven(replace(GOOD, after=AFTER_SIGNING[how]))
    assert refused.value.code == "fel_bevis"


@pytest.mark.parametrize("how", SIGNED_SO)
def test_what_is_signed_otherwise_than_the_profile_says_is_refused(how: str):
    with pytest.raises(IdentityRefused) as refused:
        proven(replace(GOOD, **SIGNED_SO[how]))
    assert refused.value.code == "fel_bevis"


def test_the_format_may_be_left_out():
    assert proven(replace(GOOD, marks='charset="UTF-8" visible="wysiwys"')).visible == SHOWN


@cache
def stranger() -> Holder:
    """A bank under a root of somebody else's."""
    return authority("Somebody's bank", authority("Somebody's root"), 0)


@cache
def ended() -> Holder:
    return authority("Gammal bank", root(), 0, NOW - timedelta(days=1))


@cache
def issuing_person() -> Holder:
    """A person who issues certificates with their own."""
    other = person(LARS)
    return Holder(other.key, other.certificate, (bank().certificate, root().certificate))


SIGNERS: dict[str, tuple[Callable[[], Holder], dict[str, object], str]] = {
    "another root": (stranger, {}, "PathBuildingError"),
    "a bank whose certificate had ended": (ended, {}, "ExpiredError"),
    "a certificate that a person issued": (issuing_person, {}, "PathValidationError|InvalidCertificateError"),
    "a certificate that had ended": (bank, {"span": (NOW - YEAR, NOW - timedelta(seconds=1))}, "ExpiredError"),
    "a certificate not yet begun": (bank, {"span": (NOW + timedelta(seconds=1), NOW + YEAR)}, "NotYetValidError"),
    "a key of 1024 bits": (bank, {"bits": 1024}, "weak"),
    "a certificate signed with SHA-1": (bank, {"weakly": True}, "DisallowedAlgorithmError"),
    "a certificate for identification": (bank, {"use": "digital_signature"}, "InvalidCertificateError"),
    "a certificate of another policy": (bank, {"policy": "1.2.3.4.99"}, "of no kind"),
}  # fmt: skip


@pytest.mark.parametrize("who", SIGNERS)
def test_a_certificate_that_proves_nobody_is_refused(who: str):
    issuer, other, why = SIGNERS[who]
    signer = person(issuer=issuer(), **other)
    signature = replace(GOOD, signer=signer).base64()
    # the responder is the issuer itself, so that nothing but the certificates is wrong
    response = Status(signature, signer, by=issuer()).base64()
    with pytest.raises(IdentityRefused, match=why) as refused:
        prove(signature, response, root().pem, [MOBILE_TEST])
    assert refused.value.code == "fel_bevis"


@pytest.mark.parametrize(
    ("issuers", "why"), [((), "without its issuer"), ((bank().certificate,) * 5, "too many")], ids=["none", "too long"]
)
def test_a_chain_that_is_none_is_refused(issuers: tuple[x509.Certificate, ...], why: str):
    signature = replace(GOOD, signer=replace(person(), issuers=issuers)).base64()
    with pytest.raises(IdentityRefused, match=why):
        prove(signature, Status(signature).base64(), root().pem, [MOBILE_TEST])


def test_nobody_is_trusted_without_a_root():
    with pytest.raises(IdentityRefused):
        proven(roots=root("Another root").pem)
    with pytest.raises(IdentityRefused):
        proven(roots=b"no certificate")


STATUSES: dict[str, tuple[Callable[[], dict[str, object]], str]] = {
    "revoked": (lambda: {"status": "revoked"}, "was revoked"),
    "unknown": (lambda: {"status": "unknown"}, "was unknown"),
    "about another certificate": (lambda: {"about": person(LARS)}, "another certificate"),
    "about one of another issuer": (lambda: {"about": person(issuer=stranger())}, "another certificate"),
    "signed by nobody known": (lambda: {"by": responder(stranger())}, "somebody else"),
    "signed by one without authority": (lambda: {"by": responder(authorised=False)}, "InvalidCertificateError"),
    "signed by another person": (lambda: {"by": person(LARS)}, "InvalidCertificateError"),
    "signed by a key of 1024 bits": (lambda: {"by": responder(bits=1024)}, "weak"),
    "signed with SHA-1": (lambda: {"algorithm": "sha1_rsa"}, "proves nothing"),
    "signed badly": (lambda: {"broken": True}, "broken signature"),
    "without a nonce": (lambda: {"nonce": lambda link: None}, "nonce"),
    "with another nonce": (lambda: {"nonce": lambda link: bytes(32)}, "nonce"),
    "with a shortened nonce": (lambda: {"nonce": lambda link: link[:19]}, "nonce"),
    "of old": (lambda: {"this_update": NOW - timedelta(days=2)}, "old status"),
    "of the future": (lambda: {"this_update": NOW + timedelta(minutes=6)}, "old status"),
    "that has ended": (
        lambda: {"this_update": NOW - timedelta(hours=2), "next_update": NOW - timedelta(hours=1)}, "old status",
    ),
    "produced before its certificate": (lambda: {"at": NOW - timedelta(days=40), "by": bank()}, "NotYetValidError"),
    "produced after its certificate": (lambda: {"at": NOW + 3 * YEAR, "by": bank()}, "ExpiredError"),
    "with a stranger's certificate beside": (lambda: {"beside": (person(LARS),)}, "belongs to nothing"),
    "for two certificates": (lambda: {"answers": 2}, "several"),
    "for none": (lambda: {"answers": 0}, "several"),
}  # fmt: skip


@pytest.mark.parametrize("how", STATUSES)
def test_a_status_that_proves_nothing_is_refused(how: str):
    status, why = STATUSES[how]
    with pytest.raises(IdentityRefused, match=why) as refused:
        proven(**status())
    assert refused.value.code == "fel_bevis"


@pytest.mark.parametrize(
    "status",
    [
        {"hashed_with": "sha256"},
        {"by": bank()},
        {"nonce": lambda link: b"\x04\x20" + link + bytes(12)},
        {"next_update": NOW + timedelta(hours=1)},
        {"beside": (bank(), root())},
    ],
    ids=["SHA-256 names", "the issuer itself", "a nonce as RFC 8954 has it", "with an end", "with its chain"],
)
def test_other_ways_to_state_the_same_are_taken(status: dict[str, object]):
    assert proven(**status).at == NOW


@pytest.mark.parametrize(
    ("signature", "response"),
    [("", ""), ("å", "QQ=="), ("QQ==", "QQ=="), ("QQ", "QQ=="), ("A" * 700_000, "QQ==")],
    ids=["empty", "not ASCII", "no XML", "unpadded", "too large"],
)
def test_what_is_no_signature_at_all_is_refused(signature: str, response: str):
    with pytest.raises(IdentityRefused, match="not accepted"):
        prove(signature, response, root().pem, [MOBILE_TEST])


@pytest.mark.parametrize("response", ["", "QQ==", "MAMKAQY=", "MAA=", "A" * 50_000, b64(b"\x30\x82" + bytes(64))])
def test_what_is_no_status_at_all_is_refused(response: str):
    with pytest.raises(IdentityRefused, match="not accepted"):
        prove(GOOD.base64(), response, root().pem, [MOBILE_TEST])


def test_stored_evidence_is_proven_again_from_its_bytes():
    stored = IdentityEvidence.from_canonical(evidence().canonical())
    assert check_stored(stored, root().pem, [MOBILE_TEST]).visible == SHOWN


def swapped(signing: Signing) -> bytes:
    signature = signing.base64()
    return raw_of("131daac9", signature, Status(signature, signing.signer).base64())


OTHERWISE: dict[str, tuple[dict[str, object], str]] = {
    "another act": ({"bound": {**BOUND, "version": 2}}, "fel_bindning"),
    "another nonce": ({"bound": {**BOUND, "nonce": "ef" * 16}, "nonce": "ef" * 16}, "fel_bindning"),
    "an earlier signature": ({"raw": swapped(Signing(SHOWN, UNSEEN.replace(b"cd", b"ef")))}, "fel_bindning"),
    "another person": ({"id_value": LARS}, "fel_person"),
    "another kind of number": ({"id_type": IdType.SAMORDNINGSNUMMER}, "fel_person"),
    "another name": ({"name": "Lars Ek"}, "fel_person"),
    "another's signature": ({"raw": swapped(replace(GOOD, signer=person(LARS)))}, "fel_person"),
    "another time": ({"at": NOW + timedelta(seconds=1)}, "fel_bevis"),
    "a higher level": ({"level": LOA3}, "fel_bevis"),
    "another order": ({"transaction_id": "other"}, "fel_bevis"),
    "another method": ({"method": "test"}, "ofullstandigt_underlag"),
    "nothing kept": ({"raw": b""}, "ofullstandigt_underlag"),
    "a list": ({"raw": b"[1, 2, 3]"}, "ofullstandigt_underlag"),
    "numbers": ({"raw": b'{"ocsp_response":1,"order_ref":2,"signature":3}'}, "ofullstandigt_underlag"),
    "something more": ({"raw": evidence().raw[:-1] + b',"z":1}'}, "ofullstandigt_underlag"),
    "too deep": ({"raw": b"[" * 100_000}, "ofullstandigt_underlag"),
}


@pytest.mark.parametrize("how", OTHERWISE)
def test_stored_evidence_that_says_something_else_is_refused(how: str):
    other, code = OTHERWISE[how]
    with pytest.raises(IdentityRefused) as refused:
        check_stored(evidence(**other), root().pem, [MOBILE_TEST])
    assert refused.value.code == code


def test_stored_evidence_of_the_test_environment_is_none_in_production():
    with pytest.raises(IdentityRefused, match="kind"):
        check_stored(evidence(), root().pem, [MOBILE])
