"""Who a certificate names, and whether that is who should have signed (rule R8)."""

from __future__ import annotations

import unicodedata

from asn1crypto import x509
from pyhanko.pdf_utils.generic import DictionaryObject
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from .model import Expected, ExpectedSignature, Finding, failed, not_checked
from .objects import entry, items, target
from .stamps import GAP, shown_in

# Set by our issuer before its own name where everything is made for trying out.
TEST_MARK = "TEST "
_REFERENCE = "REF-"
_LONGEST_COMMON_NAME = 64
_ONCE = ("common_name", "serial_number")
_JOINING = tuple("-\u2010\u2011'\u2019")


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
    signature dictionary's /Name and the text of the visible stamp with the certificate's name. Name and number stand
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
    claimed = entry(signature.sig_object, "/Name")
    if isinstance(claimed, str) and not _alike(claimed, name):
        return failed("other_name_entry", field=field)
    return _stamp(signature, name, recorded=person is not None)


def _stamp(signature: EmbeddedPdfSignature, name: str, *, recorded: bool) -> Finding | None:
    """What speaks against a widget of the field, which is one itself or has them under it (ISO 32000-2 §12.7.4.1)."""
    widgets = [signature.sig_field, *map(target, items(entry(signature.sig_field, "/Kids")))]
    drawn = (w for w in widgets if isinstance(w, DictionaryObject) and "/AP" in w)
    findings = [_drawn(w, str(signature.field_name), name, recorded=recorded) for w in drawn]
    told = [f for f in findings if f is not None]
    return next((f for f in told if f.verdict == "failed"), told[0] if told else None)


def _drawn(widget: DictionaryObject, field: str, name: str, *, recorded: bool) -> Finding | None:
    shown = shown_in(widget)
    if shown.text is None:
        return not_checked("stamp_unreadable", field=field)
    if not shown.text.strip():
        return not_checked("stamp_without_text", field=field) if shown.drawn and _has_area(widget) else None
    cut = len(name) >= _LONGEST_COMMON_NAME
    if _stands(name, shown.text.replace(GAP, ""), cut=cut):
        return None
    if _stands(name, shown.text.replace(GAP, " "), cut=cut):
        return not_checked("stamp_unreadable", field=field)
    return failed("stamp_other_name", field=field) if recorded else not_checked("stamp_without_name", field=field)


def _has_area(widget: DictionaryObject) -> bool:
    corners = [target(n) for n in items(entry(widget, "/Rect"))]
    return len(corners) != 4 or (corners[0] != corners[2] and corners[1] != corners[3])


def _stands(name: str, text: str, *, cut: bool) -> bool:
    """Whether a name stands in a text as whole words, white space aside: it may be broken over two lines.

    What a certificate cut off (`cut`) may go on.
    """
    shown = _folded(text)
    places = [at for at, c in enumerate(shown) if not c.isspace()]
    wanted, packed = _plain(name), "".join(shown[at] for at in places)
    found = packed.find(wanted) if wanted else -1
    while found >= 0:
        start, end = places[found], places[found + len(wanted) - 1] + 1
        if not _goes_on(shown[max(start - 2, 0) : start][::-1]) and (cut or not _goes_on(shown[end : end + 2])):
            return True
        found = packed.find(wanted, found + 1)
    return False


def _goes_on(beside: str) -> bool:
    """Whether a word goes on here: with a letter (or its accent), or with a hyphen or an apostrophe and a letter."""
    joined = beside[1:] if beside[:1] in _JOINING else beside
    return unicodedata.category(joined[0])[0] in "LM" if joined else False


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
    """Whether a certificate names the person; a common name holds at most 64 characters (RFC 5280), then it is cut."""
    if len(in_certificate) >= _LONGEST_COMMON_NAME:
        return _plain(recorded).startswith(_plain(in_certificate))
    return _alike(in_certificate, recorded)


def _alike(a: str, b: str) -> bool:
    return _plain(a) == _plain(b)


def _plain(text: str) -> str:
    return "".join(_folded(text).split())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
