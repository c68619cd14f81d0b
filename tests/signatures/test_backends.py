"""Wherever the key works: the same file comes of it, and a wrong answer never gets into one."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pkcs11
import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from signatures import der
from signatures.authority import create_issuer, signed_under, start, usage
from signatures.backends.held import Pkcs11, Pkcs12
from signatures.backends.one_time import OneTime
from signatures.backends.token import Token, TokenKey
from signatures.backends.work import SignBackend, SignResult, SignWork
from signatures.container import as_der
from signatures.errors import BackendRefused, BackendUnavailable, IdentityRefused, IssuerUnavailable, SignatureError
from signatures.identity import IdType, Person
from signatures.issuer import Issuer, Revoked
from signatures.pades import Waiting, complete, seal, sign, sign_with
from signatures.prepared import Prepared
from signatures.standing import fetched, issued_by
from signatures.tsa import LocalTimestamper
from signatures.verify import Trust, Verdict, verify
from tests.plugins.judge_process import Judge

from . import keys
from .keys import openssl_agrees, problems
from .plans import NOW, PASSPHRASE, PEOPLE, base, evidence, issuer, request, stranger
from .tsa_server import Behaviour, serving

STAMPS = LocalTimestamper(issuer())
FILE_CODE = b"en losen fras"
WHO = "kontaktman"


def key_file(kind: str = "rsa", code: bytes = FILE_CODE) -> bytes:
    held = keys.key(kind)
    return pkcs12.serialize_key_and_certificates(
        b"kim", held, keys.certificate(held), [issuer().issuing], BestAvailableEncryption(code)
    )


def from_file(data: bytes, code: bytes = FILE_CODE) -> Pkcs12:
    return Pkcs12(data, code, (as_der(issuer().root),), issued_by(issuer()), test=True)


@pytest.fixture(scope="module")
def token(softhsm: Token, tmp_path_factory: pytest.TempPathFactory) -> Token:
    folder, made = tmp_path_factory.mktemp("token"), softhsm
    for number, kind in (("01", "rsa"), ("02", "p256")):
        keys.into_token(keys.key(kind), kind, number, folder)
    with pkcs11.lib(str(made.library)).get_token(token_label=made.label).open(rw=True, user_pin=keys.PIN) as session:
        session.create_object(
            {
                pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
                pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                pkcs11.Attribute.TOKEN: True,
                pkcs11.Attribute.LABEL: "rsa",
                pkcs11.Attribute.SUBJECT: b"",
                pkcs11.Attribute.VALUE: as_der(keys.certificate(keys.key("rsa"))),
            }
        )
    return made


def in_token(token: Token, kind: str, certificate: bytes | None = None) -> Pkcs11:
    chain, roots = (as_der(issuer().issuing),), (as_der(issuer().root),)
    return Pkcs11(token, kind, chain, roots, issued_by(issuer()), certificate, test=True)


def signed_by(backend: SignBackend, **changed: object) -> bytes:
    made = sign_with(base(), request(WHO, NOW, **changed), backend, STAMPS)
    assert isinstance(made, bytes)
    return made


@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_a_key_in_a_file_signs(kind: str, tmp_path: Path):
    pdf = signed_by(from_file(key_file(kind)))
    assert openssl_agrees(pdf, tmp_path)
    assert problems(pdf) == {}
    assert pdf[len(base()) :].count(b"%%EOF") == 1, "with its proof in the same revision"


@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_a_key_in_a_token_signs(kind: str, token: Token, tmp_path: Path):
    given = None if kind == "rsa" else as_der(keys.certificate(keys.key(kind)))
    pdf = signed_by(in_token(token, kind, given))
    assert openssl_agrees(pdf, tmp_path)
    assert problems(pdf) == {}


def test_the_person_at_the_keyboard_must_be_the_keys_owner(token: Token):
    other = Person(IdType.HSA_ID, "SE2321000016-9Z9Z", PEOPLE[WHO].name)
    for backend in (from_file(key_file()), in_token(token, "rsa")):
        with pytest.raises(BackendRefused) as caught:
            signed_by(backend, evidence=evidence(WHO, base(), person=other))
        assert caught.value.code == "fel_innehavare"


def test_what_cannot_be_opened_says_why(token: Token):
    for backend, kind, code in (
        (from_file(key_file(), b"fel"), BackendRefused, "fel_pin"),
        (from_file(b"no key file"), BackendRefused, "fel_pin"),
        (from_file(bytes(300_000)), BackendRefused, "signeringsnyckel_saknas"),
        (in_token(replace(token, pin="135790"), "rsa"), BackendRefused, "fel_pin"),
        (in_token(replace(token, label="annan"), "rsa"), BackendUnavailable, "nyckel_onabar"),
        (in_token(replace(token, library=Path("/nowhere.so")), "rsa"), BackendUnavailable, "nyckel_onabar"),
        (in_token(token, "saknas"), BackendRefused, "signeringsnyckel_saknas"),
        (
            in_token(token, "saknas", as_der(keys.certificate(keys.key("rsa")))),
            BackendRefused,
            "signeringsnyckel_saknas",
        ),
        (in_token(token, "rsa", b"no certificate"), BackendRefused, "fel_certifikat"),
    ):
        with pytest.raises(kind) as caught:
            signed_by(backend)
        assert caught.value.code == code
        assert token.pin not in str(caught.value)
    assert token.pin not in repr(token)
    assert FILE_CODE.decode() not in repr(from_file(key_file()))


def test_a_pin_that_was_refused_is_not_tried_again(token: Token, monkeypatch: pytest.MonkeyPatch):
    def touched(*_: object) -> None:
        raise AssertionError("the token was asked again")

    wrong = in_token(replace(token, pin="864209"), "rsa")
    for attempt in range(2):
        with pytest.raises(BackendRefused) as caught:
            signed_by(wrong)
        assert caught.value.code == "fel_pin", attempt
        monkeypatch.setattr(pkcs11, "lib", touched)


def test_a_key_of_ours_signs_once():
    signing = OneTime(issuer()).open(evidence(WHO, base()), NOW)
    work = SignWork(b"attributes", evidence(WHO, base()), "", NOW)
    assert isinstance(signing.sign(work), SignResult)
    with pytest.raises(IssuerUnavailable):
        signing.sign(work)


def waiting(now: datetime = NOW) -> tuple[Waiting, object]:
    asked = request(WHO, now)
    made = sign_with(base(), asked, keys.Later(), STAMPS)
    assert isinstance(made, Waiting)
    return made, asked.evidence


@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_an_answer_that_comes_later_completes_what_was_kept(kind: str, tmp_path: Path):
    kept, proof = waiting()
    prepared = Prepared.from_bytes(kept.prepared.to_bytes())
    assert prepared == kept.prepared
    answer = keys.answered(kept.pending.state, kind)
    pdf = complete(prepared, answer, proof, STAMPS, NOW)  # type: ignore[arg-type]
    assert openssl_agrees(pdf, tmp_path)
    assert problems(pdf) == {}
    for role in ("brukare", "enhetschef"):
        pdf = sign(pdf, request(role, NOW), issuer(), STAMPS)
    found = verify(
        seal(pdf, issuer(), STAMPS, NOW),
        Trust(issuer().trust_pem(), issuer().trust_pem()),
        None,
        NOW + timedelta(days=3 * 365),
    )
    assert found.verdict is Verdict.VALID
    assert [each.level for each in found.signatures] == ["B-LTA"] * 3


def test_what_was_kept_must_be_as_it_was():
    kept = waiting()[0].prepared.to_bytes()
    spot = kept.index(b"/Type")
    for broken in (kept[:-1], kept[:spot] + b"/Typo" + kept[spot + 5 :], b"{}\n", b"", kept[1:]):
        with pytest.raises(SignatureError) as caught:
            Prepared.from_bytes(broken)
        assert caught.value.code == "olasbar_pdf"


def someone_else() -> x509.Certificate:
    person = Person(IdType.HSA_ID, PEOPLE[WHO].id_value, "Kim Annan")
    return keys.certificate(keys.key(), evidence(WHO, base(), person=person))


def another_number() -> x509.Certificate:
    person = Person(IdType.HSA_ID, "SE2321000016-9Z9Z", PEOPLE[WHO].name)
    return keys.certificate(keys.key(), evidence(WHO, base(), person=person))


def one_for(use: str, issuing: Issuer | None = None, now: datetime = NOW) -> x509.Certificate:
    """The kontaktman's certificate for another use, from another issuer, or of another time."""
    by = issuing or issuer()
    subject = keys.certificate(keys.key()).subject
    return (
        start(subject, by.issuing.subject, keys.key().public_key(), now - timedelta(days=1), now + timedelta(days=9))  # type: ignore[arg-type]
        .add_extension(usage(use), critical=True)
        .add_extension(signed_under(by.issuing), critical=False)
        .sign(by.issuing_key, hashes.SHA256())
    )


