"""Incremental updates that change a signed file: what a cheat would do with an ordinary PDF library."""

from __future__ import annotations

import io
from collections.abc import Callable

from pyhanko.pdf_utils import embed, generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PageObject

from signatures.verify import RuleId

Edit = Callable[[IncrementalPdfFileWriter], None]


def updated(pdf: bytes, edit: Edit) -> bytes:
    """The file with an incremental update."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    edit(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def page_added(writer: IncrementalPdfFileWriter) -> None:
    stream = writer.add_object(generic.StreamObject(stream_data=b"BT ET"))
    writer.insert_page(PageObject(contents=stream, media_box=(0, 0, 595, 842)))


def annotation_added(writer: IncrementalPdfFileWriter) -> None:
    note = generic.DictionaryObject({
        pdf_name("/Type"): pdf_name("/Annot"),
        pdf_name("/Subtype"): pdf_name("/FreeText"),
        pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (50, 700, 500, 800))),
        pdf_name("/Contents"): pdf_string("Dusch varje dag"),
    })  # fmt: skip
    page = writer.root["/Pages"]["/Kids"][0]
    if "/Annots" not in page:
        page["/Annots"] = generic.ArrayObject()
    page["/Annots"].append(writer.add_object(note))
    writer.update_container(page["/Annots"])
    writer.update_container(page)


def attachment_added(writer: IncrementalPdfFileWriter) -> None:
    data = embed.EmbeddedFileObject.from_file_data(writer, b"annan plan", mime_type="text/plain")
    embed.embed_file(writer, embed.FileSpec("annan.txt", embedded_data=data))


def info_title(writer: IncrementalPdfFileWriter) -> None:
    info = writer.trailer["/Info"]
    info["/Title"] = pdf_string("Beslut om avslag")
    writer.update_container(info)


def info_replaced(writer: IncrementalPdfFileWriter) -> None:
    info = generic.DictionaryObject({pdf_name("/Title"): pdf_string("Genomförandeplan")})
    writer.set_info(writer.add_object(info))


def xmp_edited(old: str, new: str) -> Edit:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        reference = writer.root.raw_get("/Metadata").reference
        data = writer.prev.get_object(reference).data
        changed = data.replace(old.encode(), new.encode())
        assert changed != data
        stream = generic.StreamObject(stream_data=changed)
        stream["/Type"], stream["/Subtype"] = pdf_name("/Metadata"), pdf_name("/XML")
        writer.objects[(0, reference.idnum)] = stream

    return edit


def structure_edited(writer: IncrementalPdfFileWriter) -> None:
    element = writer.root["/StructTreeRoot"]["/K"]["/K"][0]
    element["/ActualText"] = pdf_string("Ingen dusch")
    writer.update_container(element)


def content_replaced(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    reference = page.raw_get("/Contents").reference
    writer.objects[(0, reference.idnum)] = generic.StreamObject(stream_data=b"BT /F1 14 Tf (Ingen dusch) Tj ET")


def font_replaced(writer: IncrementalPdfFileWriter) -> None:
    font = writer.root["/Pages"]["/Kids"][0]["/Resources"]["/Font"]["/F1"]
    font["/BaseFont"] = pdf_name("/Symbol")
    writer.update_container(font)


def text_covered(writer: IncrementalPdfFileWriter) -> None:
    """A white rectangle drawn over the words, as one more piece of the page's contents."""
    page = writer.root["/Pages"]["/Kids"][0]
    cover = writer.add_object(generic.StreamObject(stream_data=b"1 g 50 700 500 100 re f"))
    page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), cover])
    writer.update_container(page)


def text_covered_by_widget(writer: IncrementalPdfFileWriter) -> None:
    """The first signature's widget is stretched over the words and given a white appearance."""
    field_moved(writer)
    appearance_redrawn(writer)


