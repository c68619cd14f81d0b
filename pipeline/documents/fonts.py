"""The fonts of documents: those in `templates/typsnitt`, and no others.

Fontconfig gets a configuration of our own (`fonts.conf` beside the fonts, which names no other folder) before Pango is
loaded, so that a document looks the same, and has the same bytes, on every machine. What none of the bundled fonts can
write is refused by field and script, never printed as an empty box.
"""

import atexit
import os
import shutil
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

from pipeline.documents.bundle import templates
from pipeline.errors import Refused

FAMILIES = ("Atkinson Hyperlegible Next", "Noto Sans", "Noto Sans Arabic", "Noto Sans Ethiopic")
"""In the order they are tried for each letter; the file is the family without spaces."""
ARABIC = "Noto Sans Arabic"

_VARIABLE = "FONTCONFIG_FILE"
_CACHE = "XDG_CACHE_HOME"
_UNSEEN = frozenset("\n\t\u00ad\u200c\u200d")
"""Breaks, soft hyphens and the joiners that Arabic script needs: nothing to draw."""

_TURNING = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
"""Marks that turn the direction of text round, and so could make a signed text read as another."""


def folder() -> Path:
    """The folder of the bundled fonts."""
    return templates() / "typsnitt"


def path(family: str, weight: str = "Regular") -> Path:
    """The file of a bundled font; `weight` is ``Regular`` or ``Bold``."""
    return folder() / f"{family.replace(' ', '')}-{weight}.ttf"


@cache
def signature_fonts() -> tuple[bytes, ...]:
    """The fonts of visible signatures: the body's own and its fallbacks, in order. Arabic would need shaping."""
    return tuple(path(family).read_bytes() for family in FAMILIES if family != ARABIC)


@cache
def _signable() -> frozenset[int]:
    return frozenset().union(*(_letters(path(family)) for family in FAMILIES if family != ARABIC))


def signable(name: str) -> bool:
    """Whether a visible signature can show `name`: its letters are placed one by one, which Arabic script and marks
    without a composed letter forbid, and all of them are seen."""
    from signatures.font import needs_shaping

    letters = unicodedata.normalize("NFC", name)
    seen = not any(needs_shaping(letter) or unicodedata.category(letter)[0] == "C" for letter in letters)
    return seen and all(ord(letter) in _signable() for letter in letters)


@cache
def configuration() -> Any:
    """WeasyPrint's font configuration over the bundled fonts, made once and shared by every document."""
    with _our_fontconfig():
        from weasyprint.text.fonts import FontConfiguration  # looks for fonts already when imported

        made = FontConfiguration()
    atexit.register(configuration.cache_clear)  # it must go before the libraries it cleans up with
    return made


@contextmanager
def _our_fontconfig() -> Iterator[None]:
    """Fontconfig reads its configuration from the environment; other programs we start shall not."""
    ours = {_VARIABLE: str(folder() / "fonts.conf"), _CACHE: _cache_home()}
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _cache_home() -> str:
    """Where fontconfig keeps its cache: the user's own place, or for this process only where there is none."""
    home = os.environ.get("HOME")
    usual = os.environ.get(_CACHE) or (f"{home}/.cache" if home else "")
    with suppress(OSError):
        if home and Path(home).is_dir():
            Path(usual, "fontconfig").mkdir(parents=True, exist_ok=True)
        if usual and os.access(Path(usual, "fontconfig"), os.W_OK):
            return usual
    made = tempfile.mkdtemp(prefix="plansigill-")
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


@cache
def coverage() -> frozenset[int]:
    """Every code point that both the regular and the bold of some bundled family can write."""
    return frozenset().union(*map(letters, FAMILIES))


@cache
def letters(family: str) -> frozenset[int]:
    """The code points that both the regular and the bold of a bundled family can write."""
    return _letters(path(family, "Regular")) & _letters(path(family, "Bold"))


def _letters(file: Path) -> frozenset[int]:
    with TTFont(file, lazy=True) as font:
        return frozenset(font.getBestCmap())


@cache
def _advances(weight: str) -> dict[int, float]:
    with TTFont(path(FAMILIES[0], weight)) as font:
        return advances(font)


def advances(font: TTFont) -> dict[int, float]:
    """The width of each letter of a font, in ems."""
    metrics, unit = font["hmtx"], font["head"].unitsPerEm
    return {code: metrics[glyph][0] / unit for code, glyph in font.getBestCmap().items()}


def width(text: str, weight: str = "Regular") -> float:
    """How wide a line of text is set in the body font, in ems; a letter of a fallback font counts as one em."""
    return measured(text, _advances(weight))


def measured(text: str, widths: Mapping[int, float]) -> float:
    """How wide a line of text is, in ems; a letter without a width counts as one em."""
    return sum(widths.get(ord(c), 1.0) for c in text)


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
