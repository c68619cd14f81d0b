"""A municipality's own Word template, filled: what Word adds without being asked is taken away, the rest is allowed.

Word knows a great many ways to place, colour and hide a text. The lists name those that an ordinary letter is written
with, so that what stands in the document's text is also what is seen; anything else is refused by name. What Word
writes by itself beside them (older forms of a drawing, colours and fonts by theme, settings of its own) goes without a
word, since the document says the same without it.
"""

from collections.abc import Iterator
from typing import Any

from docx.opc.part import XmlPart
from docx.oxml.ns import nsmap, qn

from pipeline.documents import fonts
from pipeline.documents.word.harmless import ForbiddenError

_ALLOWED = (
    "document body hdr ftr p pPr r rPr t tab br cr noBreakHyphen softHyphen lastRenderedPageBreak proofErr "
    "bookmarkStart bookmarkEnd fldSimple fldChar instrText drawing sectPr sdt sdtContent "
    "pStyle keepNext keepLines pageBreakBefore widowControl numPr ilvl numId suppressLineNumbers suppressAutoHyphens "
    "shd tabs spacing ind contextualSpacing jc outlineLvl textAlignment mirrorIndents adjustRightInd autoSpaceDE "
    "autoSpaceDN snapToGrid overflowPunct kinsoku wordWrap topLinePunct cnfStyle divId "
    "rStyle rFonts b bCs i iCs caps color sz szCs u lang noProof kern webHidden "
    "tbl tblPr tblStyle tblW tblInd tblBorders tblLayout tblCellMar tblLook tblCellSpacing tblStyleRowBandSize "
    "tblStyleColBandSize tblCaption tblDescription tblGrid gridCol tr trPr tblHeader cantSplit trHeight tc tcPr tcW "
    "gridSpan tcBorders tcMar noWrap vAlign top left bottom right start end insideH insideV "
    "headerReference footerReference pgSz pgMar cols col titlePg type docGrid pgNumType "
    "docDefaults rPrDefault pPrDefault style name aliases basedOn next link uiPriority semiHidden unhideWhenUsed "
    "qFormat locked rsid tblStylePr"
)
ALLOWED = frozenset(_ALLOWED.split())
"""Elements of WordprocessingML (ECMA-376-1, 17) that text, its styles and its pages may be made of."""
_SETTINGS = (
    "zoom defaultTabStop autoHyphenation characterSpacingControl compat compatSetting themeFontLang decimalSymbol "
    "listSeparator evenAndOddHeaders mirrorMargins"
)
SETTINGS = frozenset(_SETTINGS.split())
"""What is kept of the settings (17.15); nothing that asks, protects, merges or updates."""

_DRAWN = {
    "http://schemas.openxmlformats.org/drawingml/2006/main",
    "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "http://schemas.openxmlformats.org/markup-compatibility/2006",
}
_W = nsmap["w"]
_OTHERS = ("{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback", f"{{{nsmap['a']}}}extLst")
_GONE = {*map(qn, ("w:sdtPr", "w:sdtEndPr", "w:lvlPicBulletId", "w:numPicBullet")), *_OTHERS}
_TOGGLES = (
    "vanish specVanish strike dstrike smallCaps outline shadow emboss imprint rtl cs bidi formProt textDirection "
    "vertAlign position"
)
_TOGGLED = {qn(f"w:{name}") for name in _TOGGLES.split()}
_COLUMN = 2520
"""The column of labels, in twentieths of a point: so far may a first line hang out from an indent told elsewhere."""
_OFF = ("0", "false", "off", "lrTb", "baseline")
"""What Word writes of a property that is not in use."""
_NAMED_COLOURS = tuple(map(qn, ("w:themeColor", "w:themeTint", "w:themeShade")))
_NAMED_COLOURS += tuple(map(qn, ("w:themeFill", "w:themeFillTint", "w:themeFillShade")))
_FONTS = (*fonts.FAMILIES, "Arial")
_STYLE_OF_PARAGRAPH = f"{qn('w:pPr')}/{qn('w:pStyle')}"
_STYLED = {qn(f"w:{kind}Style") for kind in ("p", "r", "tbl")}


def tame(document: Any) -> None:
    """Take away what Word adds; raise ForbiddenError for the first thing that is not on the lists."""
    for part in document.part.package.iter_parts():
        if isinstance(part, XmlPart) and part.element.nsmap.get(part.element.prefix) == _W:
            _strip(part.element)
            if part.element.tag == qn("w:numbering"):
                _require_inside(part.element)
    _plain_settings(document.settings.element)
    styles, texts = document.styles.element, list(told(document))
    _plain_styles(styles)
    for root in (*texts, *used_styles(styles, texts)):
        _require_allowed(root)
    _loosen(styles, texts)


