"""PDF objects are written, and HTML is read, without asking the same of each item again."""

import re
from typing import Any

import pydyf
from tinyhtml5 import inputstream

_original = pydyf._to_bytes


def _to_bytes(item: Any) -> bytes:
    kind = type(item)
    if kind is bytes:
        return bytes(item)
    if kind is str:
        return bytes(item.encode("ascii"))
    if kind is int:
        return b"%d" % item
    return bytes(_original(item))


def _dictionary(self: Any) -> bytes:
    parts = [b"<<"]
    for key, value in self.items():
        name = key if type(key) is bytes else key.encode("ascii")
        parts.append(b"/" + name + b" " + (value if type(value) is bytes else _to_bytes(value)))
    parts.append(b">>")
    return b"".join(parts)


def _array(self: Any) -> bytes:
    return b"[" + b" ".join([_to_bytes(child) for child in self]) + b"]"


class _Runs(dict[tuple[Any, bool], "re.Pattern[str]"]):
    """The expression of each set of characters that text is read up to; tinyhtml5 0.1 makes it anew each time."""

    def __missing__(self, key: tuple[Any, bool]) -> "re.Pattern[str]":
        characters, opposite = key
        listed = "".join(f"\\x{ord(c):02x}" for c in characters)
        made = self[key] = re.compile(f"[{'' if opposite else '^'}{listed}]+")
        return made


def install() -> None:
    """Replace how pydyf writes items and dictionaries, and fill the cache that tinyhtml5 means to have."""
    pydyf._to_bytes = _to_bytes
    pydyf.Dictionary.data = property(_dictionary)
    pydyf.Array.data = property(_array)
    inputstream.characters_until_regex = _Runs()
