"""A document's boxes and styles go when it is written: its layout context no longer points at itself."""

from functools import partial
from typing import Any

from weasyprint.layout import LayoutContext


def _get(self: Any) -> Any:
    return partial(self.__dict__["image_getter"], context=self)


def _set(self: Any, getter: Any) -> None:
    told = {name: value for name, value in getter.keywords.items() if name != "context"}
    self.__dict__["image_getter"] = partial(getter.func, *getter.args, **told)


def install() -> None:
    """Replace how a layout context keeps its way to images, which WeasyPrint ties to the context itself."""
    LayoutContext.get_image_from_uri = property(_get, _set)
