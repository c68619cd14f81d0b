"""The empty signature fields of a document, made before anyone signs.

Each field is visible, tagged, described and locked by name: a signature locks its
own field, the last one all of them (``INCLUDE``, never ``ALL``, which would also
forbid the archive time stamp). The one appearance font lies in ``/AcroForm /DR``.
"""

# mypy: allow-untyped-calls
# pyHanko's own functions are only half typed.

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, SigFieldSpec, append_signature_field, enumerate_sig_fields

from . import font
from .errors import FieldRefused
from .revision import Revision, open_revision, written
from .tagging import Placed, nest

FONT_NAME = "/PsF{}"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One empty signature field.

    `page` counts from 0; `rect` is (left, bottom, right, top) in points from the
    page's lower left corner; `locks` names the fields nobody may change once this
    one is signed. Fields are read from the top of a page downwards, whatever their order here.
    """

    name: str
    page: int
    rect: tuple[float, float, float, float]
    tooltip: str
    locks: tuple[str, ...]


def prepare(pdf: bytes, fields: Sequence[FieldSpec], extra_text: str, fonts: bytes | Sequence[bytes]) -> bytes:
    """Add the empty fields; the result's hash is the edition's base.

    `extra_text` holds every name the stamps may show; `fonts` is the appearance font,
    or that font and its fallbacks in order. The same input gives the same bytes.
    Raises FieldRefused (`redan_signerad`, `falt_finns`, `falt_utanfor_sidan`, `ej_taggad`, `olasbar_pdf`)
    and AppearanceRefused (`tecken_saknas`, `typsnitt_saknas`).
    """
    chosen = font.subsets([fonts] if isinstance(fonts, bytes) else fonts, extra_text)
    writer = open_revision(pdf, repr((tuple(fields), extra_text)).encode(), *(each.program for each in chosen))
    _refuse_signed(writer)
    nest(writer, [_add(writer, spec) for spec in fields])
    if fields:
        _share_fonts(writer, chosen)
    return written(writer)


def _refuse_signed(writer: Revision) -> None:
    for name, value, _ in enumerate_sig_fields(writer):
        if value is not None:
            raise FieldRefused(
                "redan_signerad", f"field {name} is signed; fields come before signatures", falt=str(name)
            )


def _add(writer: Revision, spec: FieldSpec) -> Placed:
    if any(name == spec.name for name, _, _ in enumerate_sig_fields(writer)):
        raise FieldRefused("falt_finns", f"there is already a field {spec.name}", falt=spec.name)
    page = _page(writer, spec)
    append_signature_field(
        writer,
        SigFieldSpec(
            sig_field_name=spec.name,
            on_page=spec.page,
            box=spec.rect,  # type: ignore[arg-type]  # pyHanko says int and takes any number
            readable_field_name=spec.tooltip,
            field_mdp_spec=FieldMDPSpec(FieldMDPAction.INCLUDE, list(spec.locks)),
            empty_field_appearance=False,
        ),
    )
    widget = next(reference for name, _, reference in enumerate_sig_fields(writer) if name == spec.name)
    page.get_object()[pdf_name("/Tabs")] = pdf_name("/S")
    writer.mark_update(page)
    return Placed(widget, page, spec.page, spec.rect[3], spec.tooltip)


def _page(writer: Revision, spec: FieldSpec) -> generic.IndirectObject:
    pages = int(writer.root["/Pages"]["/Count"])
    if not 0 <= spec.page < pages:
        raise FieldRefused("falt_utanfor_sidan", f"field {spec.name} wants page {spec.page} of {pages}", falt=spec.name)
    reference: generic.IndirectObject = writer.find_page_for_modification(spec.page)[0]
    left, bottom, right, top = map(float, _media_box(reference.get_object()))
    within = left <= spec.rect[0] < spec.rect[2] <= right and bottom <= spec.rect[1] < spec.rect[3] <= top
    if not within:
        raise FieldRefused(
            "falt_utanfor_sidan", f"field {spec.name} lies outside its page: {spec.rect}", falt=spec.name
        )
    return reference


def _media_box(page: Any) -> Any:
    while "/MediaBox" not in page:
        page = page["/Parent"]
    return page["/MediaBox"]


def _share_fonts(writer: Revision, chosen: Sequence[font.Subset]) -> None:
    shared = {pdf_name(FONT_NAME.format(number)): font.embed(writer, each) for number, each in enumerate(chosen)}
    form = writer.root["/AcroForm"]
    form[pdf_name("/DR")] = generic.DictionaryObject({pdf_name("/Font"): generic.DictionaryObject(shared)})
    writer.update_container(form)
