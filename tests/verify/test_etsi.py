"""The report as ETSI TS 119 102-2 XML says what the report says."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree
from pyhanko.generated.etsi.ts_11910202 import ValidationReport
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig

from pipeline.casework.verifying import ARCHIVE_RULES
from signatures.verify import (
    NO_RECORD,
    Expected,
    Report,
    Rule,
    RuleId,
    RuleVerdict,
    Trust,
    Verdict,
    judged_further,
    to_json,
    to_text,
    verify,
)
from signatures.verify.etsi import RULE, indication, to_etsi
from tests.attacks.corpus import BY_NAME
from tests.attacks.fixtures import made
from tests.attacks.model import Plan, hole_of
from tests.attacks.pki import NOW
from tests.attacks.plans import PEOPLE

LATER = NOW + timedelta(hours=1)
CONSTRAINTS = "SIG_CONSTRAINTS_FAILURE"
STRICT = ParserConfig(fail_on_unknown_properties=True, fail_on_unknown_attributes=True, fail_on_converter_warnings=True)


def parsed(report: Report) -> ValidationReport:
    """Read back by the types of the schema; what they do not know is an error."""
    return XmlParser(config=STRICT).from_bytes(to_etsi(report), ValidationReport)


def test_a_sealed_plan(plan: Plan, trust: Trust, record: Expected) -> None:
    report = verify(plan.sealed, trust, record, LATER)
    read = parsed(report)
    assert [s.signer_information.signer for s in read.signature_validation_report] == [name for _, name in PEOPLE]
    for one, fact in zip(read.signature_validation_report, report.signatures, strict=True):
        assert one.signature_validation_status.main_indication == "urn:etsi:019102:mainindication:total-passed"
        assert one.signature_validation_status.sub_indication == ()
        assert one.validation_time_info.validation_time.to_datetime() == LATER
        assert one.validation_time_info.best_signature_time.poetime.to_datetime() == fact.time
        constraints = one.validation_constraints_evaluation_report.validation_constraint
        assert [c.validation_constraint_identifier for c in constraints] == [RULE + r.id.value for r in report.rules]
        ends = {c.validation_status.main_indication.rsplit(":", 1)[1] for c in constraints}
        assert ends == {"passed"}


def test_it_names_what_was_signed_and_the_certificate(plan: Plan, trust: Trust) -> None:
    read = parsed(verify(plan.sealed, trust, None, LATER))
    objects = {o.id: o for o in read.signature_validation_objects.validation_object}
    for one in read.signature_validation_report:
        (reference,) = one.signer_information.signer_certificate.voreference
        held = objects[reference].validation_object_representation.base64
        assert hashlib.sha256(held).hexdigest() in reference
    stamps = [o for o in objects.values() if o.object_type.endswith(":timestamp")]
    assert [s.poe.poetime.to_datetime() for s in stamps] == [NOW + timedelta(minutes=15)]
    first = read.signature_validation_report[0]
    hole = plan.sealed.index(b"<30", plan.sealed.index(b"/Contents <30"))
    end = plan.sealed.index(b">", hole)
    revision = plan.sealed.index(b"%%EOF", end) + 6
    covered = hashlib.sha256(plan.sealed[:hole] + plan.sealed[end + 1 : revision]).digest()
    assert first.signers_document.digest_alg_and_value.digest_value.value == covered


def test_the_rule_that_was_not_asked_is_disabled(plan: Plan, trust: Trust) -> None:
    read = parsed(verify(plan.sealed, trust, None, LATER))
    second = read.signature_validation_report[0].validation_constraints_evaluation_report.validation_constraint[1]
    assert second.constraint_status.status.endswith(":disabled")
    assert second.validation_status is None


@pytest.mark.parametrize(
    ("attack", "said"),
    [
        ("content_byte", ("TOTAL_FAILED", "HASH_FAILURE")),
        ("bytes_before", ("TOTAL_FAILED", "FORMAT_FAILURE")),
        ("content_replaced_after_seal", ("TOTAL_FAILED", "FORMAT_FAILURE")),
        ("truncated_to_second", ("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE")),
        ("clock_set_back", ("INDETERMINATE", "TIMESTAMP_ORDER_FAILURE")),
    ],
)
def test_indications(attack: str, said: tuple[str, str], trust: Trust, record: Expected) -> None:
    report = verify(made(BY_NAME[attack]), trust, record, LATER)
    assert indication(report) == said
    status = parsed(report).signature_validation_report[0].signature_validation_status
    assert status.main_indication.endswith(said[0].lower().replace("_", "-"))
    assert status.sub_indication == (f"urn:etsi:019102:subindication:{said[1]}",)


def test_unknown_roots(plan: Plan) -> None:
    report = verify(plan.sealed, Trust(b"", b""), None, LATER)
    assert indication(report) == ("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND")


def test_the_same_report_gives_the_same_bytes_and_the_sentences_are_in_it(plan: Plan, trust: Trust) -> None:
    report = verify(plan.sealed, trust, None, LATER)
    xml = to_etsi(report)
    assert xml == to_etsi(verify(plan.sealed, trust, None, LATER))
    text = "".join(etree.fromstring(xml).itertext())
    assert all(rule.text_sv in text for rule in report.rules if rule.verdict is RuleVerdict.PASSED)
    assert base64.b64encode(report.signatures[0].certificate).decode() in text


@pytest.mark.parametrize("spoilt", [None, "content_byte", "truncated_to_second", "bytes_before"])
def test_etsis_own_schema_takes_it(
    spoilt: str | None, plan: Plan, trust: Trust, record: Expected, etsi_schema: etree.XMLSchema
) -> None:
    for roots in (trust, Trust(b"", b"")):
        report = verify(made(BY_NAME[spoilt]) if spoilt else plan.sealed, roots, record, LATER)
        assert etsi_schema.validate(etree.fromstring(to_etsi(report))), etsi_schema.error_log


def put(pdf: bytes, value: bytes) -> bytes:
    """The file with this CMS value as its first signature."""
    start, end = hole_of(pdf, 0)
    return pdf[:start] + value.hex().upper().encode("ascii").ljust(end - start, b"0") + pdf[end:]


def by_openssl(plan: Plan, folder: Path) -> bytes:
    """A signature without signed attributes, as `openssl cms -noattr` makes it (RFC 5652, 5.3: they are optional)."""
    pdf, holder = plan.at["brukare"], plan.world.signer(PEOPLE[0][1], NOW)
    start, end = hole_of(pdf, 0)
    key = holder.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    covered = pdf[: start - 1] + pdf[end + 1 : pdf.index(b"%%EOF", end) + 6]
    for file, content in (("cert", holder.pem()), ("key", key), ("content", covered)):
        (folder / file).write_bytes(content)
    line = "cms -sign -binary -noattr -md sha256 -in content -signer cert -inkey key -outform DER -out made"
    subprocess.run(["openssl", *line.split()], cwd=folder, check=True, capture_output=True)
    return put(pdf, (folder / "made").read_bytes())


def edited(plan: Plan, edit: Callable[[cms.SignedData], None]) -> bytes:
    pdf = plan.at["brukare"]
    start, end = hole_of(pdf, 0)
    value = cms.ContentInfo.load(bytes.fromhex(pdf[start:end].decode("ascii")))
    edit(value["content"])
    return put(pdf, value.dump(force=True))


def without_digest(signed: cms.SignedData) -> None:
    info = signed["signer_infos"][0]
    info["signed_attrs"] = [a for a in info["signed_attrs"] if a["type"].native != "message_digest"]


def digest_that_breaks_off(pdf: bytes) -> bytes:
    """The octets of the signed message digest say that they are longer than what they lie in."""
    attribute = bytes.fromhex("06092A864886F70D010904312204")
    digits = attribute.hex().upper().encode("ascii")
    at = pdf.index(digits, hole_of(pdf, 0)[0]) + len(digits)
    return pdf[:at] + b"7F" + pdf[at + 2 :]


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda plan, _: plan.at["brukare"], {"attributes", "value", "document"}),
        (by_openssl, {"value"}),
        (lambda plan, _: edited(plan, without_digest), {"attributes", "value"}),
        (lambda plan, _: digest_that_breaks_off(plan.at["brukare"]), {"attributes", "value"}),
    ],
)
def test_what_a_signature_does_not_say_is_left_out(
    make: Callable[[Plan, Path], bytes],
    told: set[str],
    plan: Plan,
    trust: Trust,
    etsi_schema: etree.XMLSchema,
    tmp_path: Path,
) -> None:
    report = verify(make(plan, tmp_path), trust, None, LATER)
    assert etsi_schema.validate(etree.fromstring(to_etsi(report))), etsi_schema.error_log
    (read,) = parsed(report).signature_validation_report
    facts = {
        "attributes": read.signature_identifier.digest_alg_and_value,
        "value": read.signature_identifier.signature_value,
        "document": read.signers_document,
    }
    assert {fact for fact, said in facts.items() if said} == told
    assert read.signature_identifier.daidentifier == "brukare"


def test_a_cms_value_that_cannot_be_read_takes_nothing_from_the_rest(
    plan: Plan, trust: Trust, etsi_schema: etree.XMLSchema
) -> None:
    report = verify(plan.at["brukare"], trust, None, LATER)
    (fact,) = report.signatures
    broken = replace(report, signatures=(replace(fact, cms=fact.cms[:100]),))
    assert etsi_schema.validate(etree.fromstring(to_etsi(broken))), etsi_schema.error_log
    (read,) = parsed(broken).signature_validation_report
    assert read.signer_information.signer == fact.signer
    assert (read.signature_identifier.signature_value, read.signers_document) == (None, None)


def test_the_schema_refuses_what_is_none(plan: Plan, trust: Trust, etsi_schema: etree.XMLSchema) -> None:
    xml = to_etsi(verify(plan.sealed, trust, None, LATER))
    assert not etsi_schema.validate(etree.fromstring(xml.replace(b"BestSignatureTime", b"WorstSignatureTime")))


class Outer(StrEnum):
    """A rule of somebody who knows more than the file."""

    ISSUED = "A1"


def further(verdict: RuleVerdict, reason: str) -> Rule:
    return Rule(Outer.ISSUED, verdict, reason, "Arkivet säger det.", "The archive says so.")


@pytest.mark.parametrize(
    ("rule", "lowest", "verdict", "said"),
    [
        (further(RuleVerdict.PASSED, "issued"), Verdict.VALID, "valid", ("TOTAL_PASSED", None)),
        (further(RuleVerdict.NOT_CHECKED, NO_RECORD), Verdict.VALID, "valid", ("TOTAL_PASSED", None)),
        (further(RuleVerdict.FAILED, "other"), Verdict.INVALID, "invalid", ("INDETERMINATE", CONSTRAINTS)),
        (
            further(RuleVerdict.NOT_CHECKED, "open"),
            Verdict.INDETERMINATE,
            "indeterminate",
            ("INDETERMINATE", CONSTRAINTS),
        ),
    ],
)
def test_what_is_judged_further_stands_in_every_form(
    rule: Rule, lowest: Verdict, verdict: str, said: tuple[str, str | None], plan: Plan, trust: Trust
) -> None:
    report = judged_further(verify(plan.sealed, trust, None, LATER), rule, lowest)
    assert (to_json(report)["verdict"], indication(report)) == (verdict, said)
    assert "Arkivet säger det." in to_text(report)
    read = parsed(report).signature_validation_report[0]
    data = read.signature_validation_status.associated_validation_report_data[0].additional_validation_report_data
    assert [d.value for d in data.report_data] == [verdict]
    assert len(read.validation_constraints_evaluation_report.validation_constraint) == len(RuleId) + 1


@pytest.mark.parametrize("reason", [(rule, reason) for rule, said in ARCHIVE_RULES.items() for reason in said])
def test_whatever_the_archive_adds_has_an_indication(reason: tuple[StrEnum, str], plan: Plan, trust: Trust) -> None:
    """A rule of the archive's may have failed where the file is no worse than indeterminate."""
    rule_id, why = reason
    verdict, at_best = ARCHIVE_RULES[rule_id][why]
    rule = Rule(rule_id, RuleVerdict(verdict), why, "Arkivet säger det.", "The archive says so.")
    report = judged_further(verify(plan.sealed, trust, None, LATER), rule, Verdict(at_best))
    said = ("TOTAL_PASSED", None) if at_best == "valid" else ("INDETERMINATE", CONSTRAINTS)
    assert indication(report) == said
    assert parsed(report)


def test_what_the_file_has_decided_is_never_raised(trust: Trust, record: Expected) -> None:
    bad = verify(made(BY_NAME["content_byte"]), trust, record, LATER)
    assert judged_further(bad, further(RuleVerdict.PASSED, "issued"), Verdict.VALID).verdict is Verdict.INVALID
