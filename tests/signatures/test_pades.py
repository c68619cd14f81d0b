"""Signing and sealing: every stage whole, every refusal by its code, and other people's tools agree."""

from __future__ import annotations

import asyncio
import hashlib
import io
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import cms
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, ModificationLevel
from pyhanko.sign.validation.ades import simulate_future_ades_lta_validation
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from signatures.backends import as_asn1
from signatures.errors import SignatureError
from signatures.fields import prepare
from signatures.identity import IdType, Person, TestIdentityProvider
from signatures.pades import seal, sign
from signatures.tsa import LocalTimestamper

from .plans import LATIN, NOW, PEOPLE, ROLES, base, evidence, issuer, plan, request, sealed, specs, stages


def stamps() -> LocalTimestamper:
    return LocalTimestamper(issuer())


def embedded(pdf: bytes) -> list[EmbeddedPdfSignature]:
    return list(PdfFileReader(io.BytesIO(pdf)).embedded_signatures)


def covered(pdf: bytes, signature: EmbeddedPdfSignature) -> bytes:
    start, length, second, rest = signature.byte_range
    return pdf[start : start + length] + pdf[second : second + rest]


def refused(pdf: bytes, role: str, **changed: object) -> str:
    with pytest.raises(SignatureError) as caught:
        sign(pdf, request(role, NOW, **changed), issuer(), stamps())
    return caught.value.code


def policy() -> PdfSignatureValidationSpec:
    trust = SimpleTrustManager.build(trust_roots=[as_asn1(issuer().root)])
    return PdfSignatureValidationSpec(
        SignatureValidationSpec(
            cert_validation_policy=CertValidationPolicySpec(trust, CertRevTrustPolicy(REQUIRE_REVINFO)),
            revinfo_gathering_policy=RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY),
        ),
        diff_policy=DEFAULT_DIFF_POLICY,
    )


@pytest.mark.parametrize("years", [1, 2, 6])
def test_a_sealed_plan_holds_after_the_certificates_have_expired(years: int):
    later = NOW + timedelta(days=366 * years)
    found = [
        asyncio.run(simulate_future_ades_lta_validation(each, policy(), future_validation_time=later))
        for each in embedded(sealed())[:3]
    ]
    assert [str(each.ades_subindic) for each in found] == ["AdESPassed.OK"] * 3
    assert all(each.api_status is not None and each.api_status.bottom_line for each in found)


def test_without_its_seal_it_does_not_hold():
    # The signature's own time stamp is not enough: nothing shows that the revocation data existed in time.
    later = NOW + timedelta(days=366)
    first = embedded(stages()[3].pdf)[0]
    found = asyncio.run(simulate_future_ades_lta_validation(first, policy(), future_validation_time=later))
    assert str(found.ades_subindic) != "AdESPassed.OK"


def test_each_act_is_one_revision_and_changes_only_what_signing_may():
    allowed = [ModificationLevel.FORM_FILLING, ModificationLevel.FORM_FILLING, ModificationLevel.LTA_UPDATES]
    signatures = embedded(sealed())
    for signature in signatures:
        signature.compute_integrity_info(DEFAULT_DIFF_POLICY)
    assert [each.field_name for each in signatures] == [*ROLES, "Arkivtidsstampel1"]
    # Were the Form's /K an array around the OBJR, the first two would be OTHER here.
    assert [each.diff_result.modification_level for each in signatures[:3]] == allowed  # type: ignore[union-attr]
    assert signatures[-1].coverage is SignatureCoverageLevel.ENTIRE_FILE
    for before, after in zip(stages(), stages()[1:], strict=False):
        assert after.pdf.startswith(before.pdf)
        assert after.pdf[len(before.pdf) :].count(b"%%EOF") == 1


def test_the_archive_stamp_is_out_of_sight():
    with pikepdf.open(io.BytesIO(sealed())) as pdf:
        seal_field = pdf.Root.AcroForm.Fields[3]
        assert [float(x) for x in seal_field.Rect] == [-9999.0] * 4
        assert str(seal_field.TU) == "Arkivtidsstämpel 1"
        assert int(seal_field.F) & 0b110 == 0b100


def test_no_act_touches_the_metadata():
    with pikepdf.open(io.BytesIO(base())) as before, pikepdf.open(io.BytesIO(sealed())) as after:
        assert before.Root.Metadata.read_raw_bytes() == after.Root.Metadata.read_raw_bytes()
        assert before.docinfo == after.docinfo


def test_times_are_the_callers():
    signatures = embedded(sealed())
    for number, signature in enumerate(signatures[:3]):
        assert signature.self_reported_timestamp == NOW + timedelta(hours=number)
        token = next(extract_tst_data_iter(signature.signer_info, signed=False), None)
        assert token is not None
        assert token["encap_content_info"]["content"].parsed["gen_time"].native == NOW + timedelta(hours=number)


