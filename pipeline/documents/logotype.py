"""A logotype: an SVG of a municipality's, made safe to draw.

Only shapes are let through, and only what our PDF maker draws the same everywhere: no script, no text (it would need a
font), no picture, no link, no reference out of the file, no entity, no gradient (Poppler draws one jagged, or not at
all), no `use` (a few lines of it can draw a million shapes). What an editor leaves behind for itself (metadata, its own
elements, comments) is taken away.
"""

import re
from dataclasses import dataclass

from lxml import etree  # type: ignore[import-untyped]

from pipeline.documents.dress_rules import refused

SVG = "http://www.w3.org/2000/svg"
SHAPES = frozenset({"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"})
_PLAIN = SHAPES | {"svg", "g", "defs", "clipPath", "style"}
_DROPPED = frozenset({"metadata", "title", "desc"})
"""What the logotype shows is said by its alternative text."""

MOST_SHAPES = 2_000
_DEEPEST = 32
_REFERENCE = re.compile(r"url\(\s*['\"]?(?!#)|@|\\|expression|javascript:", re.IGNORECASE)
_COLOUR = re.compile(r"(?:^|[;{\s])(?:fill|stroke|color)\s*:\s*([^;}]+)")
_NO_INK = frozenset({"", "none", "transparent", "inherit", "white", "#fff", "#ffffff", "currentcolor"})


@dataclass(frozen=True, slots=True)
class Drawing:
    """An SVG of shapes alone, and its height for a width of one."""

    svg: bytes
    ratio: float


def drawing(slug: str, name: str, content: bytes) -> Drawing:
    """The SVG made safe; raises Misuse("dokument_drakt") for what cannot be."""
    root = _parsed(slug, name, content)
    ratio = _ratio(slug, name, root)
    _clean(slug, name, root, 0)
    shapes = sum(1 for node in root.iter() if _local(node) in SHAPES)
    if not 0 < shapes <= MOST_SHAPES:
        raise refused(slug, name, "svg_former", antal=MOST_SHAPES)
    return Drawing(etree.tostring(root), ratio)


def inks(found: Drawing) -> frozenset[str]:
    """The colours that a drawing is made with, as written, apart from white and none; what says none is black."""
    told: set[str] = set()
    for node in etree.fromstring(found.svg).iter():
        styles = node.text or "" if _local(node) == "style" else node.get("style", "")
        told |= {node.get(name, "") for name in ("fill", "stroke", "color")} | set(_COLOUR.findall(styles))
        if _local(node) in SHAPES and not any(_says_ink(n) for n in (node, *node.iterancestors())):
            told.add("#000000")
    return frozenset(colour.strip().lower() for colour in told) - _NO_INK


def _says_ink(node: etree._Element) -> bool:
    return bool(node.get("fill") or node.get("class") or "fill" in node.get("style", ""))


def _parsed(slug: str, name: str, content: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise refused(slug, name, "svg_trasig") from error
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        raise refused(slug, name, "svg_doctype")
    if root.tag != f"{{{SVG}}}svg":
        raise refused(slug, name, "svg_trasig")
    return root


def _ratio(slug: str, name: str, root: etree._Element) -> float:
    try:
        _, _, width, height = (float(part) for part in re.split(r"[\s,]+", root.get("viewBox", "").strip()))
    except ValueError as error:
        raise refused(slug, name, "svg_viewbox") from error
    if not (width > 0 and height > 0 and 0.1 <= height / width <= 3):
        raise refused(slug, name, "svg_viewbox")
    for measure in ("width", "height", "x", "y"):
        root.attrib.pop(measure, None)  # how large it is printed is the dress's to say
    return height / width


def _clean(slug: str, name: str, node: etree._Element, depth: int) -> None:
    if depth > _DEEPEST:
        raise refused(slug, name, "svg_djup", antal=_DEEPEST)
    _clean_attributes(slug, name, node)
    if _local(node) == "style" and _REFERENCE.search(node.text or ""):
        raise refused(slug, name, "svg_hanvisning")
    for child in list(node):
        if not isinstance(child.tag, str):
            raise refused(slug, name, "svg_doctype")  # an entity
        foreign = not child.tag.startswith(f"{{{SVG}}}")
        if foreign or _local(child) in _DROPPED:
            node.remove(child)
        elif _local(child) not in _PLAIN:
            raise refused(slug, name, "svg_element", element=_local(child)[:40])
        else:
            _clean(slug, name, child, depth + 1)


def _clean_attributes(slug: str, name: str, node: etree._Element) -> None:
    for key, value in list(node.attrib.items()):
        if key.startswith("{"):  # of an editor, or xlink:href
            if key.endswith("}href") and not value.startswith("#"):
                raise refused(slug, name, "svg_hanvisning")
            if not key.endswith("}href"):
                del node.attrib[key]
        elif key.lower().startswith("on"):
            raise refused(slug, name, "svg_element", element=key[:40])
        elif (key == "href" and not value.startswith("#")) or _REFERENCE.search(value):
            raise refused(slug, name, "svg_hanvisning")


def _local(node: etree._Element) -> str:
    return str(node.tag).rpartition("}")[2]
