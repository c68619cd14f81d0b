"""The report in the standard's own form: a signature validation report after ETSI TS 119 102-2 v1.2.1, as XML.

One report for each person's signature, since that is the standard's unit: whose, when, and the indication. The twelve
rules, and what was judged further, are its constraints, each with our verdict and sentence. Certificates and archive
time stamps are its validation objects. Everything comes from `Report`; the same report gives the same bytes.

`_SUBINDICATIONS` says how a rule's reason reads in EN 319 102-1 (§5.1.3, tables 5 and 6). The standard keeps
TOTAL-FAILED for what is broken, revoked or no longer in form; a file that we call invalid because it is not the plan on
record is INDETERMINATE there, with the constraint that failed, and our own verdict beside it. TOTAL-PASSED is said of a
valid report only.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import chain
from typing import TypeVar

from asn1crypto import cms
from pyhanko.generated.etsi import ts_11910202 as vr
from pyhanko.generated.etsi import xades
from pyhanko.generated.w3c import xmldsig_core as ds
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.formats.dataclass.serializers.config import SerializerConfig
from xsdata.models.datatype import XmlDateTime

from .cms import digest, only_signer
from .model import NO_RECORD, Report, Rule, RuleVerdict, SignatureFact, Verdict

RULE = "urn:plansigill:verify:rule:"
"""Prefix of a constraint's identifier; the rule's id follows."""
VERDICT = "urn:plansigill:verify:verdict"
"""The type of the verdict in our own word (`Verdict`), which stands beside each indication."""

_T = TypeVar("_T")
_URN = "urn:etsi:019102:"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_DIGESTS = {
    "sha256": _SHA256,
    "sha384": "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "sha512": "http://www.w3.org/2001/04/xmlenc#sha512",
    "sha1": "http://www.w3.org/2000/09/xmldsig#sha1",
}
_NAMESPACES = {
    "vr": "http://uri.etsi.org/19102/v1.2.1#",
    "XAdES": "http://uri.etsi.org/01903/v1.3.2#",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xs": "http://www.w3.org/2001/XMLSchema",
}
_FAILED = frozenset({"FORMAT_FAILURE", "HASH_FAILURE", "SIG_CRYPTO_FAILURE", "REVOKED"})
_OTHERWISE = "SIG_CONSTRAINTS_FAILURE"
_SUBINDICATIONS = {
    "R1": {"": "FORMAT_FAILURE"},
    "R4": {
        "": "FORMAT_FAILURE",
        "altered": "HASH_FAILURE",
        "unsigned_part": _OTHERWISE,
        "unproven_certificate": _OTHERWISE,
        "no_signatures": _OTHERWISE,
    },
    "R5": {"changed": "FORMAT_FAILURE", "forbidden": "FORMAT_FAILURE"},
    "R6": {"added_after_seal": "FORMAT_FAILURE", "not_sealed": "NO_POE", "seal_missing": "NO_POE"},
    "R7": {
        "revoked": "REVOKED",
        "unknown_issuer": "NO_CERTIFICATE_CHAIN_FOUND",
        "out_of_period": "OUT_OF_BOUNDS_NO_POE",
        "no_revocation_evidence": "TRY_LATER",
        "wrong_use": "CHAIN_CONSTRAINTS_FAILURE",
        "unknown_use": "CHAIN_CONSTRAINTS_FAILURE",
        "broken": "CHAIN_CONSTRAINTS_FAILURE",
        "no_time": "NO_POE",
        "no_trusted_time": "NO_POE",
    },
    "R9": {"changed": "FORMAT_FAILURE"},
    "R10": {"broken": "CRYPTO_CONSTRAINTS_FAILURE", "weak": "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"},
    "R11": {
        "": "CERTIFICATE_CHAIN_GENERAL_FAILURE",
        "future": "TIMESTAMP_ORDER_FAILURE",
        "out_of_order": "TIMESTAMP_ORDER_FAILURE",
        "revoked": "REVOKED_NO_POE",
        "unstamped": "NO_POE",
        "unknown_issuer": "NO_CERTIFICATE_CHAIN_FOUND",
        "out_of_period": "OUT_OF_BOUNDS_NO_POE",
    },
    "R12": {"": "NO_POE"},
}


def to_etsi(report: Report) -> bytes:
    """The report as UTF-8 XML; a file without readable signatures gets one report without a signature's identity."""
    facts: tuple[SignatureFact | None, ...] = report.signatures or (None,)
    objects = _objects(report)
    made = vr.ValidationReport(
        signature_validation_report=tuple(_signature(report, fact) for fact in facts),
        signature_validation_objects=vr.ValidationObjectListType(objects) if objects else None,
    )
    text = XmlSerializer(config=SerializerConfig(indent="  ")).render(made, ns_map=dict(_NAMESPACES))
    return text.encode("utf-8")


