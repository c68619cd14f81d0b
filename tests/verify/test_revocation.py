"""Which evidence of revocation counts, and for what."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import core
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import SignatureAlgorithmOID

from signatures.verify.revocation import Evidence, Status, status
from tests.attacks.evidence import special, usage
from tests.attacks.pki import (
    NOW,
    Holder,
    Kind,
    World,
    certify,
    ec_key,
    name,
    produced,
    revocation_list,
    signed_anew,
    status_response,
    world,
)

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def here() -> World:
    return world("Norrbro")


@pytest.fixture(scope="module")
def signer(here: World) -> Holder:
    return here.signer("Astrid Nyström", NOW)


def answer(holder: Holder, at: datetime, revoked_at: datetime | None = None) -> ocsp.OCSPResponse:
    return ocsp.load_der_ocsp_response(status_response(holder, at, revoked_at).dump())


def crl(issuer: Holder, at: datetime, *revoked: tuple[int, datetime]) -> x509.CertificateRevocationList:
    return x509.load_der_x509_crl(revocation_list(issuer, at, revoked).dump())


def asked(signer: Holder, here: World, *evidence: object, at: datetime = NOW, now: datetime = NOW + DAY) -> Status:
    lists = [e for e in evidence if isinstance(e, x509.CertificateRevocationList)]
    answers = [e for e in evidence if isinstance(e, ocsp.OCSPResponse)]
    return status(signer.cert, here.issuing.cert, at, Evidence(lists, answers, now)).status


def test_silence_is_unknown(signer: Holder, here: World) -> None:
    assert asked(signer, here) is Status.UNKNOWN


def test_either_kind_of_evidence_is_enough(signer: Holder, here: World) -> None:
    assert asked(signer, here, answer(signer, NOW)) is Status.GOOD
    assert asked(signer, here, crl(here.issuing, NOW)) is Status.GOOD


def test_one_revocation_outweighs_everything(signer: Holder, here: World) -> None:
    revoked = NOW - timedelta(minutes=1)
    serial = signer.cert.serial_number
    assert asked(signer, here, answer(signer, NOW, revoked), crl(here.issuing, NOW)) is Status.REVOKED
    assert asked(signer, here, answer(signer, NOW), crl(here.issuing, NOW, (serial, revoked))) is Status.REVOKED


def test_a_revocation_after_the_moment_does_not_reach_back(signer: Holder, here: World) -> None:
    later = NOW + timedelta(minutes=5)
    known = crl(here.issuing, NOW + timedelta(minutes=10), (signer.cert.serial_number, later))
    assert asked(signer, here, known, answer(signer, NOW)) is Status.GOOD
    assert asked(signer, here, known, at=later) is Status.REVOKED


def test_evidence_that_ended_before_the_moment_is_silent(signer: Holder, here: World) -> None:
    old = answer(signer, NOW - timedelta(hours=1)), crl(here.issuing, NOW - timedelta(days=9))
    assert asked(signer, here, *old) is Status.UNKNOWN


def test_evidence_made_a_little_later_counts(signer: Holder, here: World) -> None:
    assert asked(signer, here, answer(signer, NOW + timedelta(minutes=5))) is Status.GOOD


def ended(signer: Holder) -> datetime:
    return signer.cert.not_valid_after_utc


def remembering(made: x509.CertificateRevocationListBuilder, since: datetime) -> x509.CertificateRevocationListBuilder:
    """With expiredCertsOnCRL."""
    day = core.GeneralizedTime(since).dump()
    return made.add_extension(x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.60"), day), critical=False)


def test_silence_after_the_certificates_end_says_nothing(signer: Holder, here: World) -> None:
    """RFC 5280, 3.3: a revoked certificate leaves the list after its end."""
    last, later = ended(signer), ended(signer) + timedelta(hours=1)
    kept, forgotten = crl(here.issuing, last), crl(here.issuing, later)
    assert asked(signer, here, kept, now=later) is Status.GOOD
    assert asked(signer, here, forgotten, now=later) is Status.UNKNOWN
    assert asked(signer, here, forgotten, kept, now=later) is Status.GOOD, "a renewal's list takes nothing away"


def test_a_revocation_told_after_the_certificates_end_counts(signer: Holder, here: World) -> None:
    later, revoked = ended(signer) + timedelta(hours=1), NOW - timedelta(minutes=1)
    told = crl(here.issuing, later, (signer.cert.serial_number, revoked))
    assert asked(signer, here, told, crl(here.issuing, NOW), now=later) is Status.REVOKED


def test_a_list_that_remembers_ended_certificates_may_be_silent(signer: Holder, here: World) -> None:
    later = ended(signer) + timedelta(hours=1)
    made = a_list(here, made=later)
    long, short = (by(here, remembering(made, ended(signer) + d)) for d in (-DAY, timedelta(minutes=1)))
    assert asked(signer, here, long, now=later) is Status.GOOD
    assert asked(signer, here, short, now=later) is Status.UNKNOWN


def by_issuer(here: World, basic: asn1_ocsp.BasicOCSPResponse) -> ocsp.OCSPResponse:
    return ocsp.load_der_ocsp_response(signed_anew(basic, here.issuing.key).dump())


def later_answer(signer: Holder, here: World, cutoff: datetime | None) -> ocsp.OCSPResponse:
    """An answer made after the certificate's end, with an archive cutoff."""
    odd = status_response(signer, NOW)
    basic = odd["response_bytes"]["response"].parsed
    told = basic["tbs_response_data"]
    told["responses"][0]["this_update"] = ended(signer) + timedelta(hours=1)
    told["responses"][0]["next_update"] = ended(signer) + timedelta(hours=2)
    if cutoff is not None:
        told["responses"][0]["single_extensions"] = [{"extn_id": "archive_cutoff", "extn_value": cutoff}]
    return by_issuer(here, basic)


