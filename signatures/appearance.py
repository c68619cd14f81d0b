"""The visible signature: a few lines of text in the one font the file already has."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic, layout
from pyhanko.pdf_utils.content import ResourceType
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.stamp import BaseStamp, BaseStampStyle

from .errors import AppearanceRefused
from .font import Face, face_of, missing_characters

SMALLEST, STEP = 6.0, 0.5  # points
USUAL = 12.0  # points; larger in a tall field, since a plan in large type has large fields
MARGIN = 4.0  # points
LEADING = 1.2  # of the font size
_PERSONAL_NUMBER = re.compile(r"(?<!\d)(?:\d{2})?(\d{2}[01]\d[0-36-9]\d)[-+ ]?(\d{4})(?!\d)")


@dataclass(frozen=True, slots=True)
class Typeface:
    """A font of the file: its resource name, its reference, its measures."""

    name: str
    reference: generic.PdfObject
    face: Face


def mark_test(lines: tuple[str, ...], *, test: bool) -> tuple[str, ...]:
    """A test says so, whoever drew up the lines."""
    if not test or any("TEST" in line for line in lines):
        return lines
    return (f"TEST – {lines[0]}", *lines[1:]) if lines else ("TEST",)


def refuse_numbers(texts: Sequence[str], hidden: str) -> None:
    """Stop a personal identity number before it is there for good; `hidden` is the signer's own, however spelled."""
    own = re.sub(r"\D", "", hidden)[-10:]
    if any(_shows_number(text) or (own and own in re.sub(r"\D", "", text)) for text in texts):
        raise AppearanceRefused("personnummer_synligt", "a visible text shows a personal identity number")


def require_name(lines: Sequence[str], name: str) -> None:
    """Stop a stamp that does not say who signed."""
    shown = " ".join(unicodedata.normalize("NFC", " ".join(lines)).split())
    if " ".join(unicodedata.normalize("NFC", name).split()) not in shown:
        raise AppearanceRefused("namn_saknas", "the visible lines do not show the name of the one who signs")


def _shows_number(line: str) -> bool:
    return any(_luhn(f"{match[1]}{match[2]}") for match in _PERSONAL_NUMBER.finditer(line))


def _luhn(ten: str) -> bool:
    """The check digit of a personal identity number (SKV 704): digits weighted 2, 1, 2 … sum to a multiple of ten."""
    doubled = (int(digit) * (2 - index % 2) for index, digit in enumerate(ten))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def typefaces(writer: Any) -> tuple[Typeface, ...]:
    """The appearance fonts that `fields.prepare` put into the file, in order of preference."""
    try:
        fonts = writer.root["/AcroForm"]["/DR"]["/Font"]
    except KeyError:
        raise AppearanceRefused("typsnitt_saknas", "the file carries no appearance font") from None
    return tuple(Typeface(name, fonts.raw_get(name), face_of(_program(fonts[name]))) for name in sorted(fonts, key=str))


def _program(font: generic.DictionaryObject) -> bytes:
    data: bytes = font["/DescendantFonts"][0]["/FontDescriptor"]["/FontFile2"].data
    return data


def draw(lines: Sequence[str], width: float, height: float, faces: Sequence[Typeface]) -> bytes:
    """Content stream operators that set `lines` in a box, as large as they fit.

    Raises AppearanceRefused `tecken_saknas` or `far_inte_plats`.
    """
    texts = [unicodedata.normalize("NFC", line) for line in lines]
    _refuse_missing(texts, faces)
    size = max(USUAL, height / 7 // STEP * STEP)
    while size >= SMALLEST:
        wrapped = [part for text in texts for part in _wrap(text, (width - 2 * MARGIN) / size * 1000, faces)]
        if len(wrapped) * size * LEADING <= height - 2 * MARGIN and all(
            _width(part, faces) * size / 1000 <= width - 2 * MARGIN for part in wrapped
        ):
            return _operators(wrapped, size, height, faces)
        size -= STEP
    raise AppearanceRefused("far_inte_plats", f"{len(lines)} lines do not fit in {width:.0f} by {height:.0f} points")


def _refuse_missing(texts: Sequence[str], faces: Sequence[Typeface]) -> None:
    missing = {c for text in texts for c in text if not any(c in each.face.glyphs for each in faces)}
    if missing:
        raise missing_characters(missing)


def _wrap(text: str, limit: float, faces: Sequence[Typeface]) -> list[str]:
    """Break a line at spaces so that each part is at most `limit` thousandths of an em, where that can be had."""
    parts: list[str] = []
    for word in text.split(" "):
        longer = f"{parts[-1]} {word}" if parts else word
        if parts and _width(longer, faces) <= limit:
            parts[-1] = longer
        else:
            parts.append(word)
    return parts


def _runs(text: str, faces: Sequence[Typeface]) -> list[tuple[Typeface, str]]:
    runs: list[tuple[Typeface, str]] = []
    for character in text:
        face = next(each for each in faces if character in each.face.glyphs)
        if runs and runs[-1][0] is face:
            runs[-1] = (face, runs[-1][1] + character)
        else:
            runs.append((face, character))
    return runs


def _width(text: str, faces: Sequence[Typeface]) -> float:
    return sum(each.face.width(run) for each, run in _runs(text, faces))


def _operators(lines: Sequence[str], size: float, height: float, faces: Sequence[Typeface]) -> bytes:
    first = height - MARGIN - size * faces[0].face.ascent / 1000
    out = [f"BT 0 g {size * LEADING:g} TL 1 0 0 1 {MARGIN:g} {first:g} Tm"]
    for line in lines:
        for each, run in _runs(line, faces):
            codes = "".join(f"{each.face.glyphs[character]:04X}" for character in run)
            out.append(f"{each.name} {size:g} Tf <{codes}> Tj")
        out.append("T*")
    return " ".join([*out, "ET"]).encode("ascii")


@dataclass(frozen=True)
class StampStyle(BaseStampStyle):
    """pyHanko's hook for a visible signature, drawing `lines` with the file's own fonts."""

    border_width: int = 0
    lines: tuple[str, ...] = ()

    def create_stamp(self, writer: Any, box: layout.BoxConstraints, text_params: dict[str, str]) -> _Stamp:
        """Called by pyHanko when it fills the field."""
        return _Stamp(writer, self, box=box)


class _Stamp(BaseStamp):
    def _render_inner_content(self) -> list[bytes]:
        faces = typefaces(self.writer)
        for each in faces:
            self.set_resource(ResourceType.FONT, pdf_name(each.name), each.reference)
        return [draw(self.style.lines, self.box.width, self.box.height, faces)]