def text_put_in_hidden_layer(writer: IncrementalPdfFileWriter) -> None:
    """An optional content group, off from the start, around the page's contents."""
    group = writer.add_object(
        generic.DictionaryObject({pdf_name("/Type"): pdf_name("/OCG"), pdf_name("/Name"): pdf_string("dold")})
    )
    groups = generic.ArrayObject([group])
    settings = generic.DictionaryObject({pdf_name("/OFF"): groups, pdf_name("/Order"): generic.ArrayObject()})
    writer.root["/OCProperties"] = generic.DictionaryObject({pdf_name("/OCGs"): groups, pdf_name("/D"): settings})
    writer.update_root()
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Resources"]["/Properties"] = generic.DictionaryObject({pdf_name("/Dold"): group})
    begin, end = (generic.StreamObject(stream_data=d) for d in (b"/OC /Dold BDC", b"EMC"))
    pieces = [writer.add_object(begin), page.raw_get("/Contents"), writer.add_object(end)]
    page["/Contents"] = generic.ArrayObject(pieces)
    writer.update_container(page)


def page_tree_swapped(writer: IncrementalPdfFileWriter) -> None:
    page = generic.DictionaryObject({pdf_name("/Type"): pdf_name("/Page")})
    page["/MediaBox"] = generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842)))
    kids = generic.ArrayObject([writer.add_object(page)])
    tree = generic.DictionaryObject({pdf_name("/Type"): pdf_name("/Pages"), pdf_name("/Kids"): kids})
    tree["/Count"] = generic.NumberObject(1)
    writer.root["/Pages"] = writer.add_object(tree)
    writer.update_root()


def script_added(writer: IncrementalPdfFileWriter) -> None:
    script = {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): pdf_string("this.print()")}
    writer.root["/OpenAction"] = generic.DictionaryObject(script)
    writer.update_root()


def language_changed(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/Lang"] = pdf_string("en")
    writer.update_root()


def _field(writer: IncrementalPdfFileWriter, number: int) -> generic.DictionaryObject:
    found = writer.root["/AcroForm"]["/Fields"][number]
    assert isinstance(found, generic.DictionaryObject)
    return found


def signature_removed(writer: IncrementalPdfFileWriter) -> None:
    widget = _field(writer, 0)
    del widget["/V"]
    writer.update_container(widget)


def field_removed(writer: IncrementalPdfFileWriter) -> None:
    del writer.root["/AcroForm"]["/Fields"][0]
    writer.update_container(writer.root["/AcroForm"])


def appearance_swapped(writer: IncrementalPdfFileWriter) -> None:
    first, second = _field(writer, 0), _field(writer, 1)
    first["/AP"] = second["/AP"]
    writer.update_container(first)


def appearance_redrawn(writer: IncrementalPdfFileWriter) -> None:
    reference = _field(writer, 0)["/AP"].raw_get("/N").reference
    writer.objects[(0, reference.idnum)] = generic.StreamObject(stream_data=b"BT (Annan) Tj ET")


def field_moved(writer: IncrementalPdfFileWriter) -> None:
    widget = _field(writer, 0)
    widget["/Rect"] = generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842)))
    writer.update_container(widget)


def store_emptied(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/DSS"]["/OCSPs"] = generic.ArrayObject()
    writer.update_container(writer.root["/DSS"])
    writer.update_root()


EDITS: tuple[tuple[Edit, RuleId, str], ...] = (
    (page_added, RuleId.CHANGES, "changed"),
    (annotation_added, RuleId.CHANGES, "changed"),
    (attachment_added, RuleId.CHANGES, "changed"),
    (structure_edited, RuleId.CHANGES, "changed"),
    (content_replaced, RuleId.CHANGES, "changed"),
    (font_replaced, RuleId.CHANGES, "changed"),
    (text_covered, RuleId.CHANGES, "changed"),
    (text_covered_by_widget, RuleId.CHANGES, "changed"),
    (text_put_in_hidden_layer, RuleId.CHANGES, "changed"),
    (page_tree_swapped, RuleId.CHANGES, "changed"),
    (script_added, RuleId.CHANGES, "changed"),
    (language_changed, RuleId.CHANGES, "changed"),
    (signature_removed, RuleId.CHANGES, "changed"),
    (field_removed, RuleId.CHANGES, "changed"),
    (appearance_swapped, RuleId.CHANGES, "changed"),
    (appearance_redrawn, RuleId.CHANGES, "changed"),
    (field_moved, RuleId.CHANGES, "changed"),
    (info_title, RuleId.METADATA, "changed"),
    (info_replaced, RuleId.METADATA, "changed"),
)
XMP_EDITS = {
    "xmp_title": xmp_edited("Genomförandeplan", "Beslut om avslag"),
    "xmp_pdfa_part": xmp_edited('part="3"', 'part="2"'),
}
