"""Shadow attacks: the document is prepared before anybody signs, and shown differently afterwards.

The three classes of C. Mainka, V. Mladenov, S. Rohlmann, "Shadow Attacks: Hiding and Replacing Content in Signed PDFs"
(NDSS 2021): *hide* (a cover is taken away), *replace* (a form field or a font says something else) and
*hide and replace* (a second document lies ready in the file, and only the cross-reference is turned to it). Whoever
prepared the document could also have given the archive's record the prepared one, so rule R5 must see what is done
afterwards by itself.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from functools import cache

import pikepdf
from pikepdf import Array, Dictionary, Name, String
from pyhanko.pdf_utils.generic import pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signatures.verify import RuleId

from .edits import updated
from .model import Attack, Plan
from .pki import NOW, World
from .plans import Signing, base, stages, stamp
from .raw import Update, appended, last_number, stream

SHOWN, HIDDEN = b"Dusch varje tisdag", b"Ingen dusch alls"
COVER = b"1 g 50 740 500 60 re f 0 g BT /F1 14 Tf 60 760 Td (%b) Tj ET" % SHOWN


def prepared() -> bytes:
    """A base with all that the three classes need: a cover over other words, a form field, a second document."""
    with pikepdf.open(io.BytesIO(base(HIDDEN.decode()))) as pdf:
        page = pdf.pages[0].obj
        cover = pdf.make_stream(COVER)
        cover.Type, cover.Subtype, cover.BBox = Name.XObject, Name.Form, Array([0, 0, 595, 842])
        cover.Resources = page.Resources
        page.Resources.XObject = Dictionary(Cover=cover)
        page.Contents = pdf.make_stream(page.Contents.read_bytes() + b" q /Cover Do Q")
        pdf.Root.PieceInfo = Dictionary(Prepared=pdf.make_indirect(_second_document(pdf)))
        _add_text_field(pdf, page)
        out = io.BytesIO()
        pdf.save(out, static_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
    return _with_twin(out.getvalue())


def _second_document(pdf: pikepdf.Pdf) -> Dictionary:
    """A catalog like the real one, over one page that says something else."""
    said = pdf.make_stream(b"BT /F1 14 Tf 60 760 Td (%b) Tj ET" % HIDDEN)
    box, first = Array([0, 0, 595, 842]), pdf.pages[0].obj
    page = pdf.make_indirect(Dictionary(Type=Name.Page, MediaBox=box, Contents=said, Resources=first.Resources))
    tree = pdf.make_indirect(Dictionary(Type=Name.Pages, Kids=Array([page]), Count=1))
    page.Parent = tree
    catalog = Dictionary(Type=Name.Catalog, Pages=tree, Lang=pdf.Root.Lang)
    for key in (Name.AcroForm, Name.Metadata):
        catalog[key] = pdf.Root[key]
    return catalog


def _add_text_field(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    look = pdf.make_stream(b"/Tx BMC BT /F1 12 Tf 2 4 Td (tisdag) Tj ET EMC")
    look.Type, look.Subtype, look.BBox, look.Resources = Name.XObject, Name.Form, Array([0, 0, 200, 20]), page.Resources
    widget = Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("dag"), V=String("tisdag"), F=4)
    widget.Rect, widget.DA, widget.AP = Array([60, 680, 260, 700]), String("/F1 12 Tf"), Dictionary(N=look)
    made = pdf.make_indirect(widget)
    page.Annots = Array([made])
    pdf.Root.AcroForm.Fields.append(made)


def _with_twin(pdf: bytes) -> bytes:
    """The same object number once more in the file, where no cross-reference leads to it yet."""
    number = int(re.findall(rb"/Contents (\d+) 0 R", pdf)[0])
    twin = b"%d 0 obj\n%b\nendobj\n" % (number, stream(b"BT /F1 14 Tf 60 760 Td (%b) Tj ET %%twin" % HIDDEN))
    at = pdf.rindex(b"xref\n0 ")
    moved = pdf[:at] + twin + pdf[at:]
    return re.sub(rb"startxref\s+\d+", b"startxref\n%d" % (at + len(twin)), moved)


def page_of_nobody() -> bytes:
    """A base whose page has as its /Parent, from where a page inherits, a number that nobody has yet."""
    return _under(base(), 99)


def page_of_info() -> bytes:
    """A base whose page has the information dictionary as its /Parent, with a box there that is only text as yet."""
    with pikepdf.open(io.BytesIO(base())) as pdf:
        pdf.docinfo["/CropBox"], pdf.docinfo["/Rotate"] = String("[0, 0, 595, 300]"), String("180")
        out = io.BytesIO()
        pdf.save(out, static_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
    return _under(out.getvalue(), last_number(out.getvalue(), rb"/Info (\d+) 0 R"))


def page_drawn_by_info() -> bytes:
    """A base whose page has from a /Parent beside the tree, which is nobody's else, that it draws what the information
    dictionary names; as yet that is only text."""
    with pikepdf.open(io.BytesIO(base())) as pdf:
        page = pdf.pages[0].obj
        page.Contents = pdf.make_stream(page.Contents.read_bytes() + b" q /Producer Do Q")
        spare = pdf.make_stream(COVER.replace(SHOWN, HIDDEN))
        spare.Type, spare.Subtype, spare.BBox = Name.XObject, Name.Form, Array([0, 0, 595, 842])
        spare.Resources = page.Resources
        resources = Dictionary(Font=page.Resources.Font, XObject=pdf.trailer.Info)
        del page.Resources
        page.Parent = pdf.make_indirect(Dictionary(Type=Name.Pages, Resources=resources, Spare=spare))
        out = io.BytesIO()
        pdf.save(out, static_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
    return out.getvalue()


def _under(pdf: bytes, number: int) -> bytes:
    """The page under another parent, in as many bytes."""
    return re.sub(
        rb"/Parent \d+ 0 R /Res", lambda m: (b"/Parent %d 0 R" % number).ljust(len(m[0]) - 4) + b"/Res", pdf, count=1
    )


@cache
def _signed(world: World, prepare: Callable[[], bytes]) -> tuple[bytes, bytes]:
    """The prepared document signed by all, and sealed."""
    done = stages(Signing(world), prepare())
    return done[-2].pdf, done[-1].pdf


def _cover(pdf: bytes) -> int:
    return last_number(pdf, rb"/Cover (\d+) 0 R")


def hide_by_freeing(pdf: bytes) -> bytes:
    return appended(pdf, Update(freed=(_cover(pdf),)))


def hide_by_emptying(pdf: bytes) -> bytes:
    facts = b"/Type/XObject/Subtype/Form/BBox[0 0 1 1]"
    return appended(pdf, Update({_cover(pdf): stream(b"", facts)}))


def _field_says(pdf: bytes, words: str) -> bytes:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        found = (f.get_object() for f in writer.root["/AcroForm"]["/Fields"])
        widget = next(f for f in found if f["/T"] == "dag")
        widget["/V"] = pdf_string(words)
        del widget["/AP"]
        writer.update_container(widget)

    return updated(pdf, edit)


def replace_field(pdf: bytes) -> bytes:
    return _field_says(pdf, "aldrig")


def replace_font(pdf: bytes) -> bytes:
    """The letters keep their codes and get other shapes."""
    number = last_number(pdf, rb"/F1 (\d+) 0 R")
    shapes = b"<</Type/Encoding/Differences[84/A/l/d/r/i/g]>>"
    return appended(pdf, Update({number: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding %b>>" % shapes}))


def hide_and_replace_catalog(pdf: bytes) -> bytes:
    return appended(pdf, Update(root=last_number(pdf, rb"/Prepared (\d+) 0 R")))


def hide_and_replace_twin(pdf: bytes) -> bytes:
    """Nothing is added but a cross-reference: the first page's contents are now the twin."""
    number = int(re.findall(rb"/Contents (\d+) 0 R", pdf)[0])
    at = pdf.rindex(b"\n%d 0 obj\n" % number, 0, pdf.index(b"%twin")) + 1
    return appended(pdf, Update(elsewhere={number: at}))