def indication(report: Report) -> tuple[str, str | None]:
    """Main indication and sub-indication of EN 319 102-1, in the standard's own words."""
    if report.verdict is Verdict.VALID:
        return "TOTAL_PASSED", None
    said = {
        verdict: [_sub_indication(r) for r in report.all_rules if r.verdict is verdict and r.reason != NO_RECORD]
        for verdict in (RuleVerdict.FAILED, RuleVerdict.NOT_CHECKED)
    }
    for sub in said[RuleVerdict.FAILED]:
        if report.verdict is Verdict.INVALID and sub in _FAILED:
            return "TOTAL_FAILED", sub
    return "INDETERMINATE", next(chain(*said.values()), _OTHERWISE)


def _sub_indication(rule: Rule) -> str:
    known = _SUBINDICATIONS.get(rule.id.value, {})
    return known.get(rule.reason) or known.get("") or _OTHERWISE


def _status(main: str, sub: str | None, *data: str) -> vr.ValidationStatusType:
    """`data` are a type of data and its value, our own word beside the standard's."""
    said = (f"{_URN}subindication:{sub}",) if sub else ()
    return vr.ValidationStatusType(
        main_indication=f"{_URN}mainindication:{main.lower().replace('_', '-')}",
        sub_indication=said,
        associated_validation_report_data=(_more(*data),) if data else (),
    )


def _more(kind: str, value: str) -> vr.ValidationReportDataType:
    said = vr.TypedDataType(type_value=kind, value=value)
    return vr.ValidationReportDataType(
        additional_validation_report_data=vr.AdditionalValidationReportDataType(report_data=(said,))
    )


def _signature(report: Report, fact: SignatureFact | None) -> vr.SignatureValidationReportType:
    time = vr.ValidationTimeInfoType(
        validation_time=XmlDateTime.from_datetime(report.verified_at),
        best_signature_time=_proof(fact) or _poe(report.verified_at),  # EN 319 102-1, 5.6.3.4: at first, the present
    )
    process = vr.SignatureValidationProcessType(signature_validation_process_id=f"{_URN}validationprocess:LTA")
    return vr.SignatureValidationReportType(
        signature_identifier=_identifier(fact) if fact else None,
        validation_constraints_evaluation_report=vr.ValidationConstraintsEvaluationReportType(
            validation_constraint=tuple(_constraint(rule) for rule in report.all_rules)
        ),
        validation_time_info=time,
        signers_document=_told(_document, fact) if fact else None,
        signer_information=_signer(fact) if fact else None,
        signature_validation_process=process,
        signature_validation_status=_status(*indication(report), VERDICT, report.verdict.value),
    )


def _proof(fact: SignatureFact | None) -> vr.POEType | None:
    if fact is None or fact.time is None:
        return None
    return _poe(fact.time)


def _poe(at: datetime) -> vr.POEType:
    return vr.POEType(poetime=XmlDateTime.from_datetime(at), type_of_proof=f"{_URN}poetype:validation")


def _identifier(fact: SignatureFact) -> vr.SignatureIdentifierType:
    return vr.SignatureIdentifierType(
        digest_alg_and_value=_told(_signed_attributes, fact),
        signature_value=_told(_value, fact),
        hash_only=False,
        doc_hash_only=False,
        daidentifier=fact.field,
    )


