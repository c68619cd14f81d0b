"""Names: in the one form that they are compared in, and as they may be shown."""

from __future__ import annotations

import unicodedata


def plain_name(name: str) -> str:
    """The name without what does not tell people apart: case, composition of letters, how many blanks."""
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).split())


def printable(text: str) -> str:
    """A stranger's text as it may be shown in a line of ours: no control of a terminal, of lines or of direction."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _controls(c) else c for c in text)


def _controls(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] == "C" or category in {"Zl", "Zp"}
