"""Attacks by a time stamp of a trusted authority's: what its own field may smuggle in, and what its CMS value may."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache

from asn1crypto import cms
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from signatures.verify import Expected, RuleId

from .edits import updated
from .model import Attack, Plan, hole_of
from .pki import NOW, Kind, certify, ec_key, name
from .plans import Signing, base, restamp, stages

FIELD = "Arkivstampel9"
SHEET = (0, 0, 595, 842)
Facts = Callable[[IncrementalPdfFileWriter], dict[str, generic.PdfObject]]


def array(*numbers: float) -> generic.ArrayObject:
    return generic.ArrayObject(map(generic.NumberObject, numbers))


def _cover(writer: IncrementalPdfFileWriter, *, box: bool = True) -> generic.PdfObject:
    """A white sheet over everything."""
    return _look(writer, b"1 g 0 0 595 842 re f", **({"BBox": array(*SHEET)} if box else {}))


def _packed_by_a_short_key(writer: IncrementalPdfFileWriter) -> generic.PdfObject:
    """The same, packed by a key that some readers know from images in a page; as it stands it is a comment."""
    packed = base64.a85encode(b"\r1 g 0 0 595 842 re f") + b"~>"
    return _look(writer, packed, BBox=array(*SHEET), F=pdf_name("/ASCII85Decode"))


def _look(writer: IncrementalPdfFileWriter, data: bytes, **facts: generic.PdfObject) -> generic.PdfObject:
    look = generic.StreamObject(stream_data=data)
    for key, value in {"Subtype": pdf_name("/Form"), **facts}.items():
        look[pdf_name(f"/{key}")] = value
    return generic.DictionaryObject({pdf_name("/N"): writer.add_object(look)})


def _page(writer: IncrementalPdfFileWriter) -> generic.PdfObject:
    return writer.root["/Pages"]["/Kids"].raw_get(0)


def over_the_words(writer: IncrementalPdfFileWriter) -> dict[str, generic.PdfObject]:
    """The field lies over the page, and says that it belongs to another, whose box is elsewhere."""
    elsewhere = generic.DictionaryObject({pdf_name("/MediaBox"): array(9000, 9000, 9001, 9001)})
    return {"/Rect": array(*SHEET), "/AP": _cover(writer), "/P": elsewhere}


def with_a_script(writer: IncrementalPdfFileWriter) -> dict[str, generic.PdfObject]:
    """The field shows nothing, and does something when its page is opened."""
    script = {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): pdf_string("app.alert('x')")}
    actions = generic.DictionaryObject({pdf_name("/PO"): generic.DictionaryObject(script)})
    return {"/Rect": array(0, 0, 0, 0), "/P": _page(writer), "/AA": actions}


def as_free_text(writer: IncrementalPdfFileWriter) -> dict[str, generic.PdfObject]:
    """The field is another kind of annotation as well, with words of its own."""
    words = {"/Subtype": pdf_name("/FreeText"), "/Contents": pdf_string("Ingen dusch")}
    return {"/Rect": array(0, 0, 0, 0), "/P": _page(writer), **words}


def without_a_rectangle(writer: IncrementalPdfFileWriter) -> dict[str, generic.PdfObject]:
    """A number of the rectangle is written as text, which some readers read as a number."""
    odd = generic.ArrayObject([*array(0, 0), pdf_string("595"), generic.NumberObject(842)])
    return {"/Rect": odd, "/P": _page(writer), "/AP": _cover(writer)}


def without_a_box(writer: IncrementalPdfFileWriter) -> dict[str, generic.PdfObject]:
    """The field has no area, and its appearance no box that would clip it: some readers then paint all of it."""
    return {"/Rect": array(0, 0, 0, 0), "/P": _page(writer), "/AP": _cover(writer, box=False)}


def without_an_area(writer: IncrementalPdfFileWriter) -> dict[str, generic.PdfObject]:
    """The field has no area, and its appearance a box: some readers cannot fit it in and paint it as it is."""
    return {"/Rect": array(0, 0, 0, 0), "/P": _page(writer), "/AP": _cover(writer)}


def in_a_comment(writer: IncrementalPdfFileWriter) -> dict[str, generic.PdfObject]:
    """All that is painted is a comment to whoever takes the bracket before it for a part of a name."""
    flags = generic.NumberObject(4)  # print
    look = _look(writer, b"/X( %) MP 1 g 0 0 595 842 re f /Y\nMP", BBox=array(*SHEET))
    return {"/Rect": array(0, 0, 0, 0), "/F": flags, "/P": _page(writer), "/AP": look}


def beside_the_page(writer: IncrementalPdfFileWriter) -> dict[str, generic.PdfObject]:
    """The field lies beside the page, and is not to grow with it: readers then put it where they think it belongs."""
    flags = generic.NumberObject(4 | 8 | 16)  # print, no zoom, no rotation
    return {"/Rect": array(-595, 0, 0, 842), "/F": flags, "/P": _page(writer), "/AP": _cover(writer)}


def _field_of(facts: Facts) -> Callable[[IncrementalPdfFileWriter], None]:
    def add(writer: IncrementalPdfFileWriter) -> None:
        told = {"/Subtype": pdf_name("/Widget"), "/FT": pdf_name("/Sig"), "/T": pdf_string(FIELD), **facts(writer)}
        field = writer.add_object(generic.DictionaryObject({pdf_name(key): value for key, value in told.items()}))
        page, form = writer.root["/Pages"]["/Kids"][0], writer.root["/AcroForm"]
        for holder, listed in ((page, page["/Annots"]), (form, form["/Fields"])):
            listed.append(field)
            writer.update_container(listed)
            writer.update_container(holder)

    return add


def stamped(facts: Facts, stage: str) -> Callable[[Plan], bytes]:
    """The field and its time stamp in one and the same update: an empty field alone would be one change too many."""
    when = NOW + timedelta(minutes=15 if stage == "enhetschef" else 30)
    return lambda plan: restamp(plan.at[stage], plan.world, when, FIELD, _field_of(facts))


@cache
def prepared() -> bytes:
    """The base with one more empty field, over the words."""
    over = SigFieldSpec(FIELD, box=SHEET, on_page=0)
    return updated(base(), lambda writer: append_signature_field(writer, over))


def drawn_in_a_prepared_field(look: Callable[[IncrementalPdfFileWriter], generic.PdfObject]) -> Callable[[Plan], bytes]:
    """All sign a document with an empty field over its words; the seal is made in it, and draws a sheet over them."""

    def draw(writer: IncrementalPdfFileWriter) -> None:
        field = next(f.get_object() for f in writer.root["/AcroForm"]["/Fields"] if f.get_object()["/T"] == FIELD)
        field[pdf_name("/AP")] = look(writer)
        writer.update_container(field)

    def made(plan: Plan) -> bytes:
        signed = stages(Signing(plan.world), prepared(), seal=False)[-1].pdf
        return restamp(signed, plan.world, NOW + timedelta(minutes=30), FIELD, draw)

    return made


def on_prepared(record: Expected) -> Expected:
    """The record names the document that was signed, field and all."""
    return replace(record, base_sha256=hashlib.sha256(prepared()).hexdigest())


def stranger_in_seal(plan: Plan) -> bytes:
    """A certificate that a stranger has made for themselves, with room for any words, among those of the seal."""
    stranger = certify(name("Vem som helst, " + "ord " * 10), ec_key(), None, Kind(ca=True))
    start, end = hole_of(plan.sealed, -1)
    value = cms.ContentInfo.load(bytes.fromhex(plan.sealed[start:end].decode("ascii")))
    value["content"]["certificates"].append(cms.CertificateChoices("certificate", stranger.asn1()))
    digits = value.dump(force=True).hex().upper().encode("ascii")
    return plan.sealed[:start] + digits.ljust(end - start, b"0") + plan.sealed[end:]


_FIELDS: tuple[Facts, ...] = (over_the_words, with_a_script, as_free_text, without_a_rectangle)
_COVERS: tuple[Facts, ...] = (without_a_box, without_an_area, beside_the_page, in_a_comment)
_DRAWN = {"drawn_in_a_prepared_field": _cover, "packed_by_a_short_key": _packed_by_a_short_key}

ATTACKS: tuple[Attack, ...] = (
    *(Attack(f"stamp_{f.__name__}_before_seal", stamped(f, "enhetschef"), RuleId.CHANGES, "changed") for f in _FIELDS),
    *(Attack(f"stamp_{f.__name__}_after_seal", stamped(f, "seal"), RuleId.CHANGES, "changed") for f in _FIELDS),
    *(
        Attack(
            f"stamp_{f.__name__}",
            stamped(f, "seal"),
            RuleId.CHANGES,
            "visible_added",
            known="indeterminate",
            alone="indeterminate",
        )
        for f in _COVERS
    ),
    *(
        Attack(
            f"stamp_{name}",
            drawn_in_a_prepared_field(look),
            RuleId.CHANGES,
            "visible_added",
            known="indeterminate",
            alone="indeterminate",
            recorded=on_prepared,
        )
        for name, look in _DRAWN.items()
    ),
    Attack(
        "stranger_in_seal",
        stranger_in_seal,
        RuleId.SIGNATURES,
        "unproven_certificate",
        known="indeterminate",
        alone="indeterminate",
    ),
)
