"""What a file refers to, and as what: whether signing could give something another meaning (rule R5).

Signing may change some objects (`changes.py`). What such a change means is known only where everything that refers to
the object, on any way from the trailer, takes it for the same part of the document: information that is drawn as well,
or from which a page inherits, says something else on the page when it is written anew. pyHanko's difference analysis
asks this too, but it never follows /Parent, from which a page or a field has what it lacks (ISO 32000-2 §7.7.3.4,
§12.7.4.1).

An object that is referred to need not be there: it is null until a later revision brings it (§7.3.10).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from pyhanko.pdf_utils.generic import DictionaryObject, IndirectObject, PdfObject
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader

from .objects import is_destination, items


class Part(StrEnum):
    """The parts of a document that signing may change, and everything else."""

    TRAILER = "trailer"
    CATALOG = "catalog"
    PAGE = "page"
    """A page or a node of its tree."""
    FORM = "form"
    FIELD = "field"
    """A field, a node above it, or an annotation: one object may be all of them."""
    STORE = "store"
    INFORMATION = "information"
    XMP = "xmp"
    OTHER = "other"


# Which part a key leads to, from a holder that is itself a part (ISO 32000-2, tables 15, 29, 30, 31, 166, 224, 226;
# ETSI EN 319 142-1 §5.4.2.2). A list is of the part that its members are.
_LEADS: Mapping[Part, Mapping[str, Part]] = {
    Part.TRAILER: {"/Root": Part.CATALOG, "/Info": Part.INFORMATION},
    Part.CATALOG: {"/Pages": Part.PAGE, "/AcroForm": Part.FORM, "/DSS": Part.STORE, "/Metadata": Part.XMP},
    Part.PAGE: {"/Kids": Part.PAGE, "/Parent": Part.PAGE, "/Annots": Part.FIELD},
    Part.FORM: {"/Fields": Part.FIELD},
    Part.FIELD: {"/Kids": Part.FIELD, "/Parent": Part.FIELD, "/Popup": Part.FIELD, "/P": Part.PAGE},
    Part.STORE: {"/Certs": Part.STORE, "/OCSPs": Part.STORE, "/CRLs": Part.STORE},
}
# Where something else names a page, an annotation or the catalog without taking anything from it (tables 256, 357,
# 358, 162). Nobody draws with what it leads to: what is drawn is a stream or, of any name, a dictionary of others.
_NAMED_BY: Mapping[str, tuple[str, Part]] = {
    "/Pg": ("", Part.PAGE),
    "/P": ("/R", Part.PAGE),
    "/Obj": ("/Type", Part.FIELD),
    "/Data": ("/TransformMethod", Part.CATALOG),
}


class References:
    """All object numbers referred to so far, and for each that can be reached as which parts.

    `misnamed` is what some readers take for another than is named: they end a name at a zero byte, or overlook the
    generation of an object.
    """

    def __init__(self, resolver: HistoricalResolver) -> None:
        self.named: set[int] = set()
        self.misnamed: set[str] = set()
        self._generations = _generations(resolver.reader)
        self.parts: dict[int, set[Part]] = {}
        self._follow([(resolver.trailer_view, Part.TRAILER)], resolver)

    def add(self, written: Mapping[int, PdfObject], resolver: HistoricalResolver) -> None:
        """Note what the objects of a later revision refer to, and what that leads to."""
        known = [(value, part) for at, value in written.items() for part in self.parts.get(at, ())]
        self._follow(known, resolver)
        for at, value in written.items():
            if at not in self.parts:  # nothing leads to it yet
                self.named |= _named(value)

    def _follow(self, waiting: list[tuple[PdfObject, Part]], resolver: HistoricalResolver) -> None:
        while waiting:
            value, part = waiting.pop()
            if isinstance(value, IndirectObject):
                self.named.add(int(value.idnum))
                if value.generation not in self._generations.get(int(value.idnum), {value.generation}):
                    self.misnamed.add(f"object {value.idnum} of generation {value.generation}")
                known = self.parts.setdefault(int(value.idnum), set())
                if part not in known:
                    known.add(part)
                    waiting.append((resolver(value.reference), part))
            elif isinstance(value, DictionaryObject):
                self.misnamed |= {f"name {key!r}" for key in value if "\0" in key}
                waiting += [(value.raw_get(key), _led_to(value, str(key), part)) for key in value]
            else:
                first = Part.PAGE if is_destination(value) else part
                waiting += [(each, part if n else first) for n, each in enumerate(items(value))]


def _led_to(holder: DictionaryObject, key: str, part: Part) -> Part:
    found = _LEADS.get(part, {}).get(key)
    beside, elsewhere = _NAMED_BY.get(key, ("", Part.OTHER))
    return found or (elsewhere if not beside or beside in holder else Part.OTHER)


def _generations(reader: PdfFileReader) -> dict[int, set[int]]:
    """Every generation that any revision lists, by object number."""
    found: dict[int, set[int]] = {}
    for revision in range(int(reader.xrefs.total_revisions)):
        data = reader.xrefs.get_xref_data(revision)
        for number, (generation, _) in data.standard_xrefs.items():
            found.setdefault(int(number), set()).add(int(generation))
        for number in data.xrefs_in_objstm:
            found.setdefault(int(number), set()).add(0)
    return found


def _named(value: PdfObject) -> set[int]:
    found: set[int] = set()
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, IndirectObject):
            found.add(int(each.idnum))
        elif isinstance(each, DictionaryObject):
            waiting += [each.raw_get(key) for key in each]
        else:
            waiting += items(each)
    return found
