"""Words as shapes, in the body font: for pictures, whose meaning stands in their alternative text."""

from functools import cache
from typing import Any

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

from pipeline.documents import fonts

EM = 100
"""Units of a picture to an em of its letters."""


def path(text: str, weight: str = "Regular") -> tuple[str, float]:
    """The ``d`` of an SVG path that draws `text` on the base line from the origin, and its width, in units."""
    font = _font(weight)
    scale = EM / font["head"].unitsPerEm
    glyphs, letters, metrics = font.getGlyphSet(), font.getBestCmap(), font["hmtx"]
    pen = SVGPathPen(glyphs, ntos=lambda number: f"{number:.1f}".rstrip("0").rstrip("."))
    along = 0.0
    for letter in text:
        name = letters[ord(letter)]
        glyphs[name].draw(TransformPen(pen, (scale, 0, 0, -scale, along, 0)))
        along += metrics[name][0] * scale
    return pen.getCommands(), along


@cache
def _font(weight: str) -> Any:
    return TTFont(fonts.path(fonts.FAMILIES[0], weight))
