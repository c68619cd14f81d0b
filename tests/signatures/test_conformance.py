"""What a file must still have after a revision: each thing is taken away once, and missed."""

from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest

from signatures.conformance import lost
from tests.documents.builders import document, sample
from tests.signatures.plans import stages


def changed(pdf: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as opened:
        change(opened)
        opened.save(out)
    return out.getvalue()


def without(name: str) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        del pdf.Root[name]

    return change


def other_metadata(old: bytes, new: bytes) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        packet = pdf.Root.Metadata.read_bytes()
        assert old in packet
        pdf.Root.Metadata.write(packet.replace(old, new))

    return change


def font_left_out(pdf: pikepdf.Pdf) -> None:
    for found in pdf.objects:
        if isinstance(found, pikepdf.Dictionary) and found.get("/Type") == pikepdf.Name.FontDescriptor:
            del found["/FontFile2"]
            return


def _stamp(pdf: pikepdf.Pdf) -> pikepdf.Object:
    return next(a for page in pdf.pages for a in page.obj.get("/Annots", ()) if "/AP" in a)


def stamp_with_a_system_font(pdf: pikepdf.Pdf) -> None:
    font = {"/Type": pikepdf.Name.Font, "/Subtype": pikepdf.Name.Type1, "/BaseFont": pikepdf.Name.Helvetica}
    form = _stamp(pdf).AP.N
    form.Resources = pikepdf.Dictionary({"/Font": {"/F1": pdf.make_indirect(pikepdf.Dictionary(font))}})


def stamp_without(key: str) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        del _stamp(pdf)[key]

    return change


def tab_order_lost(pdf: pikepdf.Pdf) -> None:
    for page in pdf.pages:
        if "/Annots" in page.obj:
            page.obj.Tabs = pikepdf.Name.R


def empty_tree(pdf: pikepdf.Pdf) -> None:
    pdf.Root.StructTreeRoot.K = pikepdf.Array()


def test_a_whole_document_has_lost_nothing() -> None:
    assert lost(document(sample("hemtjanst-kort")).pdf) == ()


@pytest.mark.parametrize("stage", ["base", "brukare", "kontaktman", "enhetschef", "sealed"])
def test_signing_loses_nothing(stage: str) -> None:
    (pdf,) = [s.pdf for s in stages() if s.name == stage]
    assert lost(pdf) == ("PDF/UA-1",)  # the small plan of these tests never said it was


@pytest.mark.parametrize(
    ("change", "named"),
    [
        *((without(f"/{name}"), name) for name in ("StructTreeRoot", "MarkInfo", "Lang", "OutputIntents")),
        (without("/ViewerPreferences"), "DisplayDocTitle"),
        (without("/Metadata"), "PDF/A-3"),
        (other_metadata(b'conformance="A"', b'conformance="B"'), "PDF/A-3a"),
        (other_metadata(b"pdfuaid:part>1<", b"pdfuaid:part>2<"), "PDF/UA-1"),
        (font_left_out, "font"),
        (empty_tree, "StructTreeRoot"),
    ],
)
def test_what_a_document_lost_is_named(change: Callable[[pikepdf.Pdf], None], named: str) -> None:
    assert any(named in name for name in lost(changed(document(sample("hemtjanst-kort")).pdf, change)))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (stamp_with_a_system_font, "font /Helvetica"),
        (stamp_without("/TU"), "TU brukare"),
        (stamp_without("/StructParent"), "StructParent brukare"),
        (tab_order_lost, "Tabs"),
    ],
)
def test_what_a_signed_file_lost_is_named(change: Callable[[pikepdf.Pdf], None], named: str) -> None:
    assert named in lost(changed(stages()[-1].pdf, change))


@pytest.mark.parametrize("pdf", [b"", b"no pdf", b"%PDF-1.7\n%%EOF\n"])
def test_what_cannot_be_read_has_lost_all(pdf: bytes) -> None:
    assert lost(pdf)[0].startswith("unreadable")


def test_a_password_is_a_loss() -> None:
    out = BytesIO()
    with pikepdf.open(BytesIO(document(sample("hemtjanst-kort")).pdf)) as opened:
        opened.save(out, encryption=pikepdf.Encryption(owner="x", user=""))
    assert lost(out.getvalue())
