"""Who a certificate names, and whether that is who should have signed (rule R8)."""

from __future__ import annotations

from asn1crypto import x509
from pyhanko.pdf_utils.generic import DictionaryObject, NullObject, PdfObject, Reference, TextStringObject
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from ..names import LONGEST_COMMON_NAME
from ..names import common_name as as_certified
from .model import Expected, ExpectedSignature, Finding, failed, not_checked
from .objects import entry, items, number, target
from .stamp.covers import sheet_of
from .stamp.folding import folded
from .stamp.reading import Standing, standing
from .stamp.shown import Shown, role_of, shown_in
from .widgets import box_of, paints

# Set by our issuer before its own name where everything is made for trying out.
TEST_MARK = "TEST "
_REFERENCE = "REF-"
_ONCE = ("common_name", "serial_number")


def common_name(cert: x509.Certificate) -> str:
    """The name a certificate gives its holder: the common name, else given name and surname, else the whole subject."""
    names = cert.subject.native
    if "common_name" in names:
        return ", ".join(_values(cert, "common_name"))
    parts = [str(names[key]) for key in ("given_name", "surname") if key in names]
    return " ".join(parts) or str(cert.subject.human_friendly)


def issuer_name(cert: x509.Certificate) -> str:
    """The name of who issued a certificate."""
    names = cert.issuer.native
    return str(names.get("common_name") or names.get("organization_name") or cert.issuer.human_friendly)


def compare(signature: EmbeddedPdfSignature, expected: Expected | None) -> Finding | None:
    """What speaks against a signature's identity, or None.

    Compared are the certificate's name with the recorded person's, its serialNumber with the recorded identifier, the
    signature dictionary's /Name and the text of each visible stamp with the certificate's name. Name and number stand
    once in a person's certificate (ETSI EN 319 412-2 §4.2.4); of several, nobody can say which is the person's.
    """
    cert, field = signature.signer_cert, str(signature.field_name)
    name = common_name(cert)
    if any(len(_values(cert, part)) > 1 for part in _ONCE):
        return not_checked("several_identities", field=field)
    person = _expected_in(field, expected)
    if person is not None and not _named(name, person.name):
        return failed("other_person", field=field)
    if person is not None and person.id_value and _other_id(cert, person.id_value):
        return failed("other_identifier", field=field)
    stamps = (_stamp(signature, *widget, name, person) for widget in _widgets(signature))
    findings = [f for f in (_claim(signature, name), *stamps) if f is not None]
    return next((f for f in findings if f.verdict == "failed"), findings[0] if findings else None)


def _claim(signature: EmbeddedPdfSignature, name: str) -> Finding | None:
    """The name that the signature itself states, if any; what is no text is not read."""
    claimed, field = entry(signature.sig_object, "/Name"), str(signature.field_name)
    if claimed is None:
        return None
    if not isinstance(claimed, TextStringObject):
        return not_checked("name_entry_unreadable", field=field)
    return None if _alike(claimed, name) else failed("other_name_entry", field=field)


def _widgets(signature: EmbeddedPdfSignature) -> list[tuple[PdfObject, int | None]]:
    """What shows a signature field on its pages, with object numbers: the field itself, or its kids.

    They may be one object (ISO 32000-1 §12.7.3.1). Kids that are none make the stamp unreadable.
    """
    field, own = signature.sig_field, signature.sig_field.container_ref
    found = [(target(kid), number(kid)) for kid in items(entry(field, "/Kids"))]
    if "/Kids" not in field or "/AP" in field or "/Rect" in field:
        found.append((field, int(own.idnum) if isinstance(own, Reference) else None))
    return found or [(NullObject(), None)]


def _stamp(
    signature: EmbeddedPdfSignature, widget: PdfObject, at: int | None, name: str, known: ExpectedSignature | None
) -> Finding | None:
    field = str(signature.field_name)
    if not isinstance(widget, DictionaryObject) or "/Kids" in widget:
        return not_checked("stamp_unreadable", field=field)
    if "/AP" not in widget:
        return None
    if _has_no_area(widget):  # which readers that paint it paint anywhere
        return not_checked("stamp_unreadable", field=field) if paints(entry(widget, "/AP")) else None
    sheet = sheet_of(signature.reader, widget, at)
    if sheet is None:
        return not_checked("stamp_covered", field=field)
    problem = _read(shown_in(widget, sheet), name, role_of(signature.sig_field), known)
    if problem == "stamp_other_name":
        return failed(problem, field=field) if known else not_checked("stamp_without_name", field=field)
    return not_checked(problem, field=field) if problem else None


def _read(shown: Shown, name: str, role: str, known: ExpectedSignature | None) -> str | None:
    """What keeps a stamp from showing the name, or None."""
    if shown.problem is not None:
        return shown.problem
    if not shown.runs:
        return "stamp_without_text" if shown.drawn else None
    found = standing(name, shown.runs, role=role, known=known)
    return {
        Standing.UNCLEAR: "stamp_name_unclear",
        Standing.ABSENT: "stamp_without_name",
        Standing.OTHER: "stamp_other_name",
    }.get(found)


def _has_no_area(widget: DictionaryObject) -> bool:
    place = box_of(entry(widget, "/Rect"))
    return place is not None and (place[0] == place[2] or place[1] == place[3])


def _expected_in(field: str, expected: Expected | None) -> ExpectedSignature | None:
    return next((s for s in expected.signatures or () if s.field == field), None) if expected else None


def _other_id(cert: x509.Certificate, wanted: str) -> bool:
    """Whether the certificate states another identifier; one that states only a reference to evidence states none."""
    for found in _values(cert, "serial_number"):
        if wanted.startswith(_REFERENCE) or not found.startswith(_REFERENCE):
            return _identifier(found) != _identifier(wanted)
    return False


def _values(cert: x509.Certificate, part: str) -> list[str]:
    """What the subject says of one part of a name, which may be given more than once."""
    found = cert.subject.native.get(part, [])
    return [str(each) for each in (found if isinstance(found, list) else [found])]


def _identifier(value: str) -> str:
    """An identifier without prefix and punctuation: `PNOSE-19121212-1212` and `191212121212` are the same."""
    upper = value.upper()
    for prefix in ("PNOSE-", "PI:SE-"):
        upper = upper.removeprefix(prefix)
    return "".join(c for c in upper if c.isalnum())


def _named(in_certificate: str, recorded: str) -> bool:
    """Whether a certificate names the person, in full or as far as our issuer or others write a name."""
    if _alike(in_certificate, recorded) or _alike(in_certificate, as_certified(recorded)):
        return True
    return len(in_certificate) >= LONGEST_COMMON_NAME and _plain(recorded).startswith(_plain(in_certificate))


def _alike(a: str, b: str) -> bool:
    return _plain(a) == _plain(b)


def _plain(text: str) -> str:
    return " ".join(folded(text).split())
