"""A municipality's dress: its names, logotype, colours, type, foot and words, and what it replaces of our templates.

A dress is a folder ``kommuner/<slug>/`` with a `kommun.toml`: the workspace's own first, then those that come with the
installation. A municipality without one wears `standard`, which prints its name in letters. A dress is read anew for
each document (a few milliseconds), so that what is printed is always what lies in the folder.

Colours are checked by WCAG 2.1 contrast before they are ever used: 7:1 (AAA) for body text, 4.5:1 (AA) for headings,
3:1 for lines.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from pipeline.documents import dress_folder, fonts
from pipeline.documents.colours import WHITE, contrast, darkened, lightened
from pipeline.documents.dress_file import (
    Diary,
    Farger,
    Kommunfil,
    Kontakt,
    Marke,
    Namn,
    Ord,
    Placement,
    Sekretess,
    Typsnitt,
    read_fields,
    read_table,
)
from pipeline.documents.dress_rules import FILE, placeholders, refused
from pipeline.documents.logotype import drawing, inks
from pipeline.documents.own_font import OwnFont
from pipeline.errors import Misuse
from pipeline.plan.profile import Profil

FOLDER, STANDARD = "kommuner", "standard"
LEAST = {"text": 7.0, "rubrik": 4.5, "linje": 3.0}
"""The contrast that each colour must have against white and against `yta`."""
MARKING = frozenset({"lagrum", "myndighet", "datum"})
"""What a line about secrecy may name."""

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True)
class Mark:
    """A logotype ready to print, its measures in millimetres."""

    svg: bytes
    one_colour: bytes | None
    alt: str
    width_mm: float
    height_mm: float
    clear_mm: float
    """How far from it nothing else may stand."""
    least_mm: float
    """It may not be printed narrower than this."""


@dataclass(frozen=True, slots=True)
class Foot:
    """The first page's foot: free lines, then labelled fields."""

    kontakt: Kontakt = field(default_factory=Kontakt)
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Provider:
    """A private provider, whose plans carry its name or logotype beside the municipality's."""

    name: str
    logotyp: Mark | None = None
    foot: Foot | None = None


@dataclass(frozen=True, slots=True)
class Dress:
    """What makes a document look like a municipality's own."""

    slug: str
    kod: str | None
    """The municipality's code; None for `standard`."""
    farger: Farger
    namn: Namn
    logotyp: Mark | None
    placement: Placement
    typsnitt: OwnFont | None
    foot: Foot
    diarienummer: Diary | None
    ord: Ord
    sekretess: Sekretess
    providers: tuple[Provider, ...]
    word: bool
    format: Literal["pdf", "word"]
    overrides: Mapping[str, str]
    """Templates and stylesheets instead of ours, by relative name, and ``egen.css``."""
    word_templates: Mapping[str, bytes]
    """Word templates instead of ours, by relative name."""
    bundled: bool
    """Whether it came with the installation, and so is as trusted as the rest of it."""

    @property
    def untrusted(self) -> bool:
        """Whether laying out in it runs what a municipality wrote: templates, stylesheets, fonts."""
        return not self.bundled and bool(self.overrides or self.typsnitt)

    def untrusted_word(self, template: str) -> bool:
        """Whether what it has in place of that Word template is a municipality's own."""
        return not self.bundled and template in self.word_templates

    def provider(self, name: str | None) -> Provider | None:
        """The provider of that name, with its logotype where the dress has one; None for no name."""
        known = (p for p in self.providers if p.name == name)
        return next(known, Provider(name)) if name else None

    def in_our_templates(self) -> "Dress":
        """The same without what it replaces and without its own type."""
        return replace(self, overrides={}, word_templates={}, typsnitt=None)

    def worded(self, profil: Profil) -> Profil:
        """The routine profile with the municipality's own words for the roles."""
        own = self.ord.model_dump(exclude_none=True)
        return profil.model_copy(update={"termer": profil.termer.model_copy(update=own)}) if own else profil


def load_dress(templates_root: Path, kommun_kod: str, workspace: Path | None = None) -> Dress:
    """The dress of a municipality: the workspace's own, else the installation's, else `standard`.

    Raises Misuse("dokument_drakt") for a dress that breaks a rule, and for a file of the workspace that cannot be read
    at all, since it may be the very one that is meant.
    """
    for root in _roots(templates_root, workspace):
        found = [slug for slug in _slugs(root) if _kod(root / slug) == kommun_kod]
        if len(found) > 1:
            raise refused(found[1], "kod", "kod_dubbel", annan=found[0])
        if found:
            return _dress(root / found[0], bundled=root == templates_root / FOLDER)
    return named_dress(templates_root, STANDARD, workspace)


def named_dress(templates_root: Path, slug: str, workspace: Path | None = None) -> Dress:
    """The dress in the folder `slug`, the workspace's own first; raises Misuse when there is none or it is broken."""
    for root in _roots(templates_root, workspace):
        if _SLUG.fullmatch(slug) and slug in _slugs(root):
            return _dress(root / slug, bundled=root == templates_root / FOLDER)
    known = sorted({slug for root in _roots(templates_root, workspace) for slug in _slugs(root)})
    raise Misuse("dokument_drakt_saknas", drakt=slug[:64], kanda=", ".join(known))


def own_dresses(workspace: Path) -> list[str]:
    """The workspace's own dresses, by the names of their folders."""
    return _slugs(workspace / FOLDER)


