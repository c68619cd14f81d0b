"""Jinja2 over the bundled templates: sandboxed, strict about names, and escaping everything it prints."""

from functools import cache

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pipeline.documents.bundle import templates
from pipeline.errors import Misuse

SHARED = "gemensamt"


@cache
def environment(kind: str) -> ImmutableSandboxedEnvironment:
    """The environment of one kind of document; its templates see that folder and the shared one, no other."""
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader([templates() / kind, templates() / SHARED]),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def fill(kind: str, name: str, **values: object) -> str:
    """The template filled in; raises Misuse("dokument_mall") when the template itself is broken."""
    try:
        return environment(kind).get_template(name).render(values)
    except TemplateError as error:
        raise Misuse("dokument_mall", mall=f"{kind}/{name}", fel=type(error).__name__) from error


def plain(kind: str, name: str) -> str:
    """A file beside the templates, as it stands: the kind's own, else the shared one."""
    own = templates() / kind / name
    return (own if own.is_file() else templates() / SHARED / name).read_text("utf-8")
