"""The report as ETSI TS 119 102-2 XML says what the report says."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

import pytest
from lxml import etree
from pyhanko.generated.etsi.ts_11910202 import ValidationReport
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig

from signatures.verify import Expected, Report, RuleVerdict, Trust, verify
from signatures.verify.etsi import RULE, indication, to_etsi
from tests.attacks.corpus import BY_NAME
from tests.attacks.fixtures import made
from tests.attacks.model import Plan
from tests.attacks.pki import NOW
from tests.attacks.plans import PEOPLE

LATER = NOW + timedelta(hours=1)
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