def test_good_said_after_the_certificates_end_counts_when_the_responder_remembers(signer: Holder, here: World) -> None:
    """RFC 6960, 4.4.4."""
    now = ended(signer) + DAY
    for cutoff, expected in (
        (None, Status.UNKNOWN),
        (ended(signer) - DAY, Status.GOOD),
        (ended(signer) + timedelta(minutes=1), Status.UNKNOWN),
    ):
        assert asked(signer, here, later_answer(signer, here, cutoff), now=now) is expected


def test_what_is_made_after_now_says_nothing_good(signer: Holder, here: World) -> None:
    ahead = NOW + timedelta(hours=2)
    assert asked(signer, here, answer(signer, ahead), crl(here.issuing, ahead), now=NOW) is Status.UNKNOWN
    told = crl(here.issuing, ahead, (signer.cert.serial_number, NOW - timedelta(minutes=1)))
    assert asked(signer, here, answer(signer, NOW), told, now=NOW) is Status.REVOKED


def test_another_issuers_evidence_is_no_evidence(signer: Holder, here: World) -> None:
    impostor = certify(here.issuing.cert.subject, ec_key(), None, Kind(ca=True))
    forged = Holder(signer.cert, signer.key, impostor)
    assert asked(signer, here, answer(forged, NOW), crl(impostor, NOW)) is Status.UNKNOWN


def by_responder(
    signer: Holder,
    here: World,
    *odd: x509.ExtensionType,
    appointed: bool = True,
    told: x509.ExtensionType | None = None,
    revoked_at: datetime | None = None,
    within: bool = True,
    knew: datetime = NOW,
    said: datetime = NOW,
    until: datetime | None = NOW + timedelta(minutes=30),
) -> tuple[ocsp.OCSPResponse, x509.Certificate]:
    """An answer by a responder of the issuer's, whose certificate lasts from a day before the moment to a day after.

    `odd` are critical extensions of the responder's certificate, which lies `within` the answer; `told` is one of the
    answer.
    """
    key = ec_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(name("Norrbro OCSP"))
        .issuer_name(here.issuing.cert.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + DAY)
    )
    if appointed:
        usage = x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.OCSP_SIGNING])
        builder = builder.add_extension(usage, critical=False)
    for each in odd:
        builder = builder.add_extension(each, critical=True)
    responder = builder.sign(here.issuing.key, hashes.SHA256())
    response = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=signer.cert,
            issuer=here.issuing.cert,
            algorithm=hashes.SHA1(),  # noqa: S303 - most responders name the issuer so
            cert_status=ocsp.OCSPCertStatus.REVOKED if revoked_at else ocsp.OCSPCertStatus.GOOD,
            this_update=knew,
            next_update=until,
            revocation_time=revoked_at,
            revocation_reason=None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, responder)
    )
    response = response.certificates([responder]) if within else response
    if told is not None:
        response = response.add_extension(told, critical=True)
    made = produced(response.sign(key, hashes.SHA256()), key, said)
    return ocsp.load_der_ocsp_response(made.dump()), responder


