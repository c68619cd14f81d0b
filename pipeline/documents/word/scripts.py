"""Each letter in a font that has it, said in the document itself.

Word and LibreOffice find another font for a letter that theirs lacks, each its own. LibreOffice moreover draws such
letters last in their line, and so the tags of its PDF read them last too: ``Hej Привет!`` is heard as ``Hej !Привет``.
Texts are therefore cut into runs that name one of the bundled families.
"""

import unicodedata
from collections.abc import Iterator
from copy import deepcopy
from itertools import groupby
from typing import Any

from docx.opc.part import XmlPart
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from pipeline.documents import fonts

_BODY = fonts.FAMILIES[0]
_SLOTS = ("ascii", "hAnsi", "eastAsia", "cs")
"""A run's fonts by kind of script, as Word sees it; ours is one for all."""


def spell_out(document: Any) -> None:
    """Cut the runs of a python-docx document, heads and feet too, so that each letter's family has it."""
    for part in document.part.package.iter_parts():
        if isinstance(part, XmlPart):
            for run in list(part.element.iter(qn("w:r"))):
                if any(not fonts.letters(_BODY).issuperset(map(ord, t.text or "")) for t in run.iter(qn("w:t"))):
                    _cut(run)


def _cut(run: Any) -> None:
    for child in list(run):
        if child.tag == qn("w:rPr"):
            continue
        if child.tag == qn("w:t"):
            for family, text in _pieces(child.text or ""):
                run.addprevious(_piece(run, family, text))
        else:
            alone = _like(run)
            alone.append(child)
            run.addprevious(alone)
    run.getparent().remove(run)


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """The text in pieces of one family each."""
    family = _BODY
    told = []
    for letter in text:
        family = _family(letter, family)
        told.append((family, letter))
    for found, letters in groupby(told, key=lambda pair: pair[0]):
        yield found, "".join(letter for _, letter in letters)


def _family(letter: str, before: str) -> str:
    """Signs and spaces keep to the letters before them; a letter goes to the first family that has it."""
    if not unicodedata.category(letter).startswith("L") and ord(letter) in fonts.letters(before):
        return before
    return next((family for family in fonts.FAMILIES if ord(letter) in fonts.letters(family)), before)


def _piece(run: Any, family: str, text: str) -> Any:
    made = _like(run)
    if family != _BODY:
        properties = made.get_or_add_rPr()
        named = OxmlElement("w:rFonts")
        for slot in _SLOTS:
            named.set(qn(f"w:{slot}"), family)
        style = properties.find(qn("w:rStyle"))
        properties.insert(0 if style is None else 1, named)  # the order that the schema asks for
    words = OxmlElement("w:t")
    words.text = text
    words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    made.append(words)
    return made


def _like(run: Any) -> Any:
    """An empty run with the same properties."""
    made = OxmlElement("w:r")
    if run.rPr is not None:
        made.append(deepcopy(run.rPr))
    return made