def test_revocation_evidence_of_both_kinds_is_inside():
    with pikepdf.open(io.BytesIO(sealed())) as pdf:
        store = pdf.Root.DSS
        assert len(store.OCSPs) == 3
        assert len(store.CRLs) >= 2
        assert "/VRI" not in store


def test_the_personal_number_is_nowhere_in_the_file():
    number = PEOPLE["brukare"].id_value
    with pikepdf.open(io.BytesIO(sealed())) as pdf:
        streams = b"".join(each.read_bytes() for each in pdf.objects if isinstance(each, pikepdf.Stream))
    inside = b"".join(bytes(each.signed_data.dump()) for each in embedded(sealed()))
    for spelling in (number, number[2:], f"{number[:8]}-{number[8:]}", f"{number[2:8]}-{number[8:]}"):
        for content in (sealed(), streams, inside):
            assert spelling.encode() not in content
            assert spelling.encode("utf-16-be") not in content


def test_one_certificate_for_each_act():
    certificates = [each.signer_cert for each in embedded(sealed())[:3]]
    assert len({each.serial_number for each in certificates}) == 3
    assert len({each.public_key.sha256 for each in certificates}) == 3
    assert [each.subject.native["common_name"] for each in certificates] == [PEOPLE[role].name for role in ROLES]


def test_it_is_pades_with_a_reason_and_no_commitment():
    for signature, role in zip(embedded(sealed()), ROLES, strict=False):
        assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
        assert signature.sig_object["/Reason"] == f"Jag skriver under som {role}."
        attributes = {each["type"].native for each in signature.signer_info["signed_attrs"]}
        assert attributes == {"content_type", "message_digest", "signing_certificate_v2"}
        assert signature.signer_info["signature_algorithm"].native["algorithm"] == "sha256_rsa"


def test_pdfsig_finds_every_signature_valid(tmp_path: Path):
    (tmp_path / "plan.pdf").write_bytes(sealed())
    (tmp_path / "root.pem").write_bytes(issuer().trust_pem())
    store = f"sql:{tmp_path / 'nss'}"
    (tmp_path / "nss").mkdir()
    subprocess.run(["certutil", "-N", "-d", store, "--empty-password"], check=True, capture_output=True)
    trust = ["certutil", "-A", "-d", store, "-n", "root", "-t", "CT,CT,CT", "-i", str(tmp_path / "root.pem")]
    subprocess.run(trust, check=True, capture_output=True)
    told = subprocess.run(
        ["pdfsig", "-nssdir", store, str(tmp_path / "plan.pdf")], capture_output=True, text=True, check=False
    ).stdout
    assert told.count("Signature Validation: Signature is Valid.") == 3
    assert [name in told for name in (person.name for person in PEOPLE.values())] == [True] * 3


def test_openssl_verifies_the_signature_and_the_archive_stamp(tmp_path: Path):
    (tmp_path / "root.pem").write_bytes(issuer().trust_pem())
    at = ["-attime", str(int(NOW.timestamp()) + 60), "-CAfile", str(tmp_path / "root.pem")]
    first, *_, last = embedded(sealed())
    for signature in (first, last):
        (tmp_path / f"{signature.field_name}.der").write_bytes(cms.ContentInfo.load(signature.pkcs7_content).dump())
        (tmp_path / f"{signature.field_name}.bin").write_bytes(covered(sealed(), signature))
    der, content = str(tmp_path / "brukare.der"), str(tmp_path / "brukare.bin")
    checked = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", der, "-content", content]
    subprocess.run([*checked, "-purpose", "any", "-out", str(tmp_path / "out"), *at], check=True, capture_output=True)
    stamp, stamped = str(tmp_path / "Arkivtidsstampel1.der"), str(tmp_path / "Arkivtidsstampel1.bin")
    asked = ["openssl", "ts", "-verify", "-data", stamped, "-in", stamp, "-token_in", *at]
    assert "Verification: OK" in subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    (tmp_path / "brukare.bin").write_bytes(b"other content")
    assert subprocess.run([*checked, *at], check=False, capture_output=True).returncode != 0


@pytest.mark.parametrize("stage", range(5))
def test_qpdf_and_mutool_open_every_stage(stage: int, tmp_path: Path):
    path = tmp_path / "plan.pdf"
    path.write_bytes(stages()[stage].pdf)
    subprocess.run(["qpdf", "--check", path], check=True, capture_output=True)
    drawn = subprocess.run(["mutool", "draw", "-F", "txt", path, "2"], check=True, capture_output=True, text=True)
    assert "error" not in drawn.stderr.lower()
    shown = [person.name for person in PEOPLE.values()][:stage]
    assert all(name in drawn.stdout for name in shown), drawn.stdout


def test_the_stamp_says_test_and_adopted(tmp_path: Path):
    path = tmp_path / "plan.pdf"
    path.write_bytes(sealed())
    text = subprocess.run(["mutool", "draw", "-F", "txt", path, "2"], check=True, capture_output=True, text=True).stdout
    assert text.count("TEST") == 3
    assert text.count("Fastställd 2026-03-02") == 1


