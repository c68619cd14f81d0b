"""The local authority: what its certificates say, what they never say, and that openssl agrees."""

from __future__ import annotations

import subprocess
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from signatures.authentication_context import AUTHENTICATION_CONTEXT
from signatures.authority import create_issuer
from signatures.backends import generate_key
from signatures.errors import IdentityRefused, IssuerUnavailable
from signatures.identity import IdType, Person, TestIdentityProvider
from signatures.issuer import Issued, Issuer, KeyPool, Revoked
from signatures.names import common_name
from signatures.pades import sign
from signatures.tsa import LocalTimestamper

from .keys import openssl_agrees
from .plans import NOW, PASSPHRASE, PEOPLE, base, evidence, issuer, request


@pytest.fixture(scope="module")
def brukare() -> x509.Certificate:
    return issuer().issue(evidence("brukare", base()), NOW)[1]


def said(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    return str(name.get_attributes_for_oid(oid)[0].value)


def openssl(*arguments: str) -> str:
    return subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=True).stdout


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def test_openssl_follows_the_chain_with_both_lists(tmp_path: Path, brukare: x509.Certificate):
    (tmp_path / "root.pem").write_bytes(issuer().trust_pem())
    (tmp_path / "issuing.pem").write_bytes(pem(issuer().issuing))
    (tmp_path / "leaf.pem").write_bytes(pem(brukare))
    lists = [x509.load_der_x509_crl(each) for each in (issuer().crl(NOW), issuer().root_crl(NOW))]
    (tmp_path / "crls.pem").write_bytes(b"".join(each.public_bytes(serialization.Encoding.PEM) for each in lists))
    verified = openssl(
        *("verify", "-crl_check_all", "-x509_strict", "-attime", str(int(NOW.timestamp()))),
        *("-CAfile", f"{tmp_path}/root.pem", "-untrusted", f"{tmp_path}/issuing.pem"),
        *("-CRLfile", f"{tmp_path}/crls.pem", f"{tmp_path}/leaf.pem"),
    )
    assert verified.strip().endswith("OK")


def test_openssl_reads_the_answer(tmp_path: Path, brukare: x509.Certificate):
    (tmp_path / "answer.der").write_bytes(issuer().ocsp(brukare, NOW))
    (tmp_path / "root.pem").write_bytes(issuer().trust_pem())
    (tmp_path / "issuing.pem").write_bytes(pem(issuer().issuing))
    (tmp_path / "leaf.pem").write_bytes(pem(brukare))
    told = openssl(
        *("ocsp", "-respin", f"{tmp_path}/answer.der", "-issuer", f"{tmp_path}/issuing.pem", "-sha256"),
        *(
            "-cert",
            f"{tmp_path}/leaf.pem",
            "-CAfile",
            f"{tmp_path}/root.pem",
            "-verify_other",
            f"{tmp_path}/issuing.pem",
        ),
        *("-no_nonce", "-attime", str(int(NOW.timestamp())), "-validity_period", "999999999"),
    )
    assert "leaf.pem: good" in told


def test_the_answer_ends_before_the_certificate(brukare: x509.Certificate):
    for now in (NOW, brukare.not_valid_after_utc - timedelta(minutes=1)):
        answer = ocsp.load_der_ocsp_response(issuer().ocsp(brukare, now))
        assert answer.next_update_utc is not None
        assert answer.this_update_utc == now
        assert answer.next_update_utc <= min(brukare.not_valid_after_utc, now + timedelta(hours=1))
        assert answer.certificate_status is ocsp.OCSPCertStatus.GOOD


def test_the_certificate_has_expired_a_year_on(brukare: x509.Certificate):
    assert brukare.not_valid_before_utc <= NOW < brukare.not_valid_after_utc < NOW + timedelta(days=365)
    usage = brukare.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.content_commitment
    assert not usage.digital_signature


def test_a_personal_number_is_nowhere_in_the_certificate(brukare: x509.Certificate):
    der = brukare.public_bytes(serialization.Encoding.DER)
    number = PEOPLE["brukare"].id_value
    for spelling in (number, number[2:], f"{number[:8]}-{number[8:]}", f"{number[2:8]}-{number[8:]}"):
        assert spelling.encode() not in der
    assert said(brukare.subject, NameOID.COMMON_NAME) == "Åsa Öberg Łukasiewicz"
    assert said(brukare.subject, NameOID.SERIAL_NUMBER).startswith("REF-")


def test_the_reference_is_another_for_each_act():
    first, second = (issuer().issue(evidence("brukare", base()), NOW)[1] for _ in range(2))
    assert said(first.subject, NameOID.SERIAL_NUMBER) != said(second.subject, NameOID.SERIAL_NUMBER)
    assert first.public_key() != second.public_key()


