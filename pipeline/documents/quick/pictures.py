"""A picture in SVG, such as a logotype, is drawn once; after that its operators are repeated."""

from typing import Any
from xml.etree import ElementTree as ET

import pydyf
from weasyprint.svg import SVG

MOST = 100
_STATE = ("_current_color", "_current_color_stroke", "_current_alpha", "_current_alpha_stroke", "_current_font",
          "_current_font_size", "_old_font", "_old_font_size")  # fmt: skip
"""What a stream remembers, so as not to say it twice."""

_Drawn = tuple[list[Any], dict[str, dict[str, Any]], tuple[Any, ...]]
"""The operators, the graphics states that they name, and what the stream remembers afterwards."""

drawn: dict[tuple[Any, ...], _Drawn] = {}
_init = SVG.__init__
_draw = SVG.draw


def _remember_source(self: Any, tree: Any, *told: Any, **named: Any) -> None:
    self.source = ET.tostring(tree)
    _init(self, tree, *told, **named)


def _draw_once(self: Any, stream: Any, width: Any, height: Any, *told: Any) -> None:
    key = (self.source, width, height, _state(stream))
    found = drawn.get(key)
    if found is None:
        begin, held = len(stream.stream), _held(stream)
        _draw(self, stream, width, height, *told)
        made = _made(stream, begin)
        if made and held == _held(stream):
            if len(drawn) >= MOST:
                drawn.clear()
            drawn[key] = made
        return
    operators, states, afterwards = found
    for name, values in states.items():
        stream._resources["ExtGState"].setdefault(name, pydyf.Dictionary(values))
    stream.stream.extend(operators)
    for name, value in zip(_STATE, afterwards, strict=True):
        setattr(stream, name, value)


def _made(stream: Any, begin: int) -> _Drawn | None:
    """What was drawn from there on, when it names nothing but how opaque colours are."""
    operators = stream.stream[begin:]
    named = [o[1:-3].decode() for o in operators if isinstance(o, bytes) and o.startswith(b"/") and o.endswith(b" gs")]
    states = {name: dict(stream._resources["ExtGState"][name]) for name in named}
    plain = all(set(values) in ({"ca"}, {"CA"}) for values in states.values())
    return (operators, states, _state(stream)) if plain else None


def _state(stream: Any) -> tuple[Any, ...]:
    return tuple(getattr(stream, name) for name in _STATE)


def _held(stream: Any) -> tuple[int, ...]:
    """How much the stream holds beside its operators: a picture that adds to it is drawn anew each time."""
    others = (value for name, value in stream._resources.items() if name != "ExtGState" and isinstance(value, dict))
    return (*map(len, others), len(stream._fonts), len(stream._images))


def install() -> None:
    """Replace how WeasyPrint draws SVG."""
    SVG.__init__ = _remember_source
    SVG.draw = _draw_once
