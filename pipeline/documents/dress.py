"""A municipality's dress: its logotype, colours and footer, as data in `templates/kommuner/<slug>/kommun.toml`.

A municipality without a folder of its own wears `standard`, which prints its name in letters. Colours are checked by
WCAG 2.1 contrast before they are ever used: 7:1 (AAA) for body text, 4.5:1 (AA) for headings, 3:1 for lines.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from pipeline.errors import Misuse

STANDARD = "standard"
WHITE = "#ffffff"

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=90)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Farger(_Strict):
    """Colours on white paper: body text, headings, lines, and the pale surface behind what is set apart."""

    text: Colour
    rubrik: Colour
    linje: Colour
    yta: Colour

    @model_validator(mode="after")
    def _readable(self) -> Self:
        for name, colour, least in (("text", self.text, 7.0), ("rubrik", self.rubrik, 4.5), ("linje", self.linje, 3.0)):
            for paper in (WHITE, self.yta):
                found = contrast(colour, paper)
                if found < least:
                    raise ValueError(f"{name} {colour} on {paper}: contrast {found:.1f}, at least {least} is needed")
        return self


class Logotyp(_Strict):
    """The logotype: an SVG beside the file, what it shows in words, and its width on paper."""

    fil: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]+\.svg$")]
    alt: Line
    bredd_mm: Annotated[int, Field(ge=20, le=90)]


class Kommunfil(_Strict):
    """The schema of kommun.toml; `kod` is left out only by `standard`."""

    kod: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")] | None = None
    farger: Farger
    logotyp: Logotyp | None = None
    sidfot: Annotated[tuple[Line, ...], Field(strict=False, max_length=4)] = ()
    word: bool = False
    """Whether the plan is also made as a Word document, for those who go on working with the text."""


@dataclass(frozen=True, slots=True)
class Dress:
    """What makes a document look like a municipality's own."""

    slug: str
    farger: Farger
    logotype: bytes | None
    logotype_alt: str
    logotype_mm: int
    sidfot: tuple[str, ...]
    word: bool


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two ``#rrggbb`` colours, 1 to 21 (WCAG 2.1, definition of contrast ratio)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@cache
def load_dress(templates_root: Path, kommun_kod: str) -> Dress:
    """The dress of a municipality, or `standard`; raises Misuse("dokument_drakt") for a file that breaks the schema."""
    folder = templates_root / "kommuner"
    for path in sorted(folder.glob("*/kommun.toml")):
        if path.parent.name != STANDARD:
            found = _read(path)
            if found.kod == kommun_kod:
                return _dress(path.parent, found)
    return _dress(folder / STANDARD, _read(folder / STANDARD / "kommun.toml"))


def named_dress(templates_root: Path, slug: str) -> Dress:
    """The dress in the folder `slug`; raises Misuse("dokument_drakt_saknas") when there is none."""
    known = sorted(path.parent.name for path in (templates_root / "kommuner").glob("*/kommun.toml"))
    if slug not in known:
        raise Misuse("dokument_drakt_saknas", drakt=slug[:64], kanda=", ".join(known))
    folder = templates_root / "kommuner" / slug
    return _dress(folder, _read(folder / "kommun.toml"))


def _read(path: Path) -> Kommunfil:
    try:
        return Kommunfil.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise Misuse("dokument_drakt", drakt=path.parent.name, fel=_first(error)) from error


def _first(error: ValidationError | tomllib.TOMLDecodeError) -> str:
    if isinstance(error, tomllib.TOMLDecodeError):
        return str(error)
    first = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


def _dress(folder: Path, found: Kommunfil) -> Dress:
    logotyp = found.logotyp
    return Dress(
        slug=folder.name,
        farger=found.farger,
        logotype=(folder / logotyp.fil).read_bytes() if logotyp else None,
        logotype_alt=logotyp.alt if logotyp else "",
        logotype_mm=logotyp.bredd_mm if logotyp else 0,
        sidfot=found.sidfot,
        word=found.word,
    )
