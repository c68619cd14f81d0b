"""docxtpl, kept in one place: a Word template filled in a sandbox, strict about names, escaping all it prints.

docxtpl works on the text of the document's XML, and gives some of it a meaning of its own: ``{_{`` in what has been
printed becomes ``{{``, a form feed a page break, and XML that is not well formed is quietly mended. A plan's text shall
stay what it is, so braces and per cent signs leave here as character references, and broken XML stops.
"""

import re
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from docx.opc.exceptions import OpcError
from docx.oxml.parser import parse_xml
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from pipeline.errors import Misuse

_SPECIAL = {ord(c): f"&#{ord(c)};" for c in "{}%"}
_UNWRITABLE = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold (section 2.2), and the carriage return, which it would turn into a new line."""


class _Template(DocxTemplate):  # type: ignore[misc]  # docxtpl is untyped
    """A template whose filled-in body must be well-formed."""

    def fix_tables(self, xml: str) -> Any:
        parse_xml(xml)
        return super().fix_tables(xml)


def filled(path: Path, name: str, values: Mapping[str, object]) -> Any:
    """The python-docx document of the template at `path` with `values` in place.

    Raises Misuse("dokument_mall"), with `name` as the template's, when it cannot be read, uses a name that is not in
    `values`, reaches out of the sandbox or does not give well-formed XML.
    """
    try:
        template = _Template(BytesIO(path.read_bytes()))
        template.render(dict(values), environment())
    except (TemplateError, SyntaxError, OpcError, BadZipFile, KeyError, _UnwritableError) as error:
        raise Misuse("dokument_mall", mall=name, fel=type(error).__name__) from error
    return template.docx  # get_docx() would load it anew


def names(path: Path) -> frozenset[str]:
    """Every name that the template, its headers and its footers ask for."""
    found: set[str] = _Template(BytesIO(path.read_bytes())).get_undeclared_template_variables(environment())
    return frozenset(found)


@cache
def environment() -> ImmutableSandboxedEnvironment:
    """The environment of Word templates; it finds no other template, so nothing can be included."""
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True, finalize=_printed)


class _UnwritableError(ValueError):
    """A character that XML cannot hold came from elsewhere than the plan, whose texts are checked before."""


def _printed(value: object) -> Markup:
    """A value as XML text in which neither XML nor docxtpl finds anything of its own."""
    if isinstance(value, Markup):
        return value
    text = str(value)
    if _UNWRITABLE.search(text):
        raise _UnwritableError
    return Markup(str(escape(text)).translate(_SPECIAL))  # noqa: S704  escaped on this line
