"""A person's name in the one form that names are compared in."""

from __future__ import annotations

import unicodedata


def plain_name(name: str) -> str:
    """The name without what does not tell people apart: case, composition of letters, how many blanks."""
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).split())
