"""Attacks by what a stamp shows: the right name is there for whoever reads the bytes, and people see another."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name
from pyhanko.pdf_utils import generic, layout
from pyhanko.pdf_utils.content import ResourceType
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.stamp import BaseStamp, BaseStampStyle

from pipeline.documents.fonts import signature_fonts
from signatures.font import embed, subsets
from signatures.verify import Expected, RuleId

from .model import Attack, Plan
from .plans import PEOPLE, Signing, base, stages

ROLE, PERSON = PEOPLE[0]
OTHER = "Annan Person"
_WIDTHS = dict(zip("Aström Nyid", (667, 500, 278, 333, 556, 833, 278, 722, 500, 222, 556), strict=True))
SEEN = f"BT /F1 14 Tf 0 g 10 8 Td ({OTHER}) Tj ET"
SET = f"BT /F1 12 Tf 10 30 Td ({PERSON}) Tj ET"


@dataclass(frozen=True)
class Drawn(BaseStampStyle):
    """A stamp of these operators, in Helvetica, or in a font whose map says other letters than it draws (`lies`)."""

    border_width: int = 0
    content: str = ""
    lies: dict[str, str] = field(default_factory=dict)
    box: tuple[int, int, int, int] | None = None
    forms: dict[str, str] = field(default_factory=dict)
    """Drawings within it, by name."""

    def create_stamp(self, writer: Any, box: layout.BoxConstraints, text_params: dict[str, str]) -> _Stamp:
        """Called by pyHanko when it fills the field."""
        return _Stamp(writer, self, box=box)


class _Escaped(generic.NameObject):
    """A name whose zero bytes are written as the standard escapes bytes, with two digits."""

    def write_to_stream(self, stream: Any, handler: Any = None, container_ref: Any = None) -> None:
        stream.write(self.replace("\0", "#00").encode("ascii"))


class _Stamp(BaseStamp):
    def _render_inner_content(self) -> list[bytes]:
        font = _lying(self.writer, self.style.lies) if self.style.lies else _helvetica()
        self.set_resource(ResourceType.FONT, pdf_name("/F1"), font)
        for name, content in self.style.forms.items():
            self.set_resource(ResourceType.XOBJECT, _Escaped(name), self.writer.add_object(_form(content)))
        return [self.style.content.encode("cp1252")]

    def as_form_xobject(self) -> generic.StreamObject:
        form = super().as_form_xobject()
        if self.style.box is not None:
            form[pdf_name("/BBox")] = generic.ArrayObject(map(generic.NumberObject, self.style.box))
        return form


def _form(content: str) -> generic.StreamObject:
    fonts = generic.DictionaryObject({pdf_name("/Font"): generic.DictionaryObject({pdf_name("/F1"): _helvetica()})})
    facts = {
        "/Type": pdf_name("/XObject"),
        "/Subtype": pdf_name("/Form"),
        "/BBox": generic.ArrayObject(map(generic.NumberObject, (0, 0, 240, 50))),
        "/Resources": fonts,
    }
    return generic.StreamObject(
        {pdf_name(key): value for key, value in facts.items()}, stream_data=content.encode("cp1252")
    )


def _helvetica() -> generic.DictionaryObject:
    names = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica", "/Encoding": "/WinAnsiEncoding"}
    return generic.DictionaryObject({pdf_name(key): pdf_name(value) for key, value in names.items()})


def _lying(writer: Any, lies: dict[str, str]) -> generic.IndirectObject:
    """The font that our own stamps have, whose map says of some letters that they are others."""
    subset = subsets(signature_fonts(), "")[0]
    glyphs = subset.face.glyphs
    told = {said: glyphs[letter] for letter, said in lies.items()}
    return embed(writer, replace(subset, face=replace(subset.face, glyphs=told)))


def _codes(text: str) -> str:
    glyphs = subsets(signature_fonts(), "")[0].face.glyphs
    return "".join(f"{glyphs[c]:04X}" for c in text)


def _drawn(style: Drawn, start: Callable[[], bytes] | None = None) -> Callable[[Plan], bytes]:
    return lambda plan: (
        stages(Signing(plan.world, drawn={ROLE: style}), start() if start is not None else plan.at["base"])[-1].pdf
    )


def _placed(order: str, shown: str) -> str:
    """The letters in one order, each put where another order wants it."""
    starts = [10 + sum(_WIDTHS[c] for c in shown[:n]) * 0.012 for n in range(len(shown))]
    at = {letter: [x for x, c in zip(starts, shown, strict=True) if c == letter] for letter in set(shown)}
    return "BT /F1 12 Tf " + " ".join(f"1 0 0 1 {at[c].pop(0):.3f} 20 Tm ({c}) Tj" for c in order) + " ET"


def _lines(*lines: str) -> str:
    return " ".join(f"BT /F1 9 Tf 6 {38 - 11 * number} Td ({line}) Tj ET" for number, line in enumerate(lines))


def _with(change: Callable[[pikepdf.Pdf, pikepdf.Object], None]) -> Callable[[], bytes]:
    def made() -> bytes:
        with pikepdf.open(io.BytesIO(base())) as pdf:
            change(pdf, next(w for w in pdf.pages[-1].Annots if w.T == ROLE))
            out = io.BytesIO()
            pdf.save(out, static_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
        return out.getvalue()

    return made


def _hide(pdf: pikepdf.Pdf, widget: pikepdf.Object) -> None:
    widget.F = 134


def _cover(pdf: pikepdf.Pdf, widget: pikepdf.Object) -> None:
    """An annotation of the document's own that says another name, where the stamp will be."""
    look = pdf.make_stream(f"1 g 0 0 240 50 re f {SEEN}".encode("cp1252"))
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    look.Type, look.Subtype, look.BBox = Name.XObject, Name.Form, Array([0, 0, 240, 50])
    look.Resources = Dictionary(Font=Dictionary(F1=font))
    note = Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=widget.Rect, F=4, AP=Dictionary(N=look))
    pdf.pages[-1].Annots.append(pdf.make_indirect(note))