def told(document: Any) -> Iterator[Any]:
    """The parts that hold text: the document itself, then the heads and feet that it has."""
    yield document.element
    for relation in document.part.rels.values():
        if relation.reltype.endswith(("/header", "/footer")):
            yield relation.target_part.element


def style_of(paragraph: Any) -> str | None:
    """The id of a paragraph's style, where it names one."""
    named = paragraph.find(_STYLE_OF_PARAGRAPH)
    return None if named is None else str(named.get(qn("w:val")))


def used_styles(styles: Any, texts: list[Any]) -> list[Any]:
    """The styles that some text is set in, those they are based on, the defaults of each type and of all."""
    known = {style.get(qn("w:styleId")): style for style in styles.iter(qn("w:style"))}
    wanted = [element.get(qn("w:val")) for root in texts for element in root.iter(*_STYLED)]
    wanted += [name for name, style in known.items() if style.get(qn("w:default")) in ("1", "true", "on")]
    found: dict[str, Any] = {}
    while wanted:
        name = wanted.pop()
        if name in known and name not in found:
            found[name] = known[name]
            wanted += [base.get(qn("w:val")) for base in known[name].iter(qn("w:basedOn"))]
    return [*styles.iter(qn("w:docDefaults")), *found.values()]


def _strip(root: Any) -> None:
    for element in list(root.iter("*")):
        if element is not root and _is_needless(element):
            element.getparent().remove(element)
            continue
        for name in _NAMED_COLOURS:
            element.attrib.pop(name, None)
        if element.tag == qn("w:rFonts"):
            for name, value in list(element.attrib.items()):
                if value not in _FONTS:
                    del element.attrib[name]
        elif element.tag == qn("w:trHeight"):
            element.attrib.pop(qn("w:hRule"), None)
        elif element.tag == qn("w:shd") and element.get(qn("w:val")) != "nil":
            element.set(qn("w:val"), "clear")
        elif element.tag == qn("w:lvlText"):
            letters = element.get(qn("w:val"), "")
            element.set(qn("w:val"), "".join("•" if "\ue000" <= c <= "\uf8ff" else c for c in letters))


def _is_needless(element: Any) -> bool:
    """Whether the document says the same without it: of another time or program, or something turned off."""
    space = element.tag[1:].rpartition("}")[0]
    if element.tag in _GONE or (space != _W and space not in _DRAWN):
        return True
    is_off = element.tag in _TOGGLED and element.get(qn("w:val")) in _OFF
    return is_off or (element.tag == qn("w:spacing") and element.getparent().tag == qn("w:rPr"))


def _plain_settings(settings: Any) -> None:
    for element in list(settings):
        if element.tag not in {qn(f"w:{name}") for name in SETTINGS}:
            settings.remove(element)


def _plain_styles(styles: Any) -> None:
    """One font for all text that names none, and no type size or colour from the style of a table."""
    found = next(styles.iter(qn("w:docDefaults")), None)
    default = None if found is None else next(found.iter(qn("w:rPr")), None)
    if default is None:
        raise ForbiddenError("w:styles - w:docDefaults")
    for named in list(default.iter(qn("w:rFonts"))):
        default.remove(named)
    named = default.makeelement(qn("w:rFonts"), {qn(f"w:{s}"): fonts.FAMILIES[0] for s in ("ascii", "hAnsi")})
    named.set(qn("w:eastAsia"), fonts.FAMILIES[0])
    named.set(qn("w:cs"), "Arial")
    default.insert(0, named)
    for style in styles.iter(qn("w:style")):
        if style.get(qn("w:type")) == "table":
            for element in list(style.iter(qn("w:sz"), qn("w:szCs"), qn("w:color"))):
                element.getparent().remove(element)


def _require_allowed(root: Any) -> None:
    for element in root.iter("*"):
        name = element.tag.rpartition("}")[2]
        if element.tag == qn(f"w:{name}") and name not in ALLOWED:
            raise ForbiddenError(f"w:{name}")
        if name in ("anchor", "txbx", "hlinkClick"):
            raise ForbiddenError(name)
    _require_inside(root)


def _require_inside(root: Any) -> None:
    """No text begins or ends in the margin, or off the page."""
    for element in root.iter(qn("w:ind")):
        left = element.get(qn("w:left"), element.get(qn("w:start")))
        outside = int(element.get(qn("w:hanging"), "0")) > int(left or _COLUMN)
        if outside or any(value.startswith("-") for value in element.values()):
            raise ForbiddenError("w:ind < 0")


def _loosen(styles: Any, texts: list[Any]) -> None:
    """A line that holds text is never lower than its letters, as one of an exact height may be."""
    written = [p for root in texts for p in root.iter(qn("w:p")) if any(t.text for t in p.iter(qn("w:t")))]
    for root in (*written, *used_styles(styles, written)):
        for element in root.iter(qn("w:spacing")):
            if element.get(qn("w:lineRule")) == "exact":
                element.set(qn("w:lineRule"), "atLeast")
