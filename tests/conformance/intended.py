"""What a document means to say, in order, by its HTML: read on its own, without the renderer."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from lxml import html as lxml_html

from pipeline.documents import pdf

Said = tuple[str, str, str]
"""Role, words, language of one block."""

_ROLES = {
    **{f"h{n}": f"H{n}" for n in range(1, 7)},
    **{"p": "P", "li": "LBody", "dt": "Lbl", "dd": "LBody", "th": "TH", "td": "TD", "caption": "Caption"},
    **{"img": "Figure", "blockquote": "BlockQuote"},
}
_HEADS_AND_FEET = re.compile(r"\b(forsta-)?sid(huvud|fot)\b")
_GAP = re.compile(r"[ \t\n\r\f]+")


@contextmanager
def filled_html(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The HTML of every document that is made while the context is open."""
    seen: list[str] = []
    whole = pdf.HTML

    def noting(*, string: str, **kwargs: object) -> object:
        seen.append(string)
        return whole(string=string, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(pdf, "HTML", noting)
        yield seen


def intended(html: str, hidden: frozenset[str] = frozenset()) -> list[Said]:
    """Each block of the body with its words and language, but heads and feet of pages and `hidden` classes."""
    root = lxml_html.document_fromstring(html)
    return list(_said(root.body, str(root.get("lang", "")), hidden))


def _said(element: lxml_html.HtmlElement, lang: str, hidden: frozenset[str]) -> Iterator[Said]:
    if not isinstance(element.tag, str) or _is_apart(element, hidden):
        return
    lang = element.get("lang", lang)
    inner = [said for child in element for said in _said(child, lang, hidden)]
    role = _ROLES.get(element.tag)
    if element.tag == "img":
        if element.get("alt"):
            yield "Figure", str(element.get("alt")), lang
    elif role and not inner:
        yield role, _words(element), lang
    elif not inner and element.tag == "div" and (words := _words(element)):
        yield "P", words, lang
    else:
        yield from inner


def _is_apart(element: lxml_html.HtmlElement, hidden: frozenset[str]) -> bool:
    classes = element.get("class", "")
    return bool(_HEADS_AND_FEET.search(classes)) or not hidden.isdisjoint(classes.split())


def _words(element: lxml_html.HtmlElement) -> str:
    for line_break in element.iter("br"):
        line_break.tail = f" {line_break.tail or ''}"
    return _GAP.sub(" ", str(element.text_content()).replace("\u00ad", "")).strip(" ")
