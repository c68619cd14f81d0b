"""The content form of a file: NFC text and RFC 8785 bytes, by which two files are the same or not."""

import re
import sys
import unicodedata
from functools import cache
from typing import TypeAlias

import rfc8785

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

EXACT_INTEGER = 2**53 - 1
"""The largest integer that RFC 8785 writes exactly; beyond it a number is the nearest IEEE 754 double."""


def nfc(text: str) -> str:
    """`text` in Normalization Form C, in time linear in its length, long runs of combining marks included."""
    if text.isascii():
        return text
    if len(text) > _LONG_RUN and max(text) >= _FIRST_MARK:
        text = _long_runs_of_marks().sub(_in_order, text)
    return unicodedata.normalize("NFC", text)


_LONG_RUN = 64
_FIRST_MARK = "\u0300"


@cache
def _long_runs_of_marks() -> re.Pattern[str]:
    """Runs that `unicodedata` would sort in quadratic time: characters that decompose to combining marks only."""
    marks = (chr(code) for code in range(ord(_FIRST_MARK), sys.maxunicode + 1) if _decomposes_to_a_mark(chr(code)))
    return re.compile(f"[{''.join(marks)}]{{{_LONG_RUN},}}")


def _decomposes_to_a_mark(char: str) -> bool:
    return unicodedata.category(char)[0] == "M" and unicodedata.combining(unicodedata.normalize("NFD", char)[0]) != 0


def _in_order(run: re.Match[str]) -> str:
    """The marks of `run` decomposed and in canonical order, which is a stable sort by combining class."""
    return "".join(sorted("".join(unicodedata.normalize("NFD", mark) for mark in run[0]), key=unicodedata.combining))


def normalised_object(value: dict[str, Json]) -> dict[str, Json]:
    """`value` with all its text, keys too, in NFC and every number one that RFC 8785 can write."""
    return {nfc(key): _normalised(item) for key, item in value.items()}


def _normalised(value: Json) -> Json:
    match value:
        case str():
            return nfc(value)
        case dict():
            return normalised_object(value)
        case list():
            return [_normalised(item) for item in value]
        case bool() | float() | None:
            return value
        case int():
            return value if abs(value) <= EXACT_INTEGER else float(value)


def canonical(value: Json) -> bytes:
    """The RFC 8785 bytes of a value in that form."""
    return rfc8785.dumps(value)
