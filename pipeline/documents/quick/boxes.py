"""Measures that do not depend on the box around are taken from the style in one go."""

from typing import Any

from weasyprint.draw import border
from weasyprint.formatting_structure.boxes import Box
from weasyprint.layout import percent

from pipeline.documents.quick.replacing import everywhere
from pipeline.documents.quick.styles import keep

_SIDES = ("top", "right", "bottom", "left")
_MEASURES = (
    *(f"{kind}_{side}" for kind in ("margin", "padding") for side in _SIDES),
    "width", "min_width", "max_width", "height", "min_height", "max_height",
)  # fmt: skip
_BORDERS = tuple(f"border_{side}_width" for side in _SIDES)
_OUT_OF_FLOW = frozenset(("left", "right", "inline-start", "inline-end", "footnote"))

_RADII = tuple(f"border_{corner}_radius" for corner in ("top_left", "top_right", "bottom_right", "bottom_left"))
_SQUARE = dict.fromkeys(_RADII, (0, 0))

_original = percent.resolve_percentages
_resolve_radii = percent.resolve_radii_percentages
_draw = border.draw_border


def _values(box: Any) -> dict[str, Any]:
    """Where the values of a box stand: those of an absolutely placed one behind what holds its place."""
    values: dict[str, Any] = box.__dict__
    return values["_box"].__dict__ if "_box" in values else values


def _resolve_percentages(box: Any, containing_block: Any) -> None:
    style = box.style
    fixed = style.__dict__.get("fixed_measures")
    if fixed is None:
        fixed = keep(style, "fixed_measures", _fixed(style))
    if fixed:
        _values(box).update(fixed)
    else:
        _original(box, containing_block)


def _fixed(style: Any) -> dict[str, Any]:
    """The used values that `resolve_percentages` would set, when none depends on what is around; else none."""
    if style["box_sizing"] != "content-box" or style["border_collapse"] == "collapse":
        return {}
    found = {name: style[name] for name in _BORDERS}
    for name in _MEASURES:
        value = style[name]
        if value == "auto":
            found[name] = 0 if name in {"min_width", "min_height"} else "auto"
        elif getattr(value, "unit", None) == "px":
            found[name] = value.value
        else:
            return {}
    return found


def _resolve_radii_percentages(box: Any) -> None:
    style = box.style
    square = style.__dict__.get("square")
    if square is None:
        square = keep(style, "square", all((0, "px") in style[name] for name in _RADII))
    if square:
        _values(box).update(_SQUARE)
    else:
        _resolve_radii(box)


def _draw_border(stream: Any, box: Any) -> None:
    style = box.style
    bare = style.__dict__.get("bare")
    if bare is None:
        bare = keep(style, "bare", _is_bare(style))
    if not bare:
        _draw(stream, box)


def _is_bare(style: Any) -> bool:
    """Whether boxes of this style have nothing round them to draw: no borders, no lines between columns."""
    return (
        all(style[name] == 0 for name in _BORDERS)
        and style["border_collapse"] != "collapse"
        and style["border_image_source"][0] == "none"
        and style["column_width"] == style["column_count"] == "auto"
    )


def _is_in_normal_flow(self: Any) -> bool:
    style = self.style
    if style["float"] in _OUT_OF_FLOW:
        return False
    position = style["position"]
    return not (position in {"absolute", "fixed"} or position[0] in {"running()", "note()"})


def install() -> None:
    """Replace how WeasyPrint measures boxes, draws their borders and asks whether one is in the flow."""
    everywhere(_original, _resolve_percentages)
    everywhere(_resolve_radii, _resolve_radii_percentages)
    everywhere(_draw, _draw_border)
    Box.is_in_normal_flow = _is_in_normal_flow
