"""What a reader finds that searches the bytes, or that reads the file from its beginning (rule R1)."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping

from .sections import Oddity, Section
from .syntax import FILLER, WHITE, object_end

_BODY = re.compile(rb"(?<!end)obj")
_BEFORE_BODY = re.compile(rb"(?s:.*?)(\d+)" + WHITE + rb"+\d+" + WHITE + rb"*\Z")
_LOOK_BACK = 40
_LONGEST_LINE = 4096
_FIRST_IN_LINE = re.compile(rb"(?:\A|[\r\n])" + WHITE + rb"*+(?:\d++" + WHITE + rb"*+)?\Z")
_IN_COMMENT = re.compile(rb"(?:\A|[\d\0\t\f ])%")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_DIGITS = re.compile(rb"\d{1,20}")
_WORDS = re.compile(rb"trailer|/XRef")


def bodies(pdf: bytes, listed: Mapping[int, int], packed: Container[int], resumed: int) -> Iterator[Oddity]:
    """Bodies that no cross-reference lists, which a reader that searches the bytes finds all the same.

    `listed` are the places of those that are, and their numbers; `packed` are those in object streams. Before `resumed`
    such are left behind by many programs, and matter only where they would stand in for a listed one.
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
        elif newest.get(number, at) < at or number in packed or b"ObjStm" in pdf[body.end() : body.end() + 200]:
            yield Oddity(f"byte {at}: object {number} once more, not listed")


def _after_comment(pdf: bytes, at: int) -> bool:
    """Whether a comment ends before this word, or before the number before it: it counts as white space (ISO 32000-2
    §7.2.4). Also true of more white space, or a longer line, than is looked through."""
    window = max(0, at - _LOOK_BACK)
    first = _FIRST_IN_LINE.search(pdf[window:at])
    if first is None or first.start() == 0:
        return first is not None
    end = window + first.start()
    farthest = max(0, end - _LONGEST_LINE)
    line = max(pdf.rfind(b"\n", farthest, end), pdf.rfind(b"\r", farthest, end)) + 1
    return line == 0 < farthest or _IN_COMMENT.search(pdf[line:end]) is not None


def words(pdf: bytes, known: Container[int | None], resumed: int) -> Iterator[Oddity]:
    """Words for a cross-reference or trailer where none is: a reader that searches would believe what stands there."""
    for word in _WORDS.finditer(pdf, resumed):
        if word.start() not in known:
            yield Oddity(f"byte {word.start()}: a trailer that is none")


def linearized(pdf: bytes, sections: list[Section]) -> Iterator[Oddity]:
    """A file made for the web is read from its beginning, if it has the length that it says (ISO 32000-2 annex F).

    What such a reader takes for the first cross-reference must then be the one that is found from the end; and in a
    file that has grown since, one of those that are found. Which number is the length is not asked: any that fits.
    Where the first object does not end by the letter, the word for it (/Linearized) may stand nowhere after.
    """
    header = FILLER.match(pdf)
    at = header.end() if header else 0
    end = object_end(pdf, at, {})
    first = _ESCAPED.sub(lambda m: bytes.fromhex(m[1].decode()), pdf[at:end])
    if b"Linearized" not in first:
        return
    fits = end is not None and any(int(digits) % 2**32 == len(pdf) for digits in _DIGITS.findall(first))
    believed = sections[-1:] if fits else sections
    if end is None or not any(FILLER.fullmatch(pdf, end, each.start) for each in believed):
        yield Oddity("a first cross-reference that is not the one found from the end", proven=fits)