def sorted_wrong(attributes: bytes) -> bytes:
    parts = [each.dump() for each in cms.CMSAttributes.load(attributes)]
    return der.tlv(der.SET, *sorted(parts, reverse=True))


def parts(attributes: bytes) -> list[bytes]:
    return [each.dump() for each in cms.CMSAttributes.load(attributes)]


def bare(attributes: bytes) -> bytes:
    named = [each.dump() for each in cms.CMSAttributes.load(attributes) if each["type"].native.startswith("signing_c")]
    return der.set_of(*(each for each in parts(attributes) if each not in named))


SIGNING_TIME = cms.CMSAttribute({"type": "signing_time", "values": [cms.Time({"utc_time": NOW})]}).dump()
WRONG = {
    "another document": ("fel_dokument", {"edit": keys.other_document}),
    "a broken signature": ("fel_signatur", {"signature": bytes(384)}),
    "no certificate named": ("fel_certifikat", {"edit": bare}),
    "a signing time": ("fel_attribut", {"edit": lambda raw: der.set_of(*parts(raw), SIGNING_TIME)}),
    "an attribute twice": ("fel_attribut", {"edit": lambda raw: der.set_of(*parts(raw), parts(raw)[0])}),
    "not in DER's order": ("fel_attribut", {"edit": sorted_wrong}),
    "rubbish for attributes": ("fel_attribut", {"edit": lambda _: b"\x31\x82rubbish"}),
    "attributes without end": ("fel_attribut", {"edit": lambda _: der.tlv(der.SET, bytes(70_000))}),
    "somebody else's name": ("fel_innehavare", {"certificate": someone_else}),
    "somebody else's number": ("fel_innehavare", {"certificate": another_number}),
    "a certificate to log in with": ("fel_anvandning", {"certificate": lambda: one_for("digital_signature")}),
    "a certificate of last year": (
        "fel_certifikat",
        {"certificate": lambda: one_for("content_commitment", now=NOW - timedelta(days=365))},
    ),
    "an unknown issuer": (
        "kedjan_haller_inte",
        {"certificate": lambda: one_for("content_commitment", stranger())},
    ),
    "a weak key": ("svag_algoritm", {"kind": "rsa-2048"}),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_answer_never_gets_into_a_file(case: str):
    kept, proof = waiting()
    code, changed = WRONG[case]
    if "certificate" in changed:
        changed = {**changed, "certificate": changed["certificate"]()}
    with pytest.raises(SignatureError) as caught:
        complete(kept.prepared, keys.answered(kept.pending.state, **changed), proof, STAMPS, NOW)  # type: ignore[arg-type]
    assert caught.value.code == code


def test_a_revoked_certificate_does_not_sign():
    kept, proof = waiting()
    held = keys.certificate(keys.key())
    answer = keys.answered(kept.pending.state, certificate=held)
    gone = replace(issuer(), revoked=(Revoked(held.serial_number, NOW - timedelta(hours=1)),))
    told = issued_by(gone)(answer.credential, NOW)
    with pytest.raises(IssuerUnavailable) as caught:
        complete(kept.prepared, replace(answer, credential=told), proof, STAMPS, NOW)  # type: ignore[arg-type]
    assert caught.value.code == "kedjan_haller_inte"


def test_the_evidence_is_that_which_it_was_prepared_with():
    kept, _ = waiting()
    with pytest.raises(IdentityRefused) as caught:
        complete(kept.prepared, keys.answered(kept.pending.state), evidence(WHO, base()), STAMPS, NOW)
    assert caught.value.code == "fel_bindning"


def test_too_low_a_level_is_refused_before_a_key_is_touched():
    class Untouched:
        test = True

        def open(self, *_: object) -> None:
            raise AssertionError("a key was opened")

    low = replace(evidence(WHO, base()), level="http://id.elegnamnden.se/loa/1.0/loa2")
    asked = request(WHO, NOW, evidence=low, minimum="http://id.elegnamnden.se/loa/1.0/loa3")
    with pytest.raises(IdentityRefused) as caught:
        sign_with(base(), asked, Untouched(), STAMPS)  # type: ignore[arg-type]
    assert caught.value.code == "for_lag_niva"


def test_a_test_identity_signs_with_test_keys_alone():
    with pytest.raises(IdentityRefused) as caught:
        signed_by(replace(from_file(key_file()), test=False))
    assert caught.value.code == "testidentitet"


def test_the_issuers_key_may_lie_in_a_token(token: Token, tmp_path: Path):
    key = TokenKey(token, "rsa")
    assert key.key_size == 3072
    material = create_issuer(NOW - timedelta(days=1), "Norrbro", test=True, passphrase=PASSPHRASE, token_key=key)
    assert material.issuing_key == b""
    by = Issuer.load(material, PASSPHRASE, issuing_key=TokenKey(token, "rsa"))
    pdf = base()
    for role in PEOPLE:
        pdf = sign(pdf, request(role, NOW), by, LocalTimestamper(by))
    whole = seal(pdf, by, LocalTimestamper(by), NOW)
    found = verify(whole, Trust(by.trust_pem(), by.trust_pem()), None, NOW + timedelta(days=1))
    assert found.verdict is Verdict.VALID
    (tmp_path / "root.pem").write_bytes(by.trust_pem())
    (tmp_path / "list.der").write_bytes(by.crl(NOW))
    (tmp_path / "issuing.pem").write_bytes(keys.pem(by.issuing))
    asked = ["openssl", "crl", "-inform", "DER", "-in", "list.der", "-CAfile", "issuing.pem", "-noout", "-verify"]
    told = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "verify OK" in told.stdout + told.stderr
    with pytest.raises(IssuerUnavailable):
        Issuer.load(material, PASSPHRASE, issuing_key=keys.key("rsa-2048"))  # type: ignore[arg-type]
    for forbidden in (key.private_numbers, lambda: key.private_bytes(None, None, None), lambda: key.decrypt(b"", None)):
        with pytest.raises(TypeError):
            forbidden()


def test_others_certificates_are_asked_about_where_they_say():
    now = datetime.now(tz=NOW.tzinfo).replace(microsecond=0)
    material = create_issuer(now - timedelta(days=1), "Annan kommun", test=True, passphrase=PASSPHRASE)
    by = Issuer.load(material, PASSPHRASE)
    behaviour = Behaviour(by, now)
    with serving(behaviour) as url:
        place = x509.DistributionPoint([x509.UniformResourceIdentifier(url.replace("/tsa", "/crl"))], None, None, None)
        held = (
            start(
                keys.certificate(keys.key()).subject, by.root.subject, keys.key().public_key(), now, now + timedelta(9)
            )  # type: ignore[arg-type]
            .add_extension(usage("content_commitment"), critical=True)
            .add_extension(signed_under(by.root), critical=False)
            .add_extension(x509.CRLDistributionPoints([place]), critical=False)
            .sign(by.root_key, hashes.SHA256())
        )
        asked = keys.Credential(as_der(held), (), (as_der(by.root),))
        told = fetched(5)(asked, now)
        with pytest.raises(BackendRefused) as stranger:
            fetched(5)(replace(asked, roots=(as_der(issuer().root),)), now)
        gone = Revoked(held.serial_number, now - timedelta(hours=1))
        as_root = replace(by, issuing=by.root, issuing_key=by.root_key, revoked=(gone,))
        behaviour.revocations = as_root.crl(now)
        with pytest.raises(BackendRefused) as revoked:
            fetched(5)(asked, now)
    assert (stranger.value.code, revoked.value.code) == ("fel_certifikat", "fel_certifikat")
    assert [x509.load_der_x509_crl(each).issuer for each in told.crls] == [by.root.subject]
    with pytest.raises(BackendUnavailable) as caught:
        fetched(1)(asked, now)
    assert caught.value.code == "nyckel_onabar"


def test_dss_and_verapdf_pass_a_plan_signed_in_three_places(token: Token, judge: Judge):
    kept, proof = waiting()
    pdf = complete(kept.prepared, keys.answered(kept.pending.state, "p256"), proof, STAMPS, NOW)  # type: ignore[arg-type]
    pdf = sign(pdf, request("brukare", NOW), issuer(), STAMPS)
    owner = keys.certificate(keys.key(), evidence("enhetschef", base()))
    whole = sign_with(pdf, request("enhetschef", NOW), in_token(token, "rsa", as_der(owner)), STAMPS)
    assert isinstance(whole, bytes)
    whole = seal(whole, issuer(), STAMPS, NOW)
    assert judge.pdf(whole)["failed"] == judge.pdf(base())["failed"]
    for days in (1, 700):  # while the certificates hold, and long after
        told = judge.signatures(whole, roots=[issuer().trust_pem()], at=NOW + timedelta(days=days))
        found = [(each["field"], each["indication"], each["level"], each["errors"]) for each in told["signatures"]]
        assert found == [
            (role, "TOTAL_PASSED", "PAdES-BASELINE-LTA", []) for role in ("kontaktman", "brukare", "enhetschef")
        ]