def parent_comes(pdf: bytes) -> bytes:
    """What the page's parent is comes last: it cuts the page and turns it."""
    page = last_number(pdf, rb"/Kids \[ (\d+) 0 R \]")
    return appended(pdf, Update({99: b"<</Type/Pages/Kids[%d 0 R]/Count 1/Rotate 180/CropBox[0 0 595 300]>>" % page}))


def parent_reads_otherwise(pdf: bytes) -> bytes:
    """What was text in the information dictionary, and said nothing of pages, is a list and a number."""
    number = last_number(pdf, rb"/Info (\d+) 0 R")
    told = b"/Title(Genomf\xf6randeplan)/Producer(plan)/Creator(plan)"
    return appended(pdf, Update({number: b"<<%b/CropBox[0 0 595 300]/Rotate 180>>" % told}))


def info_names_a_form(plan: Plan) -> bytes:
    """What R9 lets a signing program note is a sheet with other words; the archive's seal leaves that alone."""
    pdf = _signed(plan.world, page_drawn_by_info)[0]
    number, spare = last_number(pdf, rb"/Info (\d+) 0 R"), last_number(pdf, rb"/Spare (\d+) 0 R")
    told = b"<</Title(Genomf\xf6randeplan)/Producer %d 0 R/Creator(plan)>>" % spare
    moment = NOW + timedelta(minutes=15)
    return stamp(appended(pdf, Update({number: told})), plan.world, moment, edit=_noting_nothing)


def _noting_nothing(writer: IncrementalPdfFileWriter) -> None:
    writer._update_meta = lambda: None


TURNS: tuple[Callable[[bytes], bytes], ...] = (
    hide_by_freeing, hide_by_emptying, replace_field, replace_font, hide_and_replace_catalog, hide_and_replace_twin,
)  # fmt: skip


PARENTS: tuple[tuple[Callable[[], bytes], Callable[[bytes], bytes]], ...] = (
    (page_of_nobody, parent_comes),
    (page_of_info, parent_reads_otherwise),
)


def after_seal(turn: Callable[[bytes], bytes], prepare: Callable[[], bytes] = prepared) -> Callable[[Plan], bytes]:
    return lambda plan: turn(_signed(plan.world, prepare)[1])


def before_seal(turn: Callable[[bytes], bytes], prepare: Callable[[], bytes] = prepared) -> Callable[[Plan], bytes]:
    """The archive itself seals what was turned, as when the turn is made between the last signature and the night."""
    return lambda plan: stamp(turn(_signed(plan.world, prepare)[0]), plan.world, NOW + timedelta(minutes=15))


ATTACKS: tuple[Attack, ...] = (
    *(Attack(f"shadow_{turn.__name__}_after_seal", after_seal(turn), RuleId.CHANGES, "changed") for turn in TURNS),
    *(Attack(f"shadow_{turn.__name__}_before_seal", before_seal(turn), RuleId.CHANGES, "changed") for turn in TURNS),
    *(Attack(f"shadow_{t.__name__}_after_seal", after_seal(t, p), RuleId.CHANGES, "changed") for p, t in PARENTS),
    *(Attack(f"shadow_{t.__name__}_before_seal", before_seal(t, p), RuleId.CHANGES, "changed") for p, t in PARENTS),
    Attack("shadow_info_names_a_form_before_seal", info_names_a_form, RuleId.CHANGES, "changed"),
)
