"""Colours on paper: contrast by WCAG 2.1, and the nearest colour that has enough of it.

"Nearest" is meant for the eye: the lightness of OKLCH (Björn Ottosson, 2020) is lowered in small steps while hue is
kept, and chroma as far as sRGB can show it.
"""

from collections.abc import Iterable

WHITE = "#ffffff"
_STEPS = 400
"""Lightness is 0 to 1; a step of this fineness is below what an eye can tell apart."""

_Triple = tuple[float, float, float]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two ``#rrggbb`` colours, 1 to 21 (WCAG 2.1, definition of contrast ratio)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of a ``#rrggbb`` colour, 0 to 1 (WCAG 2.1)."""
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def darkened(colour: str, papers: Iterable[str], least: float) -> str | None:
    """The nearest darker colour whose contrast against each of `papers` is at least `least`, or None."""
    grounds = tuple(papers)
    lightness, a, b = _oklab(colour)
    for step in range(_STEPS + 1):
        found = _shown(lightness * (1 - step / _STEPS), a, b)
        if all(contrast(found, ground) >= least for ground in grounds):
            return found
    return None


def lightened(paper: str, colour: str, least: float) -> str:
    """The nearest lighter paper on which `colour` has a contrast of at least `least`; white when no other has."""
    lightness, a, b = _oklab(paper)
    for step in range(_STEPS + 1):
        found = _shown(lightness + (1 - lightness) * step / _STEPS, a, b)
        if contrast(colour, found) >= least:
            return found
    return WHITE


def _linear(colour: str) -> _Triple:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return _unfolded(red), _unfolded(green), _unfolded(blue)


def _unfolded(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _folded(channel: float) -> float:
    return channel * 12.92 if channel <= 0.0031308 else float(1.055 * channel ** (1 / 2.4) - 0.055)


def _oklab(colour: str) -> _Triple:
    red, green, blue = _linear(colour)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _shown(lightness: float, a: float, b: float) -> str:
    """The colour in ``#rrggbb``, its chroma lowered until sRGB can show it."""
    for part in range(20, -1, -1):
        channels = _srgb(lightness, a * part / 20, b * part / 20)
        if all(-1e-4 <= c <= 1 + 1e-4 for c in channels):
            break
    return "#" + "".join(f"{round(255 * _folded(min(1.0, max(0.0, c)))):02x}" for c in channels)


def _srgb(lightness: float, a: float, b: float) -> _Triple:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
