"""The contrast of every text with the ground it stands on, measured where it is drawn (WCAG 2.1, 1.4.3, 1.4.6)."""

import re
import subprocess
from collections.abc import Iterator

from PIL import Image

from tests.conformance.content import Box, Run
from tests.conformance.tags import HEADINGS, Reading

DPI = 72
"""Of the pictures that are measured: a pixel to a point."""
AAA, AA = 7.0, 4.5
Pixel = tuple[int, int, int]
_PPM = re.compile(rb"P6\s+(\d+)\s+(\d+)\s+255\s")


def too_pale(pdf: bytes, reading: Reading, pages: int = 10_000) -> Iterator[str]:
    """Each text with less contrast than AAA for running text and AA for headings and what stands round the page.

    Looks at the first so many `pages`.
    """
    drawn = list(pictures(pdf, pages))
    headings = {run for h in reading.document.all(*HEADINGS) for content in h.contents() for run in content.runs}
    for page in reading.pages[:pages]:
        for run in page.runs:
            if run.text.strip() and run.visible:
                least = AA if run in headings or run.is_artifact else AAA
                ground = _ground(drawn[page.number], run)
                found = contrast(run.colour, ground)
                if found < least - 0.05:  # the picture rounds colours
                    yield f"page {page.number + 1}: {run.text!r} has {found:.1f} on {ground}, {least} is needed"


def pictures(pdf: bytes, pages: int) -> Iterator[Image.Image]:
    """The first pages as Poppler draws it, without smoothing, so that every pixel is ink or ground."""
    command = ["pdftoppm", "-r", str(DPI), "-aa", "no", "-aaVector", "no", "-l", str(pages), "-"]
    drawn = subprocess.run(command, input=pdf, capture_output=True, check=True, timeout=120).stdout
    at = 0
    while at < len(drawn):
        head = _PPM.match(drawn, at)
        assert head is not None, drawn[at : at + 20]
        width, height = int(head[1]), int(head[2])
        at = head.end() + 3 * width * height
        yield Image.frombytes("RGB", (width, height), drawn[head.end() : at])


def _ground(picture: Image.Image, run: Run) -> Pixel:
    """The commonest colour round the letters that is not the letters' own; their own where there is no other."""
    around = picture.crop(_pixels(run.box, picture))
    found = around.getcolors(around.width * around.height) or []
    own = tuple(round(255 * channel) for channel in run.colour)
    others = [(count, colour) for count, colour in found if _far(colour, own)]
    _, colour = max(others or found)
    return colour  # type: ignore[no-any-return]


def _pixels(box: Box, picture: Image.Image) -> tuple[int, int, int, int]:
    scale, height = DPI / 72, picture.height
    left, bottom, right, top = (side * scale for side in box)
    return int(left) - 1, int(height - top) - 1, int(right) + 2, int(height - bottom) + 2


def _far(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) > 3


def contrast(colour: tuple[float, ...], ground: Pixel) -> float:
    """The ratio of WCAG 2.1, from 1 to 21, of a colour (0 to 1) on a ground (0 to 255)."""
    light, dark = sorted((_luminance(colour), _luminance(tuple(c / 255 for c in ground))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: tuple[float, ...]) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
