"""What a reader finds that searches the bytes, or that reads the file from its beginning (rule R1)."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping

from .sections import Oddity, Section
from .syntax import FILLER, HEAD, WHITE, object_end

_BODY = re.compile(rb"(?<!end)obj")
_BEFORE_BODY = re.compile(rb"(?s:.*?)(\d+)" + WHITE + rb"+\d+" + WHITE + rb"*\Z")
_LOOK_BACK = 40
_FIRST_IN_LINE = re.compile(rb"(?:\A|[\r\n])" + WHITE + rb"*+(?:\d++" + WHITE + rb"*+)?\Z")
_IN_COMMENT = re.compile(rb"(?:\A|[\d\0\t\f ])%")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_DIGITS = re.compile(rb"\d{1,20}")
_FIRST_OBJECT = 2048


def bodies(pdf: bytes, listed: Mapping[int, int], resumed: int) -> Iterator[Oddity]:
    """Bodies that no cross-reference lists, which a reader that searches the bytes finds all the same.

    `listed` are the places of those that are, and their numbers. Before `resumed` such are left behind by many
    programs, and matter only where they would stand in for a listed one.
    """
    newest: dict[int, int] = {}
    for at, number in listed.items():
        newest[number] = max(at, newest.get(number, 0))
    for body in _BODY.finditer(pdf):
        head = _BEFORE_BODY.match(pdf, max(0, body.start() - _LOOK_BACK), body.start())
        if head is None:
            if body.start() >= resumed and _after_comment(pdf, body.start()):
                yield Oddity(f"byte {body.start()}: a body after a comment")
            continue
        number, at = int(head[1]), head.start(1)
        if at in listed:
            continue
        if at >= resumed:
            yield Oddity(f"byte {at}: object {number} is not listed", proven=True)
        elif newest.get(number, at) < at or b"ObjStm" in pdf[body.end() : body.end() + 200]:
            yield Oddity(f"byte {at}: object {number} once more, not listed")


def _after_comment(pdf: bytes, at: int) -> bool:
    """Whether a comment ends before this word, or before the number before it: it counts as white space (ISO 32000-2
    §7.2.4). Also true of more white space than is looked through."""
    window = max(0, at - _LOOK_BACK)
    first = _FIRST_IN_LINE.search(pdf[window:at])
    if first is None or first.start() == 0:
        return first is not None
    end = window + first.start()
    line = max(pdf.rfind(b"\n", 0, end), pdf.rfind(b"\r", 0, end)) + 1
    return _IN_COMMENT.search(pdf[line:end]) is not None


def trailers(pdf: bytes, known: Container[int | None], resumed: int) -> Iterator[Oddity]:
    """The word for a trailer where none is: a reader that searches for it would believe what follows."""
    for word in re.compile(rb"trailer").finditer(pdf, resumed):
        if word.start() not in known:
            yield Oddity(f"byte {word.start()}: a trailer that is none")


def linearized(pdf: bytes, sections: list[Section]) -> Iterator[Oddity]:
    """A file made for the web is read from its beginning, if it has the length that it says (ISO 32000-2 annex F).

    What such a reader takes for the first cross-reference must then be the one that is found from the end; and in a
    file that has grown since, one of those that are found. Which number is the length is not asked: any that fits.
    """
    header = FILLER.match(pdf)
    start = HEAD.match(pdf, header.end() if header else 0)
    if start is None:
        return
    end = object_end(pdf, start.start(), {})
    said = pdf[start.end() : start.end() + _FIRST_OBJECT if end is None else end]
    first = _ESCAPED.sub(lambda m: bytes.fromhex(m[1].decode()), said)
    if b"Linearized" not in first:
        return
    fits = any(int(digits) % 2**32 == len(pdf) for digits in _DIGITS.findall(first))
    believed = sections[-1:] if fits else sections
    if end is None or not any(FILLER.fullmatch(pdf, end, each.start) for each in believed):
        yield Oddity("a first cross-reference that is not the one found from the end", proven=fits)