def _told(of: Callable[[SignatureFact], _T | None], fact: SignatureFact) -> _T | None:
    """What a stranger's CMS value says; None where it cannot be read."""
    try:
        return of(fact)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - as in `judging.py`: whatever a parser raises, the rest of the report stands
        return None


def _signed_attributes(fact: SignatureFact) -> xades.DigestAlgAndValueType | None:
    attributes = _signer_info(fact)["signed_attrs"]
    return _digest(_SHA256, digest("sha256", attributes.untag().dump())) if attributes else None


def _value(fact: SignatureFact) -> ds.SignatureValue:
    return ds.SignatureValue(_signer_info(fact)["signature"].native)


def _document(fact: SignatureFact) -> vr.SignersDocumentType | None:
    """What was signed, by the digest that the signature itself carries; None where it carries none."""
    info = _signer_info(fact)
    algorithm = info["digest_algorithm"]["algorithm"].native
    attributes = info["signed_attrs"] or ()
    covered = next((a["values"][0].native for a in attributes if a["type"].native == "message_digest"), None)
    if covered is None:
        return None
    return vr.SignersDocumentType(digest_alg_and_value=_digest(_DIGESTS.get(algorithm, algorithm), covered))


def _signer_info(fact: SignatureFact) -> cms.SignerInfo:
    return only_signer(cms.SignedData.load(fact.cms))


def _digest(algorithm: str, value: bytes) -> xades.DigestAlgAndValueType:
    return xades.DigestAlgAndValueType(digest_method=ds.DigestMethod(algorithm), digest_value=ds.DigestValue(value))


def _signer(fact: SignatureFact) -> vr.SignerInformationType:
    return vr.SignerInformationType(signer_certificate=_reference("C", fact.certificate), signer=fact.signer)


def _constraint(rule: Rule) -> vr.IndividualValidationConstraintReportType:
    asked = rule.reason != NO_RECORD
    said = tuple(
        vr.TypedDataType(type_value=f"{RULE}{kind}", value=text)
        for kind, text in (("reason", rule.reason), ("text-sv", rule.text_sv), ("text-en", rule.text_en))
    )
    main = {RuleVerdict.PASSED: "passed", RuleVerdict.FAILED: "failed"}.get(rule.verdict, "indeterminate")
    sub = None if rule.verdict is RuleVerdict.PASSED or not asked else _sub_indication(rule)
    return vr.IndividualValidationConstraintReportType(
        validation_constraint_identifier=RULE + rule.id.value,
        validation_constraint_parameter=said,
        constraint_status=vr.ConstraintStatusType(f"{_URN}constraintStatus:{'applied' if asked else 'disabled'}"),
        validation_status=_status(main, sub) if asked else None,
    )


def _objects(report: Report) -> tuple[vr.ValidationObjectType, ...]:
    """Certificates and archive time stamps, each once."""
    facts = (*report.signatures, *report.stamps)
    found = {_name("C", f.certificate): _object("certificate", "C", f.certificate) for f in facts}
    for stamp in report.stamps:
        found[_name("T", stamp.cms)] = _object("timestamp", "T", stamp.cms, _proof(stamp))
    return tuple(found.values())


def _object(kind: str, letter: str, data: bytes, poe: vr.POEType | None = None) -> vr.ValidationObjectType:
    return vr.ValidationObjectType(
        object_type=f"{_URN}validationObject:{kind}",
        validation_object_representation=vr.ValidationObjectRepresentationType(base64=data),
        poe=poe,
        id=_name(letter, data),
    )


def _reference(letter: str, data: bytes) -> vr.VOReferenceType:
    return vr.VOReferenceType(voreference=(_name(letter, data),))


def _name(letter: str, data: bytes) -> str:
    """An XML id that follows from the object itself."""
    return f"{letter}-{digest('sha256', data).hex()}"
