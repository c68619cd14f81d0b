"""The fonts of documents: those in `templates/typsnitt`, and no others.

Fontconfig gets a configuration of our own (`fonts.conf` beside the fonts, which names no other folder) before Pango is
loaded, so that a document looks the same, and has the same bytes, on every machine. What none of the bundled fonts can
write is refused by field and script, never printed as an empty box.
"""

import os
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

from pipeline.documents.bundle import templates
from pipeline.errors import Refused

BODY = "AtkinsonHyperlegibleNext-Regular.ttf"
FAMILIES = ("Atkinson Hyperlegible Next", "Noto Sans", "Noto Sans Arabic", "Noto Sans Ethiopic")
"""In the order they are tried for each letter."""

_UNSEEN = frozenset("\n\t\u00ad\u200c\u200d")
"""Breaks, soft hyphens and the joiners that Arabic script needs: nothing to draw."""

_TURNING = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
"""Marks that turn the direction of text round, and so could make a signed text read as another."""


def folder() -> Path:
    """The folder of the bundled fonts."""
    return templates() / "typsnitt"


SIGNATURE_FONTS = (BODY, "NotoSans-Regular.ttf", "NotoSansEthiopic-Regular.ttf")
"""What a visible signature is written with, in the order they are tried; Arabic would need shaping."""


@cache
def signature_fonts() -> tuple[bytes, ...]:
    """The fonts of visible signatures: the body's own and its fallbacks."""
    return tuple((folder() / name).read_bytes() for name in SIGNATURE_FONTS)


@cache
def configuration() -> Any:
    """WeasyPrint's font configuration over the bundled fonts, made once and shared by every document."""
    os.environ["FONTCONFIG_FILE"] = str(folder() / "fonts.conf")
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415  after the environment, never before

    return FontConfiguration()


@cache
def coverage() -> frozenset[int]:
    """Every code point that both the regular and the bold of some bundled family can write."""
    found: set[int] = set()
    for regular in sorted(folder().glob("*-Regular.ttf")):
        bold = regular.with_name(regular.name.replace("-Regular", "-Bold"))
        found |= set(_letters(regular)) & set(_letters(bold))
    return frozenset(found)


def _letters(path: Path) -> Iterable[int]:
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())


def unwritable(text: str) -> str | None:
    """The first character of `text` that no bundled font can write, or None."""
    known = coverage()
    return next((c for c in text if (ord(c) not in known and c not in _UNSEEN) or c in _TURNING), None)


def require_writable(fields: Iterable[tuple[str, str]]) -> None:
    """Raise Refused("dokument_tecken") for the first (field path, text) that the bundled fonts cannot write."""
    for field, value in fields:
        character = unwritable(value)
        if character is not None:
            raise Refused("dokument_tecken", falt=field, tecken=f"U+{ord(character):04X}", skrift=script(character))


def script(character: str) -> str:
    """The script of a character by its Unicode name: ``HANGUL``, ``CJK``; ``okänd`` when it has none."""
    name = unicodedata.name(character, "")
    return name.split()[0] if name else "okänd"
