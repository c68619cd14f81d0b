"""What a reader finds that searches the bytes, or that reads the file from its beginning (rule R1)."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping

from .sections import Oddity, Section
from .syntax import FILLER, WHITE, object_end

_BODY = re.compile(rb"(?<!end)obj")
_HEAD = re.compile(rb"(\d++)" + WHITE + rb"++\d++" + WHITE + rb"*+\Z")
# What stands before the word, backwards: white space, a generation, white space; and a number. To some reader or other
# each byte that is no printable ASCII is white space, and each word of digits, signs and points a number.
_BACKWARDS = re.compile(rb"([^!-~]*+[\d.+-]*+[^!-~]*+)([\d.+-]*+)")
_LOOK_BACK = 40
_LONGEST_LINE = 4096
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_DIGITS = re.compile(rb"\d{1,20}")
_WORDS = re.compile(rb"trailer|/XRef")


def bodies(pdf: bytes, listed: Mapping[int, int], packed: Container[int], resumed: int) -> Iterator[Oddity]:
    """Bodies that no cross-reference lists, which a reader that searches the bytes finds all the same.

    `listed` are the places of those that are, and their numbers; `packed` are those in object streams. Before `resumed`
    such are left behind by many programs, and matter only where they would stand in for a listed one. From there on the
    word may stand only where no reader at all takes what is before it for two numbers. That is most places, so that
    packed data, which hold any three bytes sooner or later, are not called odd for it: by chance it happens once in a
    thousand megabytes.
    """
    newest: dict[int, int] = {}
    for at, number in listed.items():
        newest[number] = max(at, newest.get(number, 0))
    for body in _BODY.finditer(pdf):
        word = body.start()
        head = _HEAD.search(pdf, max(0, word - _LOOK_BACK), word)
        if head is None:
            if word >= resumed and _may_be_headed(pdf, word):
                yield Oddity(f"byte {word}: to some readers an object that is not listed")
            continue
        number, at = int(head[1]), head.start()
        if at in listed:
            continue
        if at >= resumed:
            yield Oddity(f"byte {at}: object {number} is not listed", proven=True)
        elif newest.get(number, at) < at or number in packed or b"ObjStm" in pdf[body.end() : body.end() + 200]:
            yield Oddity(f"byte {at}: object {number} once more, not listed")


def _may_be_headed(pdf: bytes, word: int) -> bool:
    """Whether a reader may find two numbers before this word; a comment counts as white space (ISO 32000-2 §7.2.4).

    Also true of more white space, or a longer line, than is looked through.
    """
    before = _BACKWARDS.match(pdf[max(0, word - _LOOK_BACK) : word][::-1])
    if before is None or before[2] or before.end() == _LOOK_BACK:
        return True
    if not {*b"\r\n"} & {*before[1]}:
        return False
    end = word - before.end()
    farthest = max(0, end - _LONGEST_LINE)
    line = max(pdf.rfind(b"\n", farthest, end), pdf.rfind(b"\r", farthest, end)) + 1
    return line == 0 < farthest or b"%" in pdf[line:end]


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
