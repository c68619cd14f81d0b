"""Jinja2 over templates: sandboxed, strict about names, and escaping everything it prints.

A template is looked for by name among those that a municipality replaces, then among the bundled ones of the document's
kind, then among the shared ones. A replacing template reaches the bundled one of the same name under ``standard/``, as
in ``{% include "standard/huvud.html.j2" %}``.
"""

from collections.abc import Mapping
from functools import lru_cache

from jinja2 import (
    ChoiceLoader,
    DictLoader,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
    UndefinedError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pipeline.documents.bundle import templates
from pipeline.errors import Misuse

SHARED = "gemensamt"
BUNDLED = "standard"
"""The name under which a replaced template can still be had."""

Overrides = Mapping[str, str]
"""Texts by name, ``<kind>/<file>`` or ``gemensamt/<file>``."""

_FAULTS = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What a broken template can make Python raise."""


def environment(kind: str, overrides: Overrides | None = None) -> ImmutableSandboxedEnvironment:
    """The environment of one kind of document; its templates see that folder and the shared one, no other."""
    own: dict[str, str] = {}
    for path, text in (overrides or {}).items():
        folder, _, name = path.partition("/")
        shared = folder == SHARED and f"{kind}/{name}" not in (overrides or {})
        if folder == kind or (shared and not (templates() / kind / name).is_file()):
            own[name] = text
    return _environment(kind, tuple(sorted(own.items())))


@lru_cache(maxsize=32)
def _environment(kind: str, own: tuple[tuple[str, str], ...]) -> ImmutableSandboxedEnvironment:
    bundled = FileSystemLoader([templates() / kind, templates() / SHARED])
    return ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([DictLoader(dict(own)), bundled, PrefixLoader({BUNDLED: bundled})]),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def fill(kind: str, name: str, /, overrides: Overrides | None = None, **values: object) -> str:
    """The template filled in; raises Misuse("dokument_mall") when the template itself is broken."""
    try:
        return environment(kind, overrides).get_template(name).render(values)
    except _FAULTS as error:
        raise Misuse("dokument_mall", mall=f"{kind}/{name}", fel=_told(error)) from error


def _told(error: Exception) -> str:
    """What is wrong, without any value that the template was given."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.name or ''}:{error.lineno}: {error.message}"
    if isinstance(error, UndefinedError):
        return f"UndefinedError: {error.message}"
    return type(error).__name__


def plain(kind: str, name: str, overrides: Overrides | None = None) -> str:
    """A file beside the templates, as it stands, or what replaces it: the kind's own, else the shared one."""
    own = overrides or {}
    for folder in (kind, SHARED):
        if f"{folder}/{name}" in own:
            return own[f"{folder}/{name}"]
        if (templates() / folder / name).is_file():
            return (templates() / folder / name).read_text("utf-8")
    raise Misuse("dokument_mall", mall=f"{kind}/{name}", fel="FileNotFoundError")