def any_in_word(templates_root: Path, workspace: Path) -> bool:
    """Whether some municipality's plans are laid out in Word, which takes LibreOffice."""
    folders = (root / slug for root in _roots(templates_root, workspace) for slug in _slugs(root))
    return any(_table(folder).get("format") == "word" for folder in folders)


def _roots(templates_root: Path, workspace: Path | None) -> tuple[Path, ...]:
    own = (workspace / FOLDER,) if workspace is not None else ()
    return (*own, templates_root / FOLDER)


def _slugs(root: Path) -> list[str]:
    if not root.is_dir():
        return []
    return sorted(p.name for p in root.iterdir() if (p / FILE).exists() and not p.name.startswith("."))


def _table(folder: Path) -> dict[str, object]:
    if folder.is_symlink() or not _SLUG.fullmatch(folder.name):
        raise refused(folder.name, folder.name, "mappnamn")
    return read_table(folder.name, dress_folder.read(folder, FILE))


def _kod(folder: Path) -> object:
    return None if folder.name == STANDARD else _table(folder).get("kod")


def _dress(folder: Path, *, bundled: bool) -> Dress:
    slug, found = folder.name, read_fields(folder.name, _table(folder))
    if found.kod is None and slug != STANDARD:
        raise refused(slug, "kod", "saknas")
    _require_contrast(slug, found.farger)
    _require_lines(slug, found)
    providers = tuple(
        Provider(
            u.namn,
            _mark(folder, f"utforare[{number}].logotyp", u.logotyp),
            Foot(u.kontakt, u.sidfot) if u.sidfot or u.kontakt != Kontakt() else None,
        )
        for number, u in enumerate(found.utforare, 1)
    )
    return Dress(
        slug=slug,
        kod=found.kod,
        farger=found.farger,
        namn=found.namn,
        logotyp=_mark(folder, "logotyp", found.logotyp),
        placement=found.logotyp.plats if found.logotyp else Placement.UPPE_VANSTER,
        typsnitt=_font(folder, found.typsnitt) if found.typsnitt else None,
        foot=Foot(found.kontakt, found.sidfot),
        diarienummer=found.diarienummer,
        ord=found.ord,
        sekretess=found.sekretess,
        providers=providers,
        word=found.word,
        format=found.format,
        overrides=dress_folder.overrides(folder),
        word_templates=dress_folder.word_templates(folder),
        bundled=bundled,
    )


def _require_contrast(slug: str, farger: Farger) -> None:
    papers = (WHITE, farger.yta)
    for name, least in LEAST.items():
        colour: str = getattr(farger, name)
        paper = min(papers, key=lambda ground: contrast(colour, ground))
        if contrast(colour, paper) < least:
            facts = {"farg": colour, "papper": paper, "kontrast": f"{contrast(colour, paper):.2f}", "minst": f"{least}"}
            near = darkened(colour, papers, least)
            if near is None:  # even black is too pale on such a surface
                raise refused(
                    slug, "farger.yta", "kontrast_yta", **facts, forslag=lightened(farger.yta, "#000000", 9.0)
                )
            raise refused(slug, f"farger.{name}", "kontrast", **facts, forslag=near)


def _require_lines(slug: str, found: Kommunfil) -> None:
    """Every text of the file can be written with the bundled fonts, and a line about secrecy names only what it may."""
    for place, text in _texts(found.model_dump(mode="json"), ""):
        character = fonts.unwritable(text)
        if character is not None:
            raise refused(slug, place, "tecken", tecken=f"U+{ord(character):04X}")
    for name, allowed in (("rad", MARKING), ("rad_utan_markning", frozenset[str]())):
        line = getattr(found.sekretess, name)
        if line and not placeholders(line, allowed):
            raise refused(slug, f"sekretess.{name}", "platshallare", namn=", ".join(sorted(allowed)) or "–")
    names = [u.namn for u in found.utforare]
    if len(set(names)) < len(names):
        raise refused(slug, "utforare", "utforare_dubbel")


def _texts(value: object, place: str) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [t for key, inner in value.items() for t in _texts(inner, f"{place}.{key}" if place else key)]
    if isinstance(value, list):
        return [t for number, inner in enumerate(value, 1) for t in _texts(inner, f"{place}[{number}]")]
    return [(place, value)] if isinstance(value, str) else []


def _mark(folder: Path, place: str, found: Marke | None) -> Mark | None:
    if found is None:
        return None
    slug = folder.name
    if found.bredd_mm < found.minsta_bredd_mm:
        raise refused(slug, f"{place}.bredd_mm", "for_smal", minst=found.minsta_bredd_mm)
    colour = drawing(slug, found.fil, dress_folder.read(folder, found.fil))
    single = None
    if found.enfargad:
        single = drawing(slug, found.enfargad, dress_folder.read(folder, found.enfargad))
        if len(inks(single)) != 1:
            raise refused(slug, found.enfargad, "enfargad", farger=", ".join(sorted(inks(single))) or "–")
    return Mark(
        svg=colour.svg,
        one_colour=single.svg if single else None,
        alt=found.alt,
        width_mm=found.bredd_mm,
        height_mm=round(found.bredd_mm * colour.ratio, 2),
        clear_mm=found.frizon_mm,
        least_mm=found.minsta_bredd_mm,
    )


def _font(folder: Path, found: Typsnitt) -> OwnFont:
    if not dress_folder.read(folder, found.licens).strip():
        raise refused(folder.name, found.licens, "licens_tom")
    normal, bold = (dress_folder.read(folder, name, dress_folder.MOST_FONT_BYTES) for name in (found.normal, found.fet))
    return OwnFont(folder.name, found.familj, (found.normal, found.fet), normal, bold)