def _crop(pdf: pikepdf.Pdf, _: pikepdf.Object) -> None:
    """All pages are cropped, by what they inherit, where the upper half of the stamp will be."""
    pdf.Root.Pages.CropBox = Array([0, 0, 595, 622])


def _cover_from_nowhere(pdf: pikepdf.Pdf, widget: pikepdf.Object) -> None:
    """As `_cover`, by an annotation without an area: readers that cannot fit its drawing in paint it as it is."""
    _cover(pdf, widget)
    note, (left, bottom, *_) = pdf.pages[-1].Annots[-1], widget.Rect
    note.Rect, look = Array([0, 0, 0, 0]), note.AP.N
    look.BBox = Array([0, 0, 595, 842])
    look.write(f"1 0 0 1 {left} {bottom} cm ".encode() + look.read_bytes())


def _apart(pdf: pikepdf.Pdf, widget: pikepdf.Object) -> None:
    """The field and its widget are two objects; the stamp is the widget's."""
    field_ = pdf.make_indirect(Dictionary(FT=Name.Sig, T=widget.T, Lock=widget.Lock, Kids=Array([widget])))
    for key in (Name.FT, Name.T, Name.Lock):
        del widget[key]
    widget.Parent = field_
    listed = pdf.Root.AcroForm.Fields
    pdf.Root.AcroForm.Fields = Array([field_ if f.objgen == widget.objgen else f for f in listed])


def _based_on(start: Callable[[], bytes]) -> Callable[[Expected], Expected]:
    return lambda record: replace(record, base_sha256=hashlib.sha256(start()).hexdigest())


apart = _with(_apart)


def _attack(
    name: str, style: Drawn, reason: str, start: Callable[[], bytes] | None = None, *, known: str = "indeterminate"
) -> Attack:
    recorded = _based_on(start) if start is not None else lambda record: record
    return Attack(
        name, _drawn(style, start), RuleId.IDENTITY, reason, known=known, alone="indeterminate", recorded=recorded
    )


