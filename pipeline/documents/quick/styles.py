"""Computed styles are worked out once for each place in a stylesheet, not once for each document.

An element's style follows from its parent's style and from the declarations that match it. Where all of these come from
stylesheets that live as long as the process, the style is worked out once as a *pattern*; each element that needs it
gets a copy of its own, so that what a document's layout changes in a style stays in that document.
"""

import re
from typing import Any

from weasyprint import UA_STYLESHEET
from weasyprint.css import AnonymousStyle, ComputedStyle, InitialStyle, StyleFor

MOST = 5000
"""Patterns kept; a dress in one type size has some 400."""
_VIEWPORT = re.compile(r"[\d.][a-z]?v(w|h|i|b|min|max)\b", re.IGNORECASE)
_BY_VALUE = frozenset(("lang", "anchor"))
"""Declarations that WeasyPrint makes of attributes, anew for each document: strings, which can be compared."""
_SELDOM = frozenset(("marker", "footnote-call", "footnote-marker", "note-call", "note-marker", "note-callback"))
"""Pseudo-elements that every element has and hardly one uses: their styles are made when asked for."""
_POSITIONING = frozenset(("position", "float", "display"))

patterns: dict[tuple[object, ...], "_Pattern"] = {}
_original = StyleFor.set_computed_styles
_ask = StyleFor.__call__


def last(sheet: Any, css: str) -> None:
    """Let the styles of a stylesheet that this process keeps be patterns; not those that measure the first page."""
    sheet.lasts = not _VIEWPORT.search(css)


def keep(style: Any, name: str, value: Any) -> Any:
    """Note something worked out of `style` on it and, when it is a copy, on its pattern for the next copies."""
    setattr(style, name, value)
    pattern = getattr(style, "pattern", None)
    if pattern is not None:
        pattern.noted[name] = value
    return value


class _Pattern(ComputedStyle):  # type: ignore[misc]  # WeasyPrint carries no types
    """A style that belongs to no document: its parents are patterns too."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.noted: dict[str, Any] = {}
        self.anonymous = AnonymousStyle(self)
        self.anonymous.noted = {}


class _Copy(ComputedStyle):  # type: ignore[misc]  # WeasyPrint carries no types
    """A pattern's style in one document; what nobody has asked for yet, the pattern works out."""

    def __init__(self, pattern: _Pattern, parent: Any, root: Any) -> None:
        self.__dict__.update(pattern.__dict__)
        self.__dict__.update(pattern.noted)
        self.pattern = pattern
        self.parent_style = parent
        self.root_style = root or pattern.root_style
        self.specified = pattern.specified.copy()
        self.update(pattern)

    def __missing__(self, key: str) -> Any:
        value = self[key] = self.pattern[key]
        if key in _POSITIONING:
            self.specified[key] = self.pattern.specified[key]
        return value

    @property
    def anonymous_style(self) -> Any:
        made = self.__dict__.get("own_anonymous")
        if made is None:
            made = self.own_anonymous = _AnonymousCopy(self)
        return made


class _AnonymousCopy(AnonymousStyle):  # type: ignore[misc]  # WeasyPrint carries no types
    """The style of the anonymous boxes within a copied style."""

    def __init__(self, parent: _Copy) -> None:
        pattern = parent.pattern.anonymous
        super().__init__(parent.pattern)  # not the copy itself: a document's styles shall go without a collector
        self.__dict__.update(pattern.noted)
        self.pattern = pattern
        self.update(pattern)

    def __missing__(self, key: str) -> Any:
        value = self[key] = self.pattern[key]
        return value


def _set_computed_styles(  # noqa: PLR0913, PLR0917  WeasyPrint's own signature
    self: Any, element: Any, parent: Any, root: Any = None, pseudo_type: Any = None, base_url: Any = None,
    target_collector: Any = None,
) -> None:  # fmt: skip
    computed = self.get_computed_styles()
    is_root = element == root and pseudo_type is None
    parent_style = None if is_root else computed[parent, None]
    above = None if is_root else getattr(parent_style, "pattern", None)
    if (above is None and not is_root) or not _all_last(self):
        _original(self, element, parent, root, pseudo_type, base_url, target_collector)
        return
    root_style = None if is_root else computed[root, None]
    cascaded = self.get_cascaded_styles().get((element, pseudo_type), {})
    told = (above, root_style, cascaded, pseudo_type, base_url)
    if pseudo_type in _SELDOM and "anchor" not in cascaded:
        self.__dict__.setdefault("seldom", {})[element, pseudo_type] = (told, parent_style)
        return
    style = computed[element, pseudo_type] = _Copy(_pattern(self, told), parent_style, root_style)
    if target_collector and style["anchor"]:
        target_collector.collect_anchor(style["anchor"])


def _call(self: Any, element: Any, pseudo_type: Any = None) -> Any:
    if pseudo_type in _SELDOM:
        found = self.__dict__.get("seldom", {}).pop((element, pseudo_type), None)
        if found:
            told, parent_style = found
            self.get_computed_styles()[element, pseudo_type] = _Copy(_pattern(self, told), parent_style, told[1])
    return _ask(self, element, pseudo_type)


def _all_last(style_for: Any) -> bool:
    known = style_for.__dict__.get("all_last")
    if known is None:
        known = style_for.all_last = all(getattr(sheet, "lasts", False) for sheet, _, _ in style_for._sheets)
    return bool(known)


def _pattern(style_for: Any, told: tuple[Any, ...]) -> _Pattern:
    """The pattern of these declarations under this parent. Values are told apart by identity: a pattern keeps them."""
    above, root_style, cascaded, pseudo_type, base_url = told
    declared = tuple(
        (name, value if name in _BY_VALUE else id(value), precedence, layer, *specificity)
        for name, (value, (precedence, layer, specificity)) in cascaded.items()
    )
    key = (id(style_for.font_config), id(above), pseudo_type, base_url, declared)
    found = patterns.get(key)
    if found is None:
        if len(patterns) >= MOST:
            patterns.clear()
        root = InitialStyle(style_for.font_config) if root_style is None else root_style.pattern
        found = _Pattern(
            above, cascaded, pseudo_type, root, base_url, style_for.font_config, style_for.initial_page_sizes
        )
        patterns[key] = found
    return found


def install() -> None:
    """Replace how WeasyPrint sets computed styles."""
    UA_STYLESHEET.lasts = True
    StyleFor.set_computed_styles = _set_computed_styles
    StyleFor.__call__ = _call
