"""What makes a plan document a draft: the word UTKAST across every page, and no place for a signature.

The word is a picture in the ground of the page, so that it is no part of what is read aloud and leaves the text above
it readable; the head of every page and the first lines say it in words.
"""

from functools import cache
from math import ceil

from pipeline.documents import outlines
from pipeline.documents.words import swedish

GROUND = "utkast.svg"
"""The picture's name, which plan.css gives to the pages of a draft."""
_COLOUR = "#dfe2e7"


@cache
def ground() -> bytes:
    """The picture: an A4 page with the word from corner to corner."""
    shape, width = outlines.path(swedish()("utkast.ord"), "Bold")
    scale = 760 / width
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 595 842" width="595" height="842">'
        f'<path fill="{_COLOUR}" d="{shape}" transform="translate(297.5 421) rotate(-54.7) scale({scale:.3f}) '
        f'translate({-width / 2:.1f} {ceil(outlines.EM * 0.34)})"/></svg>'
    ).encode()
