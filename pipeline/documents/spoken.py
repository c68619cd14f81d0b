"""Making what a page draws readable as text: spaces and soft hyphens at the ends of lines, artifacts, reading order.

`Passage` follows a block's text from line to line and knows what was between two drawn pieces; `Marks` writes it into
the content stream of the page that WeasyPrint has just drawn.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

import pydyf

from pipeline.errors import EnvironmentFailed

_SOFT_HYPHEN = "\u00ad"
_SPACES = re.compile(r"[ \t\n\r\f]+")  # those that HTML runs together; a no-break space is a letter
_FROM_THE_RIGHT = frozenset({"R", "AL"})


class Passage:
    """The text of one block of the HTML, as it comes out on lines and pages."""

    def __init__(self, element: Any) -> None:
        self._text = _SPACES.sub(" ", "".join(_pieces(element))).strip(" ")
        self._at = 0
        self._before: tuple[Marks, int] | None = None

    def say(self, drawn: str, marks: "Marks", mcid: int) -> None:
        """The next piece as it is drawn: if a space was lost before it, the piece before gets it back."""
        said = drawn.replace(_SOFT_HYPHEN, "")
        lost_space = self._text[self._at : self._at + 1] == " " and not said.startswith(" ")
        if lost_space and self._before is not None:
            self._before[0].end_with_space(self._before[1])
        self._before = (marks, mcid)
        at, words = self._at + (self._text[self._at : self._at + 1] == " "), said.strip(" ")
        hyphenated = not self._text.startswith(words, at) and self._text.startswith(words[:-1], at)
        words = words[:-1] if hyphenated else words
        at = self._text.find(words, at)  # further on where the block holds others, whose lines are not its own
        if at >= 0:
            self._at = at + len(words) + (said.endswith(" ") and self._text[at + len(words) :].startswith(" "))
        if _is_from_the_right(said):
            marks.say_instead(mcid, words)
        elif hyphenated:
            marks.soften_hyphen(mcid)


def _pieces(element: Any) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            yield " " if child.tag == "br" else "".join(_pieces(child))
        yield child.tail or ""


def _is_from_the_right(text: str) -> bool:
    return any(unicodedata.bidirectional(letter) in _FROM_THE_RIGHT for letter in text)


class Marks:
    """The marked content of one page's content stream."""

    def __init__(self, stream: Any, fonts: Any) -> None:
        self._chunks: list[Any] = stream.stream
        self._fonts = {font.hash: font for font in fonts.values()}
        self._at = {c["MCID"]: i for i, c in enumerate(self._chunks) if isinstance(c, pydyf.Dictionary) and "MCID" in c}

    def require(self, mcids: Iterable[int]) -> None:
        """Raise EnvironmentFailed where some content lies in a stream of its own, as see-through text does: no tag
        would reach it."""
        if not self._at.keys() >= set(mcids):
            raise EnvironmentFailed("dokument_forlorad", fel="tags")

    def set_apart(self, mcid: int, kind: str | None) -> None:
        """Make it an artifact: of the page (``Header``, ``Footer``), or of the layout."""
        at = self._at[mcid]
        page = {"Type": "/Pagination", "Subtype": f"/{kind}"} if kind else {"Type": "/Layout"}
        self._chunks[at - 1], self._chunks[at] = "/Artifact", pydyf.Dictionary(page)

    def say_instead(self, mcid: int, text: str) -> None:
        """Give the text in the order it is read."""
        self._chunks[self._at[mcid]]["ActualText"] = pydyf.String(text)

    def end_with_space(self, mcid: int) -> None:
        """Draw a space after the last letter, where the line has room for it or not: it leaves no ink."""
        at = self._at[mcid]
        said = self._chunks[at].get("ActualText")
        if said is not None:
            said.string += " "
            return
        end = self._chunks.index(b"ET", at)
        chosen = next(c for c in reversed(self._chunks[at:end]) if isinstance(c, bytes) and c.endswith(b" Tf"))
        name, size, _ = chosen.decode()[1:].split()
        self._chunks[end] = f"{self._space(name, size)} ET".encode()

    def _space(self, name: str, size: str) -> str:
        """Operators that draw a space: in the font at hand, else in one that has it."""
        for other in (name, *self._fonts):
            for glyph, letters in self._fonts[other].to_unicode.items():
                if letters == " ":
                    change = "" if other == name else f"/{other} {size} Tf "
                    return f"{change}[<{glyph:04x}>] TJ"
        raise EnvironmentFailed("dokument_forlorad", fel="glyph U+0020")

    def soften_hyphen(self, mcid: int) -> None:
        """Say that the last letter drawn is the hyphen of a line break."""
        at = self._at[mcid]
        end = self._chunks.index(b"ET", at)
        last = max(i for i in range(at, end) if isinstance(self._chunks[i], bytes) and self._chunks[i].endswith(b"TJ"))
        found = re.fullmatch(rb"(.*<[0-9a-f]*)([0-9a-f]{4}>[-0-9.]*\] TJ)", self._chunks[last], re.S)
        if found is None:
            raise EnvironmentFailed("dokument_forlorad", fel="hyphen")
        soft = pydyf.Dictionary({"ActualText": pydyf.String(_SOFT_HYPHEN)}).data
        self._chunks[last] = b"%s>] TJ /Span %s BDC [<%s EMC" % (found[1], soft, found[2])