def test_a_responders_certificate_may_lie_beside_its_answer(signer: Holder, here: World) -> None:
    told, responder = by_responder(signer, here, revoked_at=NOW - DAY, within=False)
    good, cert = answer(signer, NOW), signer.cert
    beside = Evidence([], [told, good], NOW + DAY, [responder])
    assert status(cert, here.issuing.cert, NOW, beside).status is Status.REVOKED
    assert asked(signer, here, told, good) is Status.GOOD, "whose word it is, nobody can say"


def test_a_responder_that_nobody_can_read_makes_nobody_good(signer: Holder, here: World) -> None:
    party = x509.UnrecognizedExtension(x509.ExtensionOID.SUBJECT_ALTERNATIVE_NAME, bytes.fromhex("3006a504a1020c00"))
    told, responder = by_responder(signer, here, party, revoked_at=NOW - DAY, within=False)
    with pytest.raises(x509.UnsupportedGeneralNameType):
        _ = responder.extensions
    beside = Evidence([], [told, answer(signer, NOW)], NOW + DAY, [responder])
    assert status(signer.cert, here.issuing.cert, NOW, beside).status is Status.UNKNOWN


@pytest.mark.parametrize(("appointed", "expected"), [(True, Status.GOOD), (False, Status.UNKNOWN)])
def test_a_responder_must_be_appointed_by_the_issuer(
    appointed: bool, expected: Status, signer: Holder, here: World
) -> None:
    assert asked(signer, here, by_responder(signer, here, appointed=appointed)[0]) is expected