def test_staff_are_known_by_their_hsa_id():
    _, certificate = issuer().issue(evidence("kontaktman", base()), NOW)
    assert said(certificate.subject, NameOID.SERIAL_NUMBER) == PEOPLE["kontaktman"].id_value


def test_staff_whose_identifier_a_certificate_cannot_write_have_a_reference():
    known = replace(evidence("kontaktman", base()), id_type=IdType.ORG_ID, id_value="emma.sjoo@2120001234")
    _, certificate = issuer().issue(known, NOW)
    assert said(certificate.subject, NameOID.SERIAL_NUMBER).startswith("REF-")


def test_the_evidence_is_bound_by_its_hash():
    proof = evidence("brukare", base())
    _, certificate = issuer().issue(proof, NOW)
    extension = certificate.extensions.get_extension_for_oid(AUTHENTICATION_CONTEXT).value
    assert isinstance(extension, x509.UnrecognizedExtension)
    contexts = core.SequenceOf.load(extension.value, spec=core.Sequence).native
    kind, info = contexts[0].values()
    assert kind == "http://id.elegnamnden.se/auth-cont/1.0/saci"
    assert f"sha256:{proof.digest()}" in info
    assert 'IdentityProvider="test"' in info
    assert "2026-03-02T09:00:00Z" in info
    assert PEOPLE["brukare"].id_value not in info


def test_a_test_says_so_in_every_certificate(brukare: x509.Certificate):
    for certificate in (issuer().root, issuer().issuing, issuer().tsa, brukare):
        assert certificate is not None
        assert said(certificate.subject, NameOID.ORGANIZATION_NAME) == "TEST Norrbro kommun"
        assert said(certificate.issuer, NameOID.COMMON_NAME).startswith("TEST ")


def test_the_time_stamp_unit_lasts_ten_years_and_does_nothing_else():
    unit = issuer().tsa
    assert unit is not None
    assert unit.not_valid_after_utc - NOW > timedelta(days=3640)
    usage = unit.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert (usage.critical, list(usage.value)) == (True, [ExtendedKeyUsageOID.TIME_STAMPING])


@pytest.fixture(scope="module")
def real() -> Issuer:
    return Issuer.load(create_issuer(NOW, "Norrbro kommun", test=False, passphrase=PASSPHRASE), PASSPHRASE)


def test_a_real_workspace_has_no_test_identities_and_no_local_time(real: Issuer):
    assert real.tsa is None
    assert "TEST" not in real.root.subject.rfc4514_string()
    with pytest.raises(IdentityRefused) as caught:
        real.issue(evidence("kontaktman", base()), NOW)
    assert caught.value.code == "testidentitet"
    with pytest.raises(IdentityRefused):
        TestIdentityProvider(test=False)
    with pytest.raises(Exception, match="only in a test workspace"):
        LocalTimestamper(real)


def test_keys_open_with_their_passphrase_alone():
    material = create_issuer(NOW, "Norrbro kommun", test=False, passphrase=PASSPHRASE)
    assert b"ENCRYPTED" in material.root_key
    assert b"ENCRYPTED" in material.issuing_key
    assert PASSPHRASE.decode() not in repr(material)
    assert "PRIVATE" not in repr(material)
    with pytest.raises(IssuerUnavailable) as caught:
        Issuer.load(material, b"wrong")
    assert caught.value.code == "fel_losenord"
    with pytest.raises(IssuerUnavailable) as caught:
        Issuer.load(replace(material, root_cert=b"rubbish"), PASSPHRASE)
    assert caught.value.code == "trasigt_material"


def test_an_issuer_whose_keys_are_rsa_signs_and_openssl_follows_it(tmp_path: Path):
    with patch("signatures.authority.generate_authority_key", generate_key):
        material = create_issuer(NOW - timedelta(days=1), "Norrbro kommun", test=True, passphrase=PASSPHRASE)
    by = Issuer.load(material, PASSPHRASE)
    assert isinstance(by.root.public_key(), rsa.RSAPublicKey)
    signed = sign(base(), request("brukare", NOW), by, LocalTimestamper(by))
    assert openssl_agrees(signed, tmp_path, by)


def test_nothing_is_issued_that_outlives_the_issuer():
    late = issuer().issuing.not_valid_after_utc - timedelta(days=30)
    with pytest.raises(IssuerUnavailable) as caught:
        issuer().issue(evidence("kontaktman", base(), late), late)
    assert caught.value.code == "utgiven_for_kort"


def test_each_certificate_is_logged_with_its_evidence_before_it_can_be_used():
    logged: list[Issued] = []
    by = replace(issuer(), log=logged.append)
    proof = evidence("kontaktman", base())
    _, certificate = by.issue(proof, NOW)
    print_ = certificate.fingerprint(hashes.SHA256()).hex()
    assert logged == [Issued(certificate.serial_number, print_, proof.digest(), NOW)]

    def full(_: Issued) -> None:
        raise OSError("no room in the trail")

    with pytest.raises(OSError, match="no room"):
        replace(issuer(), log=full).issue(proof, NOW)


