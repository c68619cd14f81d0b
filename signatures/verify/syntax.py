"""The syntax of objects in a PDF's bytes, by a strict grammar of our own (rule R1; ISO 32000-2 §7.2-7.3).

A reader takes much for an object that the standard does not know: `19 0 foo`, `0_019 0 obj`, a stream that ends
elsewhere than it says. Readers that take it differently show different documents, so what was added after signing is
read once more here, by the letter. Nothing is built from it; the only answer is where an object ends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

WHITE = rb"[\0\t\n\f\r ]"
_WHITES = b"\0\t\n\f\r "
END_OF_LINE = rb"(?:\r\n|\n|\r)"
# A word ends where anything but a regular character follows.
ENDS = rb"(?![^\0\t\n\f\r ()<>\[\]{}/%])"

HEADER = re.compile(rb"%PDF-(1\.[0-7]|2\.0)[\r\n]")
FILLER = re.compile(rb"(?:" + WHITE + rb"++|%[^\r\n]*+)*+")
HEAD = re.compile(
    WHITE + rb"{0,8}+(\d{1,10})" + WHITE + rb"{1,8}+(\d{1,5})" + WHITE + rb"{1,8}+obj" + ENDS,
)

# The innermost brackets of three; who writes a string with more writes them with a backslash. Of line ends (§7.3.4.2)
# only the plain one: readers make different bytes of the others, and of one after a backslash.
_PLAIN = rb"[^()\\\r]++|\\[^\r\n]"
_STRING = rb"\((?:" + _PLAIN + rb"|\((?:" + _PLAIN + rb"|\((?:" + _PLAIN + rb")*+\))*+\))*+\)"
# No longer than every reader keeps (ISO 32000-1 annex C), nothing but printable ASCII (§7.3.5: some readers take other
# bytes for white space, and of two spellings beyond it some make one name), and nothing escaped that is no mark or ends
# a word in C.
_NAME = (
    rb"/(?![^\0\t\n\f\r ()<>\[\]{}/%]{128})"
    rb"(?:[!\"$&'*-.0-;=?-Z\\^-z|~]++|#(?!00|3\d|4[1-9A-Fa-f]|5[\dAa]|6[1-9A-Fa-f]|7[\dAa])[0-7][0-9A-Fa-f])*+"
)
_ATOM = rb"|".join(
    (
        WHITE + rb"++",
        rb"\d{1,7}" + WHITE + rb"++\d{1,5}" + WHITE + rb"++R" + ENDS,
        rb"[+-]?(?:\d{1,10}+(?:\.\d*+)?|\.\d++)" + ENDS,
        _NAME,
        rb"<(?:(?:[0-9A-Fa-f]{2})++|" + WHITE + rb"++)*+>",
        _STRING,
        rb"(?:true|false|null)" + ENDS,
    )
)
_STEP = re.compile(rb"(?:" + _ATOM + rb")*+(<<|>>|\[|\]|stream(?=\r?\n)|endobj" + ENDS + rb")", re.DOTALL)
_TOKEN = re.compile(_ATOM + rb"|<<|>>|\[|\]", re.DOTALL)
_LENGTH = re.compile(rb"(\d{1,10})(" + WHITE + rb"++\d{1,5}" + WHITE + rb"++R)?")
_NUMBER = re.compile(WHITE + rb"*+(\d{1,10})" + WHITE + rb"*+endobj" + ENDS)
_DATA = re.compile(rb"stream\r?\n")
_AFTER_DATA = re.compile(END_OF_LINE + rb"?endstream" + WHITE + rb"++endobj" + ENDS)
_PAIRS = {b">>": b"<<", b"]": b"["}
_DEEPEST = 32  # brackets in brackets: some readers give up at a few hundred, and search the file instead


def object_end(pdf: bytes, at: int, places: Mapping[int, int]) -> int | None:
    """Where the indirect object that begins at `at` ends, or None where that is not what stands there.

    `places` are the offsets of the objects listed beside it, since a stream's length may be one of them.
    """
    head = HEAD.match(pdf, at)
    if head is None:
        return None
    found = _closed(pdf, head.end())
    if found is None or found[1] == b"endobj":
        return None if found is None else found[0]
    length = _length(pdf, pdf[head.end() : found[0]], places)
    data = _DATA.match(pdf, found[0])
    after = None if length is None or data is None else _AFTER_DATA.match(pdf, data.end() + length)
    return None if after is None else after.end()


def dictionary_end(pdf: bytes, at: int) -> int | None:
    """Where the dictionary that begins at `at` ends, or None where none does."""
    if not pdf.startswith(b"<<", at):
        return None
    found = _closed(pdf, at, alone=True)
    return None if found is None else found[0]


def is_value(data: bytes) -> bool:
    """Whether these are the bytes of one value without a name of its own, as in an object stream."""
    found = _closed(data + b" endobj", 0)
    return bool(data.strip(_WHITES)) and found is not None and found == (len(data) + len(b" endobj"), b"endobj")


def is_closed(data: bytes) -> bool:
    """Whether the bytes end where no reader reads on in the last value: after white space, or with a bracket."""
    return data[-1:] in (b")", b">", b"]") or data[-1:].strip(_WHITES) == b""


def _closed(pdf: bytes, at: int, *, alone: bool = False) -> tuple[int, bytes] | None:
    """Follow the brackets until all are closed: then `endobj` and its end, `stream` and its beginning, or (`alone`) the
    last bracket and its end."""
    stack: list[bytes] = []
    while (step := _STEP.match(pdf, at)) is not None:
        word, at = step[1], step.end()
        if word in _PAIRS:
            if not stack or stack.pop() != _PAIRS[word]:
                return None
            if alone and not stack:
                return at, word
        elif word in (b"<<", b"[") and len(stack) < _DEEPEST:
            stack.append(word)
        else:
            return None if stack else (step.start(1) if word == b"stream" else at, word)
    return None


def _length(pdf: bytes, dictionary: bytes, places: Mapping[int, int]) -> int | None:
    own = _own_tokens(dictionary)
    at = [place for place, token in enumerate(own) if _unescaped(token) == b"/Length"]
    # Not every reader knows the name when it is written with escapes.
    known = len(at) == 1 and own[at[0]] == b"/Length" and at[0] + 1 < len(own)
    found = _LENGTH.fullmatch(own[at[0] + 1]) if known else None
    if found is None:
        return None
    if not found[2]:
        return int(found[1])
    head = HEAD.match(pdf, places.get(int(found[1]), len(pdf)))
    number = _NUMBER.match(pdf, head.end()) if head else None
    return int(number[1]) if number else None


def _own_tokens(dictionary: bytes) -> list[bytes]:
    """The keys and values of a dictionary, without what stands inside them."""
    depth, own = 0, []
    for token in _TOKEN.findall(dictionary):
        depth -= token in _PAIRS
        if depth == 1 and token.strip(_WHITES):
            own.append(token)
        depth += token in _PAIRS.values()
    return own


def _unescaped(name: bytes) -> bytes:
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda code: bytes.fromhex(code[1].decode()), name)