def test_signing_twice_in_a_field_is_refused():
    assert refused(stages()[1].pdf, "brukare") == "falt_fyllt"


def test_a_field_that_is_not_there_is_refused():
    pdf, anchors = plan()
    prepared = prepare(pdf, specs(anchors, ("kontaktman", "enhetschef")), "", LATIN)
    assert refused(prepared, "brukare", evidence=evidence("brukare", prepared)) == "falt_saknas"


def test_a_field_that_another_signature_locked_is_refused():
    pdf, anchors = plan()
    fields = specs(anchors)
    prepared = prepare(pdf, [fields[0], fields[1], replace(fields[2], locks=ROLES)], "Åsa Öberg Łukasiewicz", LATIN)
    signed = sign(prepared, request("enhetschef", NOW, prepared), issuer(), stamps())
    assert refused(signed, "brukare", evidence=evidence("brukare", prepared)) == "falt_last"


def test_evidence_for_another_role_is_refused():
    assert refused(base(), "brukare", evidence=evidence("kontaktman", base())) == "fel_bindning"


def test_evidence_for_another_document_is_refused():
    pdf, anchors = plan()
    other = prepare(pdf, specs(anchors), "Annan", LATIN)
    assert refused(base(), "brukare", evidence=evidence("brukare", other)) == "fel_bas"
    # A later revision of the right base is right: it begins with what the person was shown.
    assert refused(stages()[1].pdf, "brukare", evidence=evidence("brukare", base())) == "falt_fyllt"


def test_lines_without_the_name_or_with_a_number_are_refused():
    assert refused(base(), "brukare", lines=("Brukare",)) == "namn_saknas"
    number = PEOPLE["brukare"].id_value
    assert refused(base(), "brukare", lines=(PEOPLE["brukare"].name, number)) == "personnummer_synligt"
    assert refused(base(), "brukare", reason=f"skrev under: {number}") == "personnummer_synligt"
    person = Person(IdType.INTERN, "Maj 09", "Maj 王")
    unwritable = evidence("brukare", base(), person=person)
    assert refused(base(), "brukare", evidence=unwritable, lines=("Maj 王",)) == "tecken_saknas"


@pytest.mark.parametrize(
    "line", ["för Annan Person", "Ej underskriven", "Identiteten intygad av Annan Person", "Annan Person: {}"]
)
def test_a_stamp_that_no_seal_would_take_is_refused_before_anyone_has_signed(line):
    name = PEOPLE["brukare"].name
    assert refused(base(), "brukare", lines=(name, line.format(name))) == "stampel_oklar"


def test_a_representative_known_by_name_alone_can_sign():
    person = Person(IdType.INTERN, "Maj 09", "Maj Ek")
    act = request("brukare", NOW, evidence=evidence("brukare", base(), person=person), lines=("Maj Ek", "kl. 09:00"))
    (made,) = embedded(sign(base(), act, issuer(), stamps()))
    assert made.signer_cert.subject.native["common_name"] == "Maj Ek"
    assert made.signer_cert.subject.native["serial_number"].startswith("REF-")


def test_a_plan_without_our_fields_is_refused():
    assert refused(plan()[0], "brukare", evidence=evidence("brukare", plan()[0])) == "falt_saknas"
    assert (
        refused(b"no PDF at all%%EOF", "brukare", evidence=evidence("brukare", b"no PDF at all%%EOF")) == "olasbar_pdf"
    )


def test_nothing_to_seal_is_refused():
    for pdf, code in ((base(), "inget_att_forsegla"), (stages()[2].pdf, "falt_tomt")):
        with pytest.raises(SignatureError) as caught:
            seal(pdf, issuer(), stamps(), NOW)
        assert caught.value.code == code


def test_a_renewal_covers_the_first_seal():
    later = NOW + timedelta(days=365 * 8)
    renewed = seal(sealed(), issuer(), stamps(), later)
    signatures = embedded(renewed)
    assert [each.field_name for each in signatures][-2:] == ["Arkivtidsstampel1", "Arkivtidsstampel2"]
    for each in signatures:
        each.compute_integrity_info(DEFAULT_DIFF_POLICY)
        assert each.diff_result is None or each.diff_result.modification_level is not ModificationLevel.OTHER  # type: ignore[union-attr]
    assert signatures[-1].coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert renewed.startswith(sealed())


def test_an_issuer_past_its_end_cannot_sign():
    late = issuer().root.not_valid_after_utc + timedelta(days=1)
    with pytest.raises(SignatureError) as caught:
        seal(stages()[3].pdf, issuer(), stamps(), late)
    assert caught.value.code == "kedjan_haller_inte"


def test_the_hash_bound_is_that_of_the_file_before_signing():
    proof = request("brukare", NOW).evidence
    assert proof.bound["base_sha256"] == hashlib.sha256(base()).hexdigest()
    assert TestIdentityProvider(test=True).test