_SCALED = f"BT /F1 12 Tf 10 300 Td ({PERSON}) Tj ET BT /F1 6000 Tf 5000 6000 Td ({OTHER}) Tj ET"
_AWAY_AND_BACK = "1 0 0 1 999999999 0 cm 1 0 0 1 -999999969 0 cm 1 0 0 1 -30 0 cm " * 120
_LED = f"BT /F1 12 Tf 10 20 Td (Undertecknad av {OTHER}) Tj ET"
_APART = "BT /F1 14 Tf 4 32 Td (Astrid) Tj 40 0 Td (Lindgren) Tj /F1 4 Tf -40 -29 Td .5 g (Nyström) Tj ET"
_DIVIDED = (  # read as the name where gaps are measured by the size alone, whatever the letters' width
    "BT /F1 14 Tf 0.8 0 0 1 5 20 Tm (Ast) Tj 0.8 0 0 1 22.794 20 Tm (rid ) Tj 0.8 0 0 1 36.685 20 Tm (Nyström) Tj ET"
)
_SHOWN = "Konrad Elonrut"  # a letter for each of the name's
_LIES = dict(zip(_SHOWN, PERSON, strict=True))
ATTACKS: tuple[Attack, ...] = (
    _attack("name_clipped_away", Drawn(content=f"q 0 0 0 0 re W n {SET} Q {SEEN}"), "stamp_unreadable"),
    _attack("name_painted_over", Drawn(content=f"{SET} 1 g 0 0 240 50 re f {SEEN}"), "stamp_unreadable"),
    _attack("name_in_white", Drawn(content=f"/DeviceRGB cs 1 1 1 scn {SET} {SEEN}"), "stamp_unreadable"),
    _attack("name_scaled_away", Drawn(content=_SCALED, box=(0, 0, 100_000, 20_000)), "stamp_unreadable"),
    _attack(
        "name_inside_a_longer_one",
        Drawn(content=f"BT /F1 12 Tf 5 20 Td (Karin {PERSON} Berg) Tj ET"),
        "stamp_name_unclear",
    ),
    _attack(
        "name_beside_the_page", Drawn(content=f"BT /F1 12 Tf 235 30 Td ({PERSON}) Tj ET {SEEN}"), "stamp_unreadable"
    ),
    _attack(
        "name_of_the_same_letters",
        Drawn(content=_placed(PERSON, "Aström Nystrid")),
        "stamp_without_name",
    ),
    _attack(
        "name_said_small_beside_another",
        Drawn(content=f"BT /F1 24 Tf 8 22 Td ({OTHER}) Tj ET .5 g BT /F1 4 Tf 150 3 Td ({PERSON}) Tj ET"),
        "stamp_name_unclear",
    ),
    _attack(
        "name_gone_on_by_a_sign", Drawn(content=f"BT /F1 12 Tf 6 30 Td ({PERSON} $venson) Tj ET"), "stamp_name_unclear"
    ),
    _attack(
        "name_signed_for_by_another",
        Drawn(content=f"BT /F1 9 Tf 6 30 Td ({OTHER} i stället för: {PERSON}) Tj ET"),
        "stamp_name_unclear",
    ),
    _attack(
        "name_under_an_attester_s",
        Drawn(content=_lines(PERSON, "Identiteten intygad av Bo Ek", "Undertecknare", "Eva Lindberg")),
        "stamp_name_unclear",
    ),
    _attack("name_beside_another_s_number", Drawn(content=_lines(PERSON, "19121212 - 1212")), "stamp_name_unclear"),
    _attack("name_divided_elsewhere", Drawn(content=_DIVIDED), "stamp_name_unclear"),
    _attack("name_of_words_far_apart", Drawn(content=_APART), "stamp_name_unclear"),
    _attack(
        "name_only_by_the_font_s_map",
        Drawn(content=f"BT /F1 14 Tf 10 20 Td <{_codes(_SHOWN)}> Tj ET", lies=_LIES),
        "stamp_font",
    ),
    _attack("stamp_of_a_kid", Drawn(content=_LED), "stamp_other_name", apart, known="invalid"),
    _attack("name_moved_by_rounding", Drawn(content=f"q {_AWAY_AND_BACK}{SET} Q {SEEN}"), "stamp_unreadable"),
    _attack("name_of_a_drawing_cut_short", Drawn(content="/X Do", forms={"/X": SET, "/X\0": SEEN}), "stamp_unreadable"),
    _attack("name_cropped_away", Drawn(content=f"{SET} {SEEN}"), "stamp_unreadable", _with(_crop)),
    _attack("stamp_under_a_note_without_area", Drawn(content=SET), "stamp_covered", _with(_cover_from_nowhere)),
    _attack("stamp_under_an_annotation", Drawn(content=SET), "stamp_covered", _with(_cover)),
    _attack("stamp_hidden", Drawn(content=SET), "stamp_covered", _with(_hide)),
)
