"""Write `signatures/verify/stamp/outlines.bin` from the bundled fonts: `python -m tests.verify.outlines`."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from fontTools.ttLib import TTFont

from pipeline.documents.fonts import signature_fonts
from signatures.font import needs_shaping
from signatures.verify.stamp import outlines

FILE = Path(outlines.__file__).with_name("outlines.bin")
SIZE = 16


def digests() -> set[bytes]:
    """A digest for each letter of each font that a visible signature may be drawn with."""
    found: set[bytes] = set()
    for program in signature_fonts():
        numbers, cmap = TTFont(BytesIO(program)).getReverseGlyphMap(), TTFont(BytesIO(program)).getBestCmap()
        font = outlines.Outlines(program, hinted=True)
        letters = ((chr(code), numbers[name]) for code, name in cmap.items())
        found |= {outlines.digest(c, font.drawn(number)) for c, number in letters if not needs_shaping(c)}
    return found


def kept() -> set[bytes]:
    """What the file holds."""
    data = FILE.read_bytes() if FILE.exists() else b""
    return {data[at : at + SIZE] for at in range(0, len(data), SIZE)}


if __name__ == "__main__":
    FILE.write_bytes(b"".join(sorted(digests() | kept())))