def test_a_revoked_certificate_is_on_the_list_and_answered_for(tmp_path: Path):
    _, certificate = issuer().issue(evidence("kontaktman", base()), NOW)
    gone = Revoked(certificate.serial_number, NOW + timedelta(hours=1), x509.ReasonFlags.key_compromise)
    by = replace(issuer(), revoked=(gone,))
    (tmp_path / "list.der").write_bytes(by.crl(NOW + timedelta(hours=2)))
    told = openssl("crl", "-inform", "DER", "-in", f"{tmp_path}/list.der", "-noout", "-text")
    assert f"{certificate.serial_number:X}" in told
    assert "Key Compromise" in told
    assert len(x509.load_der_x509_crl(issuer().crl(NOW))) == 0
    answer = ocsp.load_der_ocsp_response(by.ocsp(certificate, NOW + timedelta(hours=2)))
    assert answer.certificate_status is ocsp.OCSPCertStatus.REVOKED
    assert answer.revocation_time_utc == gone.at
    assert answer.revocation_reason is x509.ReasonFlags.key_compromise


def test_a_pool_is_filled_while_nobody_waits():
    made: list[int] = []

    def make() -> rsa.RSAPrivateKey:
        made.append(threading.get_ident())
        return rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - not for signing

    pool = KeyPool(2, make)
    with pool.kept_full():
        assert pool.wait_until_full(10)
        taken = [pool(), pool()]
        assert pool.wait_until_full(10)
        taken.append(pool())
        assert len({key.public_key().public_numbers().n for key in taken}) == 3
        assert threading.get_ident() not in made, "no key was made by the one who takes it"
        assert pool.wait_until_full(10)
    pool()
    assert made[-1] == threading.get_ident(), "the keys left over were dropped"


def test_a_pool_gives_each_key_once():
    made: list[rsa.RSAPrivateKey] = []

    def make() -> rsa.RSAPrivateKey:
        made.append(rsa.generate_private_key(public_exponent=65537, key_size=1024))  # noqa: S505 - not for signing
        return made[-1]

    pool = KeyPool(2, make)
    pool.fill()
    assert len(made) == 2
    taken = [pool(), pool(), pool()]
    assert taken == made
    assert len({id(key) for key in taken}) == 3


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Åsa  Öberg", "Åsa Öberg"),
        ("A\u030asa", "Åsa"),
        ("Anna " * 12 + "Bo", "Anna " * 12 + "Bo"),
        ("Anna " * 13 + "Bo", ("Anna " * 13).strip()),
        ("x" * 80, "x" * 64),
    ],
)
def test_long_names_are_cut_between_words(name: str, short: str):
    assert common_name(name) == short
    assert len(short) <= 64


def test_evidence_is_whole_or_refused():
    proof = evidence("brukare", base())
    assert proof.canonical() == evidence_again(proof).canonical()
    assert PEOPLE["brukare"].id_value not in repr(proof)
    for changed, code in (
        ({"nonce": "short"}, "fel_bindning"),
        ({"nonce": "f" * 32}, "fel_bindning"),
        ({"bound": {"nonce": proof.nonce}}, "ofullstandigt_underlag"),
        ({"at": datetime(2026, 3, 2, 9)}, "ofullstandigt_underlag"),  # noqa: DTZ001 - what is refused
        ({"name": " "}, "inget_namn"),
    ):
        with pytest.raises(IdentityRefused) as caught:
            replace(proof, **changed)
        assert caught.value.code == code


def evidence_again(proof: object) -> object:
    return replace(proof)  # type: ignore[type-var]


def test_two_acts_are_two_transactions():
    person = Person(IdType.HSA_ID, "SE1", "Kim Ek")
    first, second = (evidence("kontaktman", base(), person=person) for _ in range(2))
    assert first.nonce != second.nonce
    assert first.transaction_id != second.transaction_id
    assert first.transaction_id.startswith("TEST-")


def test_the_roots_list_is_one_for_the_hour_and_never_from_before_what_it_covers():
    early = NOW.replace(minute=5)
    first, later, next_hour = (issuer().root_crl(early + timedelta(minutes=m)) for m in (0, 40, 60))
    assert first == later != next_hour
    assert x509.load_der_x509_crl(next_hour).last_update_utc == NOW.replace(minute=0) + timedelta(hours=1)
    material = create_issuer(NOW.replace(minute=30), "Nyss", test=True, passphrase=PASSPHRASE)
    new = Issuer.load(material, PASSPHRASE)
    began = max(new.issuing.not_valid_before_utc, new.root.not_valid_before_utc)
    assert x509.load_der_x509_crl(new.root_crl(NOW.replace(minute=50))).last_update_utc >= began > NOW.replace(minute=0)
