"""A promise that is lost on the way stops the step: each is broken once, on purpose."""

from collections.abc import Callable
from typing import Any

import pytest

from pipeline.documents import pdf, tagged, whole, xmp
from pipeline.errors import EnvironmentFailed
from tests.documents.builders import page

HTML = '<html lang="sv"><title>Prov</title><body style="font-family: Atkinson Hyperlegible Next"><h1>Plan</h1><p>Text.'


def made(html: str = HTML) -> pdf.Pdf:
    return page(html)


def finishing(monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], None]) -> None:
    """Lose something of the finished PDF just before it is looked at."""
    look = whole.lost

    def changed(document: Any, finished: Any, *told: Any, **how: bool) -> tuple[str, ...]:
        change(finished)
        return look(document, finished, *told, **how)

    monkeypatch.setattr(whole, "lost", changed)


def without_identification(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xmp, "identify", lambda *_: None)


def as_3b(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(pdf._OPTIONS, "pdf_variant", "pdf/a-3b")


def as_ua_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(pdf._OPTIONS, "pdf_variant", "pdf/ua-1")


def without_tags(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tagged, "_add_tags", lambda *_: None)


def without_catalog(name: str) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda monkeypatch: finishing(monkeypatch, lambda finished: finished.catalog.pop(name))


def untitled(monkeypatch: pytest.MonkeyPatch) -> None:
    finishing(monkeypatch, lambda finished: finished.info.pop("Title"))


def font_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def change(finished: Any) -> None:
        next(whole._dictionaries(finished, "/FontDescriptor")).pop("FontFile2")

    finishing(monkeypatch, change)


def unstructured_tabs(monkeypatch: pytest.MonkeyPatch) -> None:
    finishing(monkeypatch, lambda finished: next(whole._dictionaries(finished, "/Page")).pop("Tabs"))


def data_of_no_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    finishing(
        monkeypatch, lambda finished: next(whole._dictionaries(finished, "/Filespec")).update(AFRelationship="/Source")
    )


@pytest.mark.parametrize(
    ("lose", "named"),
    [
        (without_identification, "pdfuaid"),
        (as_3b, 'conformance="A"'),
        (as_ua_alone, "GTS_PDFA1"),
        (without_tags, "StructTreeRoot"),
        *((without_catalog(name), name) for name in ("MarkInfo", "Metadata", "OutputIntents", "Lang", "AF")),
        (without_catalog("ViewerPreferences"), "DisplayDocTitle"),
        (untitled, "Title"),
        (font_left_out, "embedded fonts"),
        (unstructured_tabs, "Tabs"),
        (data_of_no_kind, "AFRelationship"),
    ],
)
def test_a_lost_promise_stops_the_step(
    monkeypatch: pytest.MonkeyPatch, lose: Callable[[pytest.MonkeyPatch], None], named: str
) -> None:
    lose(monkeypatch)
    with pytest.raises(EnvironmentFailed) as stopped:
        made()
    assert stopped.value.code == "dokument_forlorad"
    assert named in str(stopped.value.params["fel"])


@pytest.mark.parametrize(
    ("html", "named"),
    [
        (HTML.replace("<h1>Plan</h1>", ""), "H1"),
        (HTML.replace("<title>Prov</title>", ""), "Title"),
        (HTML.replace('lang="sv"', ""), "Lang"),
        (HTML + '<div style="opacity: .5">blek', "tags"),
    ],
)
def test_a_template_that_cannot_keep_a_promise_stops_the_step(html: str, named: str) -> None:
    with pytest.raises(EnvironmentFailed) as stopped:
        made(html)
    assert named in str(stopped.value.params["fel"])


@pytest.mark.parametrize("css", ["colour: red", "color: reddish", "background: url(https://example.org/x.png)"])
def test_what_the_renderer_only_logs_stops_the_step(css: str) -> None:
    with pytest.raises(EnvironmentFailed) as stopped:
        made(HTML.replace("<p>", f'<p style="{css}">'))
    assert stopped.value.code == "dokument_varning"


def test_our_tags_are_put_on_while_a_document_is_made_and_taken_off_after() -> None:
    import weasyprint.pdf

    before = weasyprint.pdf.add_tags
    assert made().pages == 1
    with pytest.raises(EnvironmentFailed):
        made(HTML.replace("<title>Prov</title>", ""))
    assert weasyprint.pdf.add_tags is before