def a_list(
    here: World, *revoked: x509.RevokedCertificate, made: datetime = NOW, **told: bool
) -> x509.CertificateRevocationListBuilder:
    """A list by the issuing authority; `told` is what its issuing distribution point says, if any."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(here.issuing.cert.subject)
        .last_update(made - timedelta(minutes=5))
        .next_update(made + timedelta(days=7))
    )
    for each in revoked:
        builder = builder.add_revoked_certificate(each)
    if not told:
        return builder
    kinds = ("only_contains_user_certs", "only_contains_ca_certs", "indirect_crl", "only_contains_attribute_certs")
    flags = dict.fromkeys(kinds, False) | told
    point = x509.IssuingDistributionPoint(full_name=None, relative_name=None, only_some_reasons=None, **flags)
    return builder.add_extension(point, critical=True)


def test_a_list_that_ended_before_it_was_made_is_silent_about_everybody(signer: Holder, here: World) -> None:
    made = revocation_list(here.issuing, NOW + timedelta(hours=5), ())
    made["tbs_cert_list"]["next_update"] = asn1_x509.Time({"utc_time": NOW + timedelta(hours=1)})
    data = made["tbs_cert_list"].dump(force=True)
    made["signature"] = here.issuing.key.sign(data, ec.ECDSA(hashes.SHA256()))  # type: ignore[call-arg, arg-type]
    assert asked(signer, here, x509.load_der_x509_crl(made.dump(force=True))) is Status.UNKNOWN


def an_entry(serial: int, *more: x509.ExtensionType) -> x509.RevokedCertificate:
    made = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW - timedelta(hours=5))
    for each in more:
        made = made.add_extension(each, critical=isinstance(each, x509.CertificateIssuer))
    return made.build()


def by(here: World, made: x509.CertificateRevocationListBuilder) -> x509.CertificateRevocationList:
    return made.sign(here.issuing.key, hashes.SHA256())


def test_a_partial_list_is_silent_about_those_it_does_not_name(signer: Holder, here: World) -> None:
    delta = x509.DeltaCRLIndicator(1)
    assert asked(signer, here, by(here, a_list(here).add_extension(delta, critical=True))) is Status.UNKNOWN
    assert asked(signer, here, by(here, a_list(here, only_contains_ca_certs=True))) is Status.UNKNOWN
    assert asked(signer, here, by(here, a_list(here, only_contains_attribute_certs=True))) is Status.UNKNOWN
    assert asked(signer, here, by(here, a_list(here, only_contains_user_certs=True))) is Status.GOOD


def test_a_list_of_another_place_is_no_evidence(signer: Holder, here: World) -> None:
    at = [x509.UniformResourceIdentifier("http://127.0.0.1:9/other.crl")]
    limits = dict.fromkeys(("only_contains_user_certs", "only_contains_ca_certs", "indirect_crl"), False)
    point = x509.IssuingDistributionPoint(
        at, None, only_some_reasons=None, only_contains_attribute_certs=False, **limits
    )
    assert asked(signer, here, by(here, a_list(here).add_extension(point, critical=True))) is Status.UNKNOWN


def test_a_list_that_says_something_nobody_understands_is_not_used(signer: Holder, here: World) -> None:
    odd = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")
    assert asked(signer, here, by(here, a_list(here).add_extension(odd, critical=True))) is Status.UNKNOWN
    assert asked(signer, here, by(here, a_list(here).add_extension(odd, critical=False))) is Status.GOOD
    assert asked(signer, here, by(here, a_list(here, odd_entry(4711)))) is Status.UNKNOWN, "RFC 5280, 5.3"
    assert asked(signer, here, by(here, a_list(here, odd_entry(4711, critical=False)))) is Status.GOOD


def test_an_entry_about_another_issuers_certificate_is_not_about_ours(signer: Holder, here: World) -> None:
    others = x509.CertificateIssuer([x509.DirectoryName(here.root.cert.subject)])
    ours = x509.CertificateIssuer([x509.DirectoryName(here.issuing.cert.subject)])
    serial = signer.cert.serial_number
    good = answer(signer, NOW)
    assert asked(signer, here, good, by(here, a_list(here, an_entry(serial, others), indirect_crl=True))) is Status.GOOD
    lasting = a_list(here, an_entry(7, others), an_entry(serial), indirect_crl=True)
    assert asked(signer, here, good, by(here, lasting)) is Status.GOOD, "an issuer holds until another is named"
    back = a_list(here, an_entry(7, others), an_entry(serial, ours), indirect_crl=True)
    assert asked(signer, here, good, by(here, back)) is Status.REVOKED


def test_a_revocation_that_was_lifted_is_none(signer: Holder, here: World) -> None:
    lifted = an_entry(signer.cert.serial_number, x509.CRLReason(x509.ReasonFlags.remove_from_crl))
    delta = a_list(here, lifted).add_extension(x509.DeltaCRLIndicator(1), critical=True)
    assert asked(signer, here, answer(signer, NOW), by(here, delta)) is Status.GOOD


def test_a_list_that_says_both_revokes(signer: Holder, here: World) -> None:
    serial = signer.cert.serial_number
    lifted = an_entry(serial, x509.CRLReason(x509.ReasonFlags.remove_from_crl))
    assert asked(signer, here, by(here, a_list(here, lifted, an_entry(serial)))) is Status.REVOKED
    assert asked(signer, here, by(here, a_list(here, an_entry(serial), lifted))) is Status.REVOKED


@pytest.mark.parametrize(
    ("reason", "then", "expected"),
    [
        ("certificate_hold", timedelta(hours=-1), Status.GOOD),
        ("certificate_hold", timedelta(hours=1), Status.UNKNOWN),
        ("key_compromise", timedelta(hours=-1), Status.REVOKED),
    ],
)
def test_a_hold_ends_with_a_newer_list_without_it(
    reason: str, then: timedelta, expected: Status, signer: Holder, here: World
) -> None:
    """One made before the moment. By a later one it may have ended before or after."""
    held = an_entry(signer.cert.serial_number, x509.CRLReason(x509.ReasonFlags[reason]))
    old = by(here, a_list(here, held, made=NOW - timedelta(hours=4)))
    assert asked(signer, here, old) is Status.REVOKED
    assert asked(signer, here, old, crl(here.issuing, NOW + then)) is expected


def test_a_list_counts_only_by_an_authority_whose_key_is_for_lists(here: World) -> None:
    """RFC 5280 §6.3.3 (f); one that says nothing of what its key is for may."""
    certifies = x509.BasicConstraints(ca=True, path_length=None)
    for may, expected in (
        ((certifies, usage("key_cert_sign")), Status.UNKNOWN),
        ((certifies, usage("key_cert_sign", "crl_sign")), Status.GOOD),
        ((certifies,), Status.GOOD),
    ):
        authority = special(name("Norrbro Issuing CA III"), here.root, *may)
        signer = certify(name("Astrid Nyström"), ec_key(), authority, Kind(signer=True))
        listed = Evidence([crl(authority, NOW)], [], NOW + DAY)
        assert status(signer.cert, authority.cert, NOW, listed).status is expected


def held(here: World, signer: Holder, hours: int) -> x509.CertificateRevocationList:
    entry = an_entry(signer.cert.serial_number, x509.CRLReason(x509.ReasonFlags.certificate_hold))
    return by(here, a_list(here, entry, made=NOW + timedelta(hours=hours)))


def removed(here: World, signer: Holder, hours: int, *, delta: bool = True) -> x509.CertificateRevocationList:
    entry = an_entry(signer.cert.serial_number, x509.CRLReason(x509.ReasonFlags.remove_from_crl))
    made = a_list(here, entry, made=NOW + timedelta(hours=hours))
    return by(here, made.add_extension(x509.DeltaCRLIndicator(1), critical=True) if delta else made)


def test_a_hold_that_a_delta_lifts_is_neither_good_nor_revoked_until_it_is_shown(signer: Holder, here: World) -> None:
    good = answer(signer, NOW)
    assert asked(signer, here, held(here, signer, -4), removed(here, signer, -2)) is Status.UNKNOWN
    assert asked(signer, here, held(here, signer, -2), removed(here, signer, -4)) is Status.REVOKED
    assert asked(signer, here, held(here, signer, -4), removed(here, signer, -2), good) is Status.GOOD
    early = answer(signer, NOW - timedelta(hours=5))
    assert asked(signer, here, early, held(here, signer, -4), removed(here, signer, -2)) is Status.UNKNOWN


def test_a_hold_that_is_told_after_the_moment_lasted_over_it(signer: Holder, here: World) -> None:
    assert asked(signer, here, held(here, signer, 2), removed(here, signer, 4)) is Status.REVOKED
    assert asked(signer, here, held(here, signer, 2), crl(here.issuing, NOW + timedelta(hours=4))) is Status.REVOKED


def test_of_a_hold_that_is_only_known_to_be_lifted_later_nobody_knows_how_long_it_was(
    signer: Holder, here: World
) -> None:
    assert asked(signer, here, answer(signer, NOW), removed(here, signer, 2)) is Status.UNKNOWN
    assert asked(signer, here, held(here, signer, -4), removed(here, signer, 2)) is Status.UNKNOWN


def test_a_whole_list_takes_nothing_out(signer: Holder, here: World) -> None:
    assert asked(signer, here, answer(signer, NOW), removed(here, signer, -2, delta=False)) is Status.UNKNOWN


INDEX = """[ca]
default_ca = here
[here]
database = index.txt
crlnumber = number.txt
default_md = sha256
default_crl_days = 30
private_key = key.pem
certificate = cert.pem
"""


@pytest.fixture(scope="module")
def by_openssl(tmp_path_factory: pytest.TempPathFactory) -> tuple[x509.Certificate, bytes, bytes]:
    """An authority with an RSA key, and an answer and a list about its own certificate, both signed with RSA-PSS."""
    folder, key = tmp_path_factory.mktemp("pss"), rsa.generate_private_key(65537, 2048)
    start = x509.CertificateBuilder().subject_name(name("PSS")).issuer_name(name("PSS")).serial_number(7)
    days = start.not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
    cert = days.public_key(key.public_key()).sign(key, hashes.SHA256())
    (folder / "cert.pem").write_bytes(cert.public_bytes(Encoding.PEM))
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(secret)
    (folder / "ca.cnf").write_text(INDEX)
    (folder / "number.txt").write_text("01\n")
    (folder / "index.txt").write_text("V\t21000101000000Z\t\t07\tunknown\t/CN=PSS\n")
    told = "-index index.txt -CA cert.pem -rsigner cert.pem -rkey key.pem -issuer cert.pem -serial 7 -rmd sha384"
    for line in (
        f"ocsp {told} -rsigopt rsa_padding_mode:pss -ndays 30 -no_nonce -respout answer",
        "ca -config ca.cnf -gencrl -sigopt rsa_padding_mode:pss -out list",
    ):
        subprocess.run(["openssl", *line.split()], cwd=folder, check=True, capture_output=True)
    return cert, (folder / "answer").read_bytes(), (folder / "list").read_bytes()


def test_answers_and_lists_may_be_signed_with_rsa_pss(by_openssl: tuple[x509.Certificate, bytes, bytes]) -> None:
    cert, answered, listed = by_openssl
    told, revoked = ocsp.load_der_ocsp_response(answered), x509.load_pem_x509_crl(listed)
    assert told.signature_algorithm_oid == revoked.signature_algorithm_oid == SignatureAlgorithmOID.RSASSA_PSS
    at = revoked.last_update_utc
    for evidence in (Evidence([], [told], at + DAY), Evidence([revoked], [], at + DAY)):
        assert status(cert, cert, at, evidence).status is Status.GOOD


def test_an_answer_with_another_s_rsa_pss_is_none(by_openssl: tuple[x509.Certificate, bytes, bytes]) -> None:
    cert, answered, _ = by_openssl
    whole = asn1_ocsp.OCSPResponse.load(answered)
    at = ocsp.load_der_ocsp_response(answered).produced_at_utc
    basic = whole.basic_ocsp_response
    for change in ("signature", "salt_length", "hash_algorithm"):
        altered = basic.copy()
        if change == "signature":
            altered["signature"] = bytes(reversed(basic["signature"].native))
        elif change == "salt_length":
            altered["signature_algorithm"]["parameters"]["salt_length"] = 1
        else:
            altered["signature_algorithm"]["parameters"]["hash_algorithm"] = {"algorithm": "sha256"}
        made = asn1_ocsp.OCSPResponse(
            {
                "response_status": "successful",
                "response_bytes": {
                    "response_type": "basic_ocsp_response",
                    "response": core.ParsableOctetString(altered.dump(force=True)),
                },
            }
        )
        loaded = ocsp.load_der_ocsp_response(made.dump())
        assert status(cert, cert, at, Evidence([], [loaded], at + DAY)).status is Status.UNKNOWN, change


def test_an_authority_on_a_curve_of_edwards_is_heard(here: World) -> None:
    for key in (ed25519.Ed25519PrivateKey.generate(), ed448.Ed448PrivateKey.generate()):
        authority = Holder(here.issuing.cert, key)
        start = (
            x509.CertificateBuilder()
            .subject_name(here.issuing.cert.subject)
            .issuer_name(here.issuing.cert.subject)
            .public_key(key.public_key())
            .serial_number(1)
        )
        cert = start.not_valid_before(NOW - DAY).not_valid_after(NOW + DAY).sign(key, None)
        made = a_list(here).sign(authority.key, None)
        assert status(cert, cert, NOW, Evidence([made], [], NOW)).status is Status.GOOD


def test_a_responder_that_was_revoked_answers_no_more(signer: Holder, here: World) -> None:
    response, responder = by_responder(signer, here)
    assert asked(signer, here, response) is Status.GOOD
    delta = a_list(here, an_entry(responder.serial_number)).add_extension(x509.DeltaCRLIndicator(1), critical=True)
    assert asked(signer, here, response, by(here, delta)) is Status.UNKNOWN


def test_a_responder_that_its_authority_calls_revoked_in_an_answer_answers_no_more(signer: Holder, here: World) -> None:
    response, responder = by_responder(signer, here)
    about = Holder(responder, ec_key(), here.issuing)
    assert asked(signer, here, response, answer(about, NOW)) is Status.GOOD
    assert asked(signer, here, response, answer(about, NOW, NOW - DAY)) is Status.UNKNOWN
    assert asked(signer, here, response, answer(about, NOW, NOW + DAY)) is Status.UNKNOWN, "whenever it was revoked"


ODD = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")


@pytest.mark.parametrize(
    ("odd", "told", "expected"),
    [
        ((usage("digital_signature"),), x509.OCSPNonce(b"12345678"), Status.GOOD),
        ((usage("key_encipherment"),), None, Status.UNKNOWN),
        ((ODD,), None, Status.UNKNOWN),
        ((), ODD, Status.UNKNOWN),
    ],
)
def test_an_answer_or_responder_that_says_something_nobody_understands_is_not_used(
    odd: tuple[x509.ExtensionType, ...],
    told: x509.ExtensionType | None,
    expected: Status,
    signer: Holder,
    here: World,
) -> None:
    assert asked(signer, here, by_responder(signer, here, *odd, told=told)[0]) is expected


def odd_entry(serial: int, *, critical: bool = True) -> x509.RevokedCertificate:
    made = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW - timedelta(hours=5))
    return made.add_extension(ODD, critical=critical).build()


def odd_answer(signer: Holder, here: World, revoked: datetime | None) -> ocsp.OCSPResponse:
    """With a critical extension of what it says of the certificate."""
    basic = status_response(signer, NOW, revoked).basic_ocsp_response
    odd = {"extn_id": "1.2.3.4.5", "critical": True, "extn_value": core.ParsableOctetString(b"\x05\x00")}
    basic["tbs_response_data"]["responses"][0]["single_extensions"] = [odd]
    return by_issuer(here, basic)


def weak_answer(signer: Holder, here: World, revoked: datetime | None) -> ocsp.OCSPResponse:
    """Signed by SHA-1."""
    whole = status_response(signer, NOW, revoked)
    basic = whole["response_bytes"]["response"].parsed
    data, basic["signature_algorithm"] = basic["tbs_response_data"].dump(), {"algorithm": "sha1_ecdsa"}
    basic["signature"] = here.issuing.key.sign(data, ec.ECDSA(hashes.SHA1()))  # type: ignore[call-arg, arg-type]  # noqa: S303
    return ocsp.load_der_ocsp_response(whole.dump(force=True))


def weak_list(here: World, *revoked: tuple[int, datetime]) -> x509.CertificateRevocationList:
    """Signed by SHA-1."""
    made = revocation_list(here.issuing, NOW, revoked)
    made["tbs_cert_list"]["signature"] = made["signature_algorithm"] = {"algorithm": "sha1_ecdsa"}
    data = made["tbs_cert_list"].dump(force=True)
    made["signature"] = here.issuing.key.sign(data, ec.ECDSA(hashes.SHA1()))  # type: ignore[call-arg, arg-type]  # noqa: S303
    return x509.load_der_x509_crl(made.dump(force=True))


def test_a_revocation_told_by_what_may_not_be_used_leaves_it_unknown(signer: Holder, here: World) -> None:
    """Not good, whatever else is good; and what does not name the certificate takes nothing from the others."""
    serial, before = signer.cert.serial_number, NOW - timedelta(hours=1)
    good = answer(signer, NOW), crl(here.issuing, NOW)
    assert asked(signer, here, *good) is Status.GOOD
    for unusable, silent in (
        (
            by(here, a_list(here, an_entry(serial)).add_extension(ODD, critical=True)),
            by(here, a_list(here, an_entry(4711)).add_extension(ODD, critical=True)),
        ),
        (by(here, a_list(here, odd_entry(serial))), by(here, a_list(here, odd_entry(4711)))),
        (by(here, a_list(here, odd_entry(4711), an_entry(serial))), by(here, a_list(here, odd_entry(4711)))),
        (weak_list(here, (serial, before)), weak_list(here)),
        (weak_answer(signer, here, before), weak_answer(signer, here, None)),
        (odd_answer(signer, here, before), odd_answer(signer, here, None)),
        (
            by_responder(signer, here, ODD, revoked_at=before)[0],
            by_responder(signer, here, ODD)[0],
        ),
        (
            by_responder(signer, here, revoked_at=before, said=NOW + 2 * DAY)[0],
            by_responder(signer, here, said=NOW + 2 * DAY)[0],
        ),
    ):
        assert asked(signer, here, unusable, *good) is Status.UNKNOWN
        assert asked(signer, here, silent) is Status.UNKNOWN
        assert asked(signer, here, silent, *good) is Status.GOOD


def test_a_list_by_a_key_that_is_not_for_lists_makes_nobody_good_that_it_names(here: World) -> None:
    may = (x509.BasicConstraints(ca=True, path_length=None), usage("key_cert_sign"))
    authority = special(name("Norrbro Issuing CA III"), here.root, *may)
    signer = certify(name("Astrid Nyström"), ec_key(), authority, Kind(signer=True))
    told = crl(authority, NOW, (signer.cert.serial_number, NOW - DAY))
    for lists, expected in (([], Status.GOOD), ([told], Status.UNKNOWN)):
        assert status(signer.cert, authority.cert, NOW, Evidence(lists, [answer(signer, NOW)], NOW)).status is expected


@pytest.mark.parametrize(
    ("said", "knew", "until", "expected"),
    [
        (timedelta(), timedelta(hours=-30), DAY, Status.GOOD),  # known by an older certificate of the responder
        (timedelta(), timedelta(minutes=4), DAY, Status.GOOD),
        (timedelta(), timedelta(minutes=6), DAY, Status.UNKNOWN),
        (timedelta(hours=-25), timedelta(hours=-25), DAY, Status.UNKNOWN),
        (timedelta(hours=25), timedelta(), DAY, Status.UNKNOWN),
        (timedelta(hours=13), timedelta(), DAY, Status.UNKNOWN),
        (DAY / 2, DAY / 2, timedelta(hours=11), Status.UNKNOWN),
    ],
)
def test_a_responder_answers_within_its_certificates_life_and_not_after_now(
    said: timedelta, knew: timedelta, until: timedelta, expected: Status, signer: Holder, here: World
) -> None:
    """Its certificate lasts from 24 hours before the moment to 24 hours after it; now is 12 hours after it."""
    told, _ = by_responder(signer, here, said=NOW + said, knew=NOW + knew, until=NOW + until)
    assert asked(signer, here, told, now=NOW + DAY / 2) is expected


def test_a_responder_answers_nothing_after_its_certificates_end(signer: Holder, here: World) -> None:
    minute, until, later = timedelta(minutes=1), NOW + 3 * DAY, NOW + 2 * DAY
    for said, knew, expected in (
        (DAY - minute, DAY - minute, Status.GOOD),
        (DAY - minute, DAY + minute, Status.UNKNOWN),
        (DAY + minute, DAY - minute, Status.UNKNOWN),
    ):
        about = Holder(special(name("Astrid Nyström"), here.issuing).cert, ec_key(), here.issuing)
        told, _ = by_responder(about, here, said=NOW + said, knew=NOW + knew, until=until)
        assert asked(about, here, told, now=later) is expected


def test_an_answer_from_the_end_of_the_calendar_says_nothing_good(signer: Holder, here: World) -> None:
    last = datetime(9999, 12, 31, 23, 50, tzinfo=UTC)
    told = status_response(signer, NOW).basic_ocsp_response
    single = told["tbs_response_data"]["responses"][0]
    single["this_update"], single["next_update"] = last, None
    assert asked(signer, here, by_issuer(here, told)) is Status.UNKNOWN
    assert asked(signer, here, answer(signer, NOW), now=datetime.max.replace(tzinfo=UTC)) is Status.GOOD


def doubted(signer: Holder, here: World, since: datetime) -> tuple[x509.CertificateRevocationList, ocsp.OCSPResponse]:
    """A list and an answer by which the certificate was revoked after the moment, and its key is doubted since then."""
    revoked = NOW + timedelta(minutes=5)
    start = x509.RevokedCertificateBuilder().serial_number(signer.cert.serial_number).revocation_date(revoked)
    entry = start.add_extension(x509.InvalidityDate(since), critical=False).build()
    odd = status_response(signer, NOW, revoked)
    basic = odd["response_bytes"]["response"].parsed
    extension = {"extn_id": "invalidity_date", "extn_value": since}
    basic["tbs_response_data"]["responses"][0]["single_extensions"] = [extension]
    return by(here, a_list(here, entry, made=NOW + timedelta(minutes=10))), by_issuer(here, basic)


def test_a_key_that_is_doubted_since_before_the_moment_is_neither_good_nor_revoked(signer: Holder, here: World) -> None:
    """RFC 5280, 5.3.2: the invalidity date may be earlier than the revocation."""
    for before, expected in ((timedelta(minutes=30), Status.UNKNOWN), (timedelta(minutes=-2), Status.GOOD)):
        for told in doubted(signer, here, NOW - before):
            assert asked(signer, here, answer(signer, NOW), told) is expected
            assert asked(signer, here, answer(signer, NOW), told, at=NOW + timedelta(minutes=5)) is Status.REVOKED


def test_what_cannot_be_read_takes_nothing_from_what_can(signer: Holder, here: World) -> None:
    known, unknown = bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06082a8648ce3d04030a")
    odd = ocsp.load_der_ocsp_response(status_response(signer, NOW).dump().replace(known, unknown))
    odd_list = x509.load_der_x509_crl(revocation_list(here.issuing, NOW, ()).dump().replace(known, unknown))
    assert asked(signer, here, odd, odd_list) is Status.UNKNOWN
    assert asked(signer, here, odd, odd_list, answer(signer, NOW)) is Status.GOOD


def test_an_answer_that_names_its_certificate_in_an_unknown_way_is_no_answer(signer: Holder, here: World) -> None:
    odd = status_response(signer, NOW)
    basic = odd["response_bytes"]["response"].parsed
    told = basic["tbs_response_data"]
    told["responses"][0]["cert_id"]["hash_algorithm"]["algorithm"] = "1.2.3.4"
    assert asked(signer, here, by_issuer(here, basic)) is Status.UNKNOWN


def test_a_list_with_an_entry_that_cannot_be_read_makes_nobody_good(signer: Holder, here: World) -> None:
    """Reason 7 is none (RFC 5280 §5.3.1); an earlier list that is silent does not make up for the one that is not."""
    no_reason = x509.UnrecognizedExtension(x509.CRLReason.oid, b"\x0a\x01\x07")

    def entry(serial: int, *odd: x509.UnrecognizedExtension) -> x509.RevokedCertificate:
        made = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW - timedelta(hours=2))
        for each in odd:
            made = made.add_extension(each, critical=False)
        return made.build()

    mine = signer.cert.serial_number
    silent = by(here, a_list(here, made=NOW - DAY))
    assert asked(signer, here, silent) is Status.GOOD
    assert asked(signer, here, silent, by(here, a_list(here, entry(mine, no_reason)))) is Status.UNKNOWN
    told = by(here, a_list(here, entry(4711, no_reason), entry(mine)))
    assert asked(signer, here, silent, told) is not Status.GOOD
