"""docxtpl, kept in one place: a Word template filled in a sandbox, strict about names, escaping all it prints.

docxtpl works on the text of the document's XML, and gives some of it a meaning of its own: ``{_{`` in what has been
printed becomes ``{{``, and a form feed a page break. A plan's text shall stay what it is, so braces and per cent signs
leave here as character references. It also mends quietly: XML that is not well formed, a tag that was never closed,
words beside a ``{%p %}``, all lost without a sound. Here they stop.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

from docx.opc.exceptions import OpcError
from docx.opc.part import XmlPart
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from docxtpl import DocxTemplate
from jinja2 import DictLoader, StrictUndefined, Template, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from pipeline.documents.word.harmless import ForbiddenError, require_harmless, require_small
from pipeline.errors import Misuse

_SPECIAL = {ord(c): f"&#{ord(c)};" for c in "{}%"}
_UNWRITABLE = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold (section 2.2), and the carriage return, which it would turn into a new line."""

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_HALF_TAG = re.compile(r"\{[{%#]|[}%#]\}")
_BLOCKS = ("p", "tr", "tc")
"""What a ``{%p %}``, ``{%tr %}`` or ``{%tc %}`` stands in place of: the whole paragraph, row or cell."""
_PROPERTIES = frozenset({"thumbnail", "extended-properties", "custom-properties"})
FAULTS = (TemplateError, SyntaxError, OpcError, BadZipFile, LookupError, TypeError, ValueError, ArithmeticError)
"""How a template can fail; its values are ready-made, and fail by themselves in no way."""


class _Template(DocxTemplate):  # type: ignore[misc]  # docxtpl is untyped
    """A template whose filled-in body must be well-formed."""

    def fix_tables(self, xml: str) -> Any:
        parse_xml(xml)
        return super().fix_tables(xml)


def filled(data: bytes, name: str, values: Mapping[str, object]) -> Any:
    """The python-docx document of the template `data` with `values` in place.

    Raises Misuse("dokument_mall"), with `name` as the template's, when it cannot be read, uses a name that is not in
    `values`, reaches out of the sandbox, does not give well-formed XML or holds what it may not (`harmless`).
    """
    try:
        return rendered(data, name, values)
    except ForbiddenError as error:
        raise Misuse("dokument_mall", mall=name, fel=str(error)) from error


def rendered(data: bytes, name: str, values: Mapping[str, object]) -> Any:
    """As `filled`, but raises ForbiddenError itself for what the template may not hold."""
    try:
        require_small(data)
        template = _Template(BytesIO(data))
        _require_whole_tags(template.get_docx())
        template.render(dict(values), environment())
        _drop_properties(template.docx)
        require_harmless(template.docx)
    except ForbiddenError:
        raise
    except FAULTS as error:
        raise Misuse("dokument_mall", mall=name, fel=_told(error)) from error
    return template.docx  # get_docx() would load it anew


def _drop_properties(document: Any) -> None:
    """The file says of itself what `package` writes; not who made the template, where, or what it looks like."""
    relations = document.part.package.rels
    for key, relation in list(relations.items()):
        if relation.reltype.rsplit("/", 1)[-1] in _PROPERTIES:
            del relations[key]


def _told(error: Exception) -> str:
    """What is wrong, without any value that the template was given."""
    kind = type(error).__name__
    return f"{kind}: {error.message}" if isinstance(error, TemplateSyntaxError | UndefinedError) else kind


@lru_cache(maxsize=8)
def names(data: bytes) -> frozenset[str]:
    """Every name that the template, its headers and its footers ask for; raises as the libraries do."""
    found: set[str] = _Template(BytesIO(data)).get_undeclared_template_variables(environment())
    return frozenset(found)


@cache
def environment() -> ImmutableSandboxedEnvironment:
    """The environment of Word templates; it finds no other template, so nothing can be included."""
    return _Environment(loader=DictLoader({}), undefined=StrictUndefined, autoescape=True, finalize=_printed)


class _Environment(ImmutableSandboxedEnvironment):
    """docxtpl compiles every part anew for each document, which takes longer than all the rest; once is enough."""

    def from_string(self, source: Any, *_: Any, **__: Any) -> Template:
        return _compiled(source)


@lru_cache(maxsize=64)
def _compiled(source: str) -> Template:
    return ImmutableSandboxedEnvironment.from_string(environment(), source)


def _require_whole_tags(document: Any) -> None:
    """Raise TemplateSyntaxError for a tag not closed in its own paragraph, or that would take other words with it."""
    for paragraph in _elements(document, "p"):
        if _HALF_TAG.search(_TAG.sub("", _text(paragraph))):
            raise TemplateSyntaxError("a tag is not closed in its paragraph", 1)
    for block in _BLOCKS:
        alone = re.compile(rf"\{{[{{%#]{block} ")
        for element in _elements(document, block):
            tags = _TAG.findall(_text(element))
            if any(map(alone.match, tags)) and (len(tags) > 1 or _TAG.sub("", _text(element)).strip()):
                raise TemplateSyntaxError(f"a {block} tag does not stand alone", 1)


def _elements(document: Any, name: str) -> Iterator[Any]:
    for part in document.part.package.iter_parts():
        if isinstance(part, XmlPart):
            yield from part.element.iter(qn(f"w:{name}"))


def _text(element: Any) -> str:
    return "".join(t.text or "" for t in element.iter(qn("w:t")))


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
