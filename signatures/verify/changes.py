"""What was changed after the first signature, and whether signing explains it (rule R5).

pyHanko's difference analysis is run first. It answers whether a later change is *legitimate PDF*; this module asks the
narrower question whether it is what *signing* does, and nothing else. Between each revision and the next, an existing
object may be written anew only if it is

- the catalog, and only /DSS, /Extensions, /Version, /AcroForm or /Metadata differ (an output intent where there was
  none, as EU DSS adds, leaves it open what colours are now seen);
- the interactive form or a node of its tree, and only its flags differ and signature fields were appended (other
  resources for the fields' appearances, as PDFBox adds, leave it open what a reader draws by them);
- a page or its annotation list, and only signature widgets were appended;
- an empty signature field or its widget, and only its value and appearance were filled in (one that may cover the
  page is noted);
- the document security store or a list in it, and nothing was taken out;
- the information dictionary or the XMP stream, and only as `metadata.only_noted` has it (rule R9 compares what they
  say); where there was none, one may be added.

Everything else (contents, fonts, structure tree, attachments, annotations, outlines, actions, a filled signature's
appearance …) must stay as it was signed. New objects must have new numbers, which nothing before them referred to.

What may be written anew must be that one thing to all that refers to it, on any way from the trailer (`references.py`):
it fails where it is two things that signing changes, and cannot be judged where it is something else besides. Nor can a
file whose pages have no one place in their tree (`pagetree.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, PdfObject, Reference, StreamObject
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader

from .metadata import only_noted, only_words
from .objects import changed_keys, entry, items, kind, number, raw_entry, respelled, same, target
from .pagetree import astray, pages
from .references import Part, References
from .widgets import Form, form_of, is_added_field, is_widget_of, may_cover, shows

_CATALOG_KEYS = {"/DSS", "/Extensions", "/Version", "/AcroForm", "/Metadata"}
_NEW_FORM_KEYS = {"/Fields", "/SigFlags", "/DA", "/DR"}
_TABS = {"/R", "/C", "/S", "/A", "/W"}  # ISO 32000-2, table 31
_VERSIONS = [*(f"/1.{minor}" for minor in range(8)), "/2.0"]
_EXTENSION_KEYS = {"/Type", "/BaseVersion", "/ExtensionLevel", "/ExtensionRevision", "/URL"}  # table 49
_STORE_LISTS = ("/Certs", "/OCSPs", "/CRLs")


@dataclass(frozen=True, slots=True)
class Changes:
    """What was found: changes that signing does not explain, those whose meaning is not known here, and fields that may
    cover the page since they were added or filled after the first signature."""

    unexplained: tuple[str, ...]
    unclear: tuple[str, ...]
    visible_added: tuple[str, ...]


@dataclass(slots=True)
class _Roles:
    """Which objects of a revision have a part in signing, by object number."""

    catalog: int
    tree: Form
    form: int | None = None
    pages: dict[int, DictionaryObject] = field(default_factory=dict)
    annotations: dict[int, list[int]] = field(default_factory=dict)
    """Annotation lists that are objects of their own, with the pages (by number) that have them."""
    store: set[int] = field(default_factory=set)
    metadata: set[int] = field(default_factory=set)


def review(reader: PdfFileReader, since: int) -> Changes:
    """Compare every revision after number `since` with the one before it."""
    first = reader.get_historical_resolver(since)
    unexplained: list[str] = []
    unclear = astray(first.root)
    visible: list[str] = []
    told, tree = References(first), form_of(first.root)
    for revision in range(since + 1, int(reader.xrefs.total_revisions)):
        step = _Step(reader, revision, told, tree)
        unexplained += step.unexplained()
        unclear += step.unclear
        visible += step.visible
        tree = step.after
    return Changes(tuple(unexplained), (*unclear, *sorted(told.misnamed)), tuple(visible))


class _Step:
    """One revision against the one before it."""

    def __init__(self, reader: PdfFileReader, revision: int, told: References, before: Form) -> None:
        self.reader = reader
        self.revision = revision
        self.told = told
        # Numbers from here on were nobody's; it never falls, else the file is not read at all.
        self.limit = _size(reader, revision - 1)
        self.old: HistoricalResolver = reader.get_historical_resolver(revision - 1)
        self.new: HistoricalResolver = reader.get_historical_resolver(revision)
        self.before, self.after = before, form_of(self.new.root)
        self.unclear: list[str] = []
        self.visible: list[str] = []

    def unexplained(self) -> list[str]:
        """Every change of this revision that signing does not explain, as plain facts."""
        freed = {int(ref.idnum) for ref in self.reader.xrefs.refs_freed_in_revision(self.revision)}
        gone = (f"object {number} removed" for number in freed)
        found = [f"revision {self.revision}: {what}" for what in (*self._trailer(), *gone)]
        roles = _roles(self.old, self.before)
        written = [r for r in self.reader.xrefs.explicit_refs_in_revision(self.revision) if r.idnum not in freed]
        found += [f"revision {self.revision}: object {at} was awaited" for at in self._awaited(written)]
        self.told.add({int(ref.idnum): self.new(ref) for ref in written}, self.new)
        for ref in written:
            if self._existed(ref):
                found += self._changed(ref, roles)
            elif ref.idnum < self.limit:
                found.append(f"revision {self.revision}: object number {ref.idnum} reused")
        return sorted(found)

    def _changed(self, ref: Reference, roles: _Roles) -> list[str]:
        """What is unexplained in an object that is written anew; what is only unclear is noted."""
        old, new = self.old(ref), self.new(ref)
        if ref.idnum not in {*roles.metadata, *roles.tree.fields} and respelled(old, new):
            self.unclear.append(f"revision {self.revision}: strings in object {ref.idnum} have other bytes")
        if same(old, new):
            return []
        what = f"revision {self.revision}: object {ref.idnum} changed{kind(old)}"
        parts = self.told.parts.get(int(ref.idnum), set())
        if len(parts - {Part.OTHER}) > 1 or not self._explained(ref, roles):
            return [what]
        self.unclear += [f"{what}, and is used for something else"] if Part.OTHER in parts else []
        return []

    def _awaited(self, written: list[Reference]) -> list[int]:
        """What was referred to but was not there, since its number lay beyond /Size (ISO 32000-2 §7.5.5)."""
        size = _size(self.reader, self.revision)
        known = range(self.limit, max([size, *(int(ref.idnum) + 1 for ref in written)]))
        return sorted(at for at in self.told.named if at in known)

    def _existed(self, ref: Reference) -> bool:
        try:
            return self.reader.xrefs.get_historical_ref(ref, self.revision - 1) is not None
        except KeyError:
            return False

    def _trailer(self) -> Iterator[str]:
        before, after = self.old.trailer_view, self.new.trailer_view
        for key in ("/Root", "/Info", "/Encrypt"):
            if not same(raw_entry(before, key), raw_entry(after, key)) and not (key == "/Info" and self._first_info()):
                yield f"trailer {key} changed"

    def _first_info(self) -> bool:
        """Whether an information dictionary was added where there was none; rule R9 compares what it says."""
        at = number(raw_entry(self.new.trailer_view, "/Info"))
        if raw_entry(self.old.trailer_view, "/Info") is not None or at is None or at < self.limit:
            return False
        return only_words(self.new(Reference(at, 0, self.reader)))

    def _explained(self, ref: Reference, roles: _Roles) -> bool:
        at, old, new = int(ref.idnum), self.old(ref), self.new(ref)
        if at in roles.metadata:
            return only_noted(old, new)
        if at in roles.store:
            return _store_grew(old, new)
        if at in roles.annotations or at in roles.tree.lists:
            return self._listed(at, roles, old, new)
        if not isinstance(old, DictionaryObject) or not isinstance(new, DictionaryObject):
            return False
        # The keys of a stream would not tell that its bytes are others.
        return not isinstance(new, StreamObject) and self._dictionary(at, roles, old, new)

    def _listed(self, at: int, roles: _Roles, old: PdfObject, new: PdfObject) -> bool:
        on_pages = all(self._widgets_appended(old, new, page, roles) for page in roles.annotations.get(at, ()))
        return on_pages and all(_fields_appended(old, new, above) for above in roles.tree.lists.get(at, ()))

    def _dictionary(self, at: int, roles: _Roles, old: DictionaryObject, new: DictionaryObject) -> bool:
        changed = changed_keys(old, new)
        if at == roles.catalog:
            return self._catalog(old, new, changed)
        if at == roles.form:
            return self._form(old, new, changed)
        if at in roles.pages:
            before, after = entry(old, "/Annots"), entry(new, "/Annots")
            tabs = "/Tabs" not in changed or entry(new, "/Tabs") in _TABS
            return changed <= {"/Annots", "/Tabs"} and tabs and self._widgets_appended(before, after, at, roles)
        if at in roles.tree.names:
            return changed == {"/Kids"} and _fields_appended(entry(old, "/Kids"), entry(new, "/Kids"), at)
        return self._filled(at, roles, new, changed)

    def _filled(self, at: int, roles: _Roles, new: DictionaryObject, changed: set[str]) -> bool:
        """Whether an empty signature field is filled in here, and of this part of it only what that takes changed."""
        holder = at if at in roles.tree.fields else roles.tree.widgets.get(at)
        before, after = (tree.fields.get(holder or 0) for tree in (roles.tree, self.after))
        if before is None or after is None or "/V" in before or "/V" not in after:
            return False
        if "/AP" in changed and may_cover(new, entry(after, "/V")):
            self.visible.append(str(entry(after, "/T")))
        mine = {"/V"} if holder == at else set()
        return changed <= mine | ({"/AP"} if at in roles.tree.widgets else set())

    def _catalog(self, old: DictionaryObject, new: DictionaryObject, changed: set[str]) -> bool:
        if not changed <= _CATALOG_KEYS | ({"/OutputIntents"} - old.keys()):
            return False
        self.unclear += [f"revision {self.revision}: {key} added" for key in changed & {"/OutputIntents"}]
        if "/AcroForm" in changed:
            before, after = entry(old, "/AcroForm"), entry(new, "/AcroForm")
            if not isinstance(after, DictionaryObject) or not self._form_or_none(before, after):
                return False
        if ("/Version" in changed and not _rose(old, new)) or ("/Extensions" in changed and not _extended(new)):
            return False
        return "/DSS" not in changed or _store_grew(entry(old, "/DSS"), entry(new, "/DSS"))

    def _form_or_none(self, old: PdfObject | None, new: DictionaryObject) -> bool:
        if old is None:
            return {str(key) for key in new} <= _NEW_FORM_KEYS and _fields_appended(None, entry(new, "/Fields"))
        return isinstance(old, DictionaryObject) and self._form(old, new, changed_keys(old, new))

    def _form(self, old: DictionaryObject, new: DictionaryObject, changed: set[str]) -> bool:
        grew = _fields_appended(entry(old, "/Fields"), entry(new, "/Fields"))
        self.unclear += [f"revision {self.revision}: {key} of the form changed" for key in changed & {"/DR"}]
        return changed <= {"/SigFlags", "/Fields", "/DR"} and grew

    def _name(self, widget: PdfObject) -> str:
        holder = self.after.widgets.get(number(widget) or 0)
        return str(entry(self.after.fields.get(holder or 0), "/T"))

    def _widgets_appended(self, old: PdfObject | None, new: PdfObject | None, page: int, roles: _Roles) -> bool:
        """Whether a page's annotations are as they were, and only signatures' widgets came after."""
        added = _appended(old, new)
        if added is None or not all(is_widget_of(w, page, self.after) for w in added):
            return False
        self.visible += [self._name(w) for w in added if shows(w)]
        return True


def _fields_appended(old: PdfObject | None, new: PdfObject | None, above: int | None = None) -> bool:
    """Whether the fields of the form, or under one of its nodes, are as they were, and only filled ones came after."""
    added = _appended(old, new)
    return added is not None and all(is_added_field(each, above) for each in added)


def _appended(old: PdfObject | None, new: PdfObject | None) -> list[PdfObject] | None:
    """What came after in a list that kept all that it had, in order; None where it did not."""
    before = ArrayObject() if old is None else old
    if not isinstance(before, ArrayObject) or not isinstance(new, ArrayObject) or len(new) < len(before):
        return None
    if not all(same(a, b) for a, b in zip(before, new, strict=False)):
        return None
    return items(new)[len(before) :]


def _size(reader: PdfFileReader, revision: int) -> int:
    return int(reader.xrefs.get_xref_container_info(revision).size)


def _roles(resolver: HistoricalResolver, tree: Form) -> _Roles:
    root = resolver.root
    roles = _Roles(int(resolver.root_ref.idnum), tree, number(raw_entry(root, "/AcroForm")))
    for page_number, page in pages(root):
        roles.pages[page_number] = page
        if (listed := number(raw_entry(page, "/Annots"))) is not None:
            roles.annotations.setdefault(listed, []).append(page_number)
    store = entry(root, "/DSS")
    parts = (raw_entry(root, "/DSS"), *(raw_entry(store, key) for key in _STORE_LISTS))
    roles.store.update(at for at in map(number, parts) if at is not None)
    facts = (raw_entry(root, "/Metadata"), raw_entry(resolver.trailer_view, "/Info"))
    roles.metadata.update(at for at in map(number, facts) if at is not None)
    return roles


def _rose(old: DictionaryObject, new: DictionaryObject) -> bool:
    """Whether the catalog names a version of PDF, and none before the one it named."""
    before, after = entry(old, "/Version"), entry(new, "/Version")
    return after in _VERSIONS and (before is None or before in _VERSIONS[: _VERSIONS.index(after)])


def _extended(catalog: DictionaryObject) -> bool:
    """Whether the catalog's extensions are what the standard has there, and lead to nothing else (§7.12)."""
    found = entry(catalog, "/Extensions")
    if not isinstance(found, DictionaryObject):
        return False
    each = [target(e) for key in found if key != "/Type" for e in items(found[key]) or [found[key]]]
    return all(isinstance(e, DictionaryObject) and {str(key) for key in e} <= _EXTENSION_KEYS for e in each)


def _store_grew(old: PdfObject | None, new: PdfObject | None) -> bool:
    """Whether the security store (or one of its lists) still has everything it had."""
    if old is None:
        return isinstance(new, DictionaryObject | ArrayObject)
    if isinstance(old, ArrayObject) and isinstance(new, ArrayObject):
        return {number(e) for e in old} <= {number(e) for e in new}
    if not isinstance(old, DictionaryObject) or not isinstance(new, DictionaryObject):
        return False
    if isinstance(old, StreamObject) or isinstance(new, StreamObject):
        return False
    return all(_store_grew(entry(old, key), entry(new, key) or ArrayObject()) for key in _STORE_LISTS)
