"""Who a certificate names, and whether that is who should have signed (rule R8)."""

from __future__ import annotations

import unicodedata

from asn1crypto import x509
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from .model import Expected, ExpectedSignature, Finding, failed, not_checked
from .objects import entry
from .stamps import squashed, stamp_text

# Set by our issuer before its own name where everything is made for trying out.
TEST_MARK = "TEST "
_REFERENCE = "REF-"
_LONGEST_COMMON_NAME = 64


def common_name(cert: x509.Certificate) -> str:
    """The name a certificate gives its holder: the common name, else given name and surname, else the whole subject."""
    names = cert.subject.native
    if isinstance(names.get("common_name"), str):
        return str(names["common_name"])
    parts = [str(names[key]) for key in ("given_name", "surname") if key in names]
    return " ".join(parts) or str(cert.subject.human_friendly)


def issuer_name(cert: x509.Certificate) -> str:
    """The name of who issued a certificate."""
    names = cert.issuer.native
    return str(names.get("common_name") or names.get("organization_name") or cert.issuer.human_friendly)


def compare(signature: EmbeddedPdfSignature, expected: Expected | None) -> Finding | None:
    """What speaks against a signature's identity, or None.

    Compared are the certificate's name with the recorded person's, its serialNumber with the recorded identifier, the
    signature dictionary's /Name and the text of the visible stamp with the certificate's name.
    """
    cert, field = signature.signer_cert, str(signature.field_name)
    name = common_name(cert)
    person = _expected_in(field, expected)
    if person is not None and not _named(name, person.name):
        return failed("other_person", field=field)
    if person is not None and person.id_value and _other_id(cert, person.id_value):
        return failed("other_identifier", field=field)
    claimed = entry(signature.sig_object, "/Name")
    if isinstance(claimed, str) and not _alike(claimed, name):
        return failed("other_name_entry", field=field)
    return _stamp(signature, name, recorded=person is not None)


def _stamp(signature: EmbeddedPdfSignature, name: str, *, recorded: bool) -> Finding | None:
    field = str(signature.field_name)
    if "/AP" not in signature.sig_field:
        return None
    shown = stamp_text(signature.sig_field)
    if shown is None:
        return not_checked("stamp_unreadable", field=field)
    if not shown.strip():
        return None
    if _plain(name) in _plain(shown):
        return None
    return failed("stamp_other_name", field=field) if recorded else not_checked("stamp_without_name", field=field)


def _expected_in(field: str, expected: Expected | None) -> ExpectedSignature | None:
    return next((s for s in expected.signatures or () if s.field == field), None) if expected else None


def _other_id(cert: x509.Certificate, wanted: str) -> bool:
    """Whether the certificate states another identifier; one that states only a reference to evidence states none."""
    found = cert.subject.native.get("serial_number")
    if not isinstance(found, str) or (found.startswith(_REFERENCE) and not wanted.startswith(_REFERENCE)):
        return False
    return _identifier(found) != _identifier(wanted)


def _identifier(value: str) -> str:
    """An identifier without prefix and punctuation: `PNOSE-19121212-1212` and `191212121212` are the same."""
    upper = value.upper()
    for prefix in ("PNOSE-", "PI:SE-"):
        upper = upper.removeprefix(prefix)
    return "".join(c for c in upper if c.isalnum())


def _named(in_certificate: str, recorded: str) -> bool:
    """Whether a certificate names the person; a common name holds at most 64 characters (RFC 5280), then it is cut."""
    if len(in_certificate) >= _LONGEST_COMMON_NAME:
        return _plain(recorded).startswith(_plain(in_certificate))
    return _alike(in_certificate, recorded)


def _alike(a: str, b: str) -> bool:
    return _plain(a) == _plain(b)


def _plain(text: str) -> str:
    return squashed(unicodedata.normalize("NFC", text))
