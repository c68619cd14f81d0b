"""The empty fields: where they are, how they are tagged, what they lock, and what is refused."""

from __future__ import annotations

import io
from dataclasses import replace

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from signatures.errors import FieldRefused
from signatures.fields import FieldSpec, prepare

from .plans import ETHIOPIC, LATIN, PLACE, ROLES, base, plan, specs, stages


def opened(pdf: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf))


def saved(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def refused(pdf: bytes, fields: list[FieldSpec]) -> str:
    with pytest.raises(FieldRefused) as caught:
        prepare(pdf, fields, "", LATIN)
    return caught.value.code


def reading_order(pdf: bytes) -> list[str]:
    """The structure tree as read aloud: headings, paragraphs and fields."""
    with opened(pdf) as file:
        return _read_aloud(file.Root.StructTreeRoot.K[0])


def _read_aloud(element: pikepdf.Object) -> list[str]:
    kids = element.get("/K", Array())
    if isinstance(kids, pikepdf.Dictionary):
        kids = [kids]
    names = [str(element.S)] if element.get("/S") in ("/H1", "/H2", "/H3", "/P") else []
    if element.get("/S") == "/Form":
        return [str(element.Alt)]
    elements = [kid for kid in kids if isinstance(kid, pikepdf.Dictionary)] if not isinstance(kids, int) else []
    return names + [name for kid in elements for name in _read_aloud(kid)]


def test_the_same_input_gives_the_same_bytes():
    pdf, anchors = plan()
    assert prepare(pdf, specs(anchors), "Åsa", LATIN) == prepare(pdf, specs(anchors), "Åsa", LATIN)
    assert prepare(pdf, specs(anchors), "Åsa", LATIN) != prepare(pdf, specs(anchors), "Bo", LATIN)
    assert prepare(pdf, specs(anchors), "Åsa", LATIN).startswith(pdf)


def test_fields_stand_where_they_should_and_lock_by_name():
    _, anchors = plan()
    pdf = opened(base())
    fields = {str(each.T): each for each in pdf.Root.AcroForm.Fields}
    assert list(fields) == list(ROLES)
    for role, field in fields.items():
        assert [float(x) for x in field.Rect] == pytest.approx(anchors[f"plats-{role}"][1], abs=0.01)
        assert str(field.TU) == f"Underskrift: {role}"
        assert Name.Sig == field.FT
        assert field.Lock.Action == Name.Include
        assert "/V" not in field
        assert int(field.F) & 0b110 == 0b100, "printed, not hidden"
    assert [list(map(str, fields[role].Lock.Fields)) for role in ROLES] == [["brukare"], ["kontaktman"], list(ROLES)]


def test_each_widget_is_in_the_structure_tree_by_the_objr_itself():
    pdf = opened(base())
    tree = pdf.Root.StructTreeRoot
    numbers = {
        int(tree.ParentTree.Nums[i]): tree.ParentTree.Nums[i + 1] for i in range(0, len(tree.ParentTree.Nums), 2)
    }
    for field in pdf.Root.AcroForm.Fields:
        form = numbers[int(field.StructParent)]
        assert Name.Form == form.S
        assert isinstance(form.K, pikepdf.Dictionary), "an array here breaks earlier signatures for pyHanko"
        assert form.K.Type == Name.OBJR
        assert form.K.Obj.objgen == field.objgen
        assert field.P.Tabs == Name.S
        assert any(kid.objgen == form.objgen for kid in form.P.K)
    assert len(numbers) == len(tree.ParentTree.Nums) / 2
    assert int(tree.ParentTreeNextKey) == max(numbers) + 1


def test_a_screen_reader_meets_each_field_under_its_heading():
    order = reading_order(base())
    place = ["/H3", "/P"]
    expected = [x for role in ROLES for x in (*place, f"Underskrift: {role}")]
    assert order == ["/H1", "/P", "/H2", *expected, "/P"]


def test_fields_are_read_from_the_top_whatever_order_they_are_given_in():
    pdf, anchors = plan()
    assert reading_order(prepare(pdf, specs(anchors)[::-1], "", LATIN)) == reading_order(base())


def test_without_empty_blocks_the_fields_are_read_last_on_their_page():
    places = "".join(map(PLACE.format, ROLES)) + '<div></div><p class="ny">En sida till.</p>'
    pdf, anchors = plan(places)
    order = reading_order(prepare(pdf, specs(anchors), "", LATIN))
    fields = [f"Underskrift: {role}" for role in ROLES]
    assert order[-5:] == [*fields, "/P", "/P"], "after their own page's part of the section, before the next page's"


def test_a_number_tree_with_kids_is_grown():
    pdf, anchors = plan()
    with opened(pdf) as changed:
        parent = changed.Root.StructTreeRoot.ParentTree
        leaf = changed.make_indirect(Dictionary(Nums=parent.Nums, Limits=Array([0, int(parent.Nums[-2])])))
        del parent["/Nums"]
        parent.Kids = Array([leaf])
        content = saved(changed)
    made = opened(prepare(content, specs(anchors), "", LATIN))
    kids = made.Root.StructTreeRoot.ParentTree.Kids
    keys = [int(kid.Nums[0]) for kid in kids[1:]]
    assert keys == [int(field.StructParent) for field in made.Root.AcroForm.Fields]
    assert keys[0] > int(kids[0].Limits[1])
    assert [int(x) for x in kids[1].Limits] == [keys[0], keys[0]]


def test_the_font_is_embedded_once_for_all_fields():
    pdf = opened(base())
    fonts = pdf.Root.AcroForm.DR.Font
    assert list(fonts) == ["/PsF0"]
    font = fonts["/PsF0"]
    descendant = font.DescendantFonts[0]
    assert (font.Encoding, descendant.CIDToGIDMap) == (Name("/Identity-H"), Name.Identity)
    assert b"beginbfchar" in font.ToUnicode.read_bytes()
    assert len(descendant.W[1]) > 270


def test_a_name_in_another_script_brings_its_font():
    pdf, anchors = plan()
    made = opened(prepare(pdf, specs(anchors), "ሰላም", [LATIN, ETHIOPIC]))
    assert list(made.Root.AcroForm.DR.Font) == ["/PsF0", "/PsF1"]


def test_metadata_stay_as_they_were():
    pdf, _ = plan()
    before, after = opened(pdf), opened(base())
    assert before.Root.Metadata.read_raw_bytes() == after.Root.Metadata.read_raw_bytes()
    assert before.docinfo == after.docinfo


def test_no_slot_left_means_no_field():
    pdf, _ = plan()
    made = prepare(pdf, [], "", LATIN)
    assert "/AcroForm" not in opened(made).Root


def test_fields_come_before_signatures():
    _, anchors = plan()
    extra = replace(specs(anchors)[0], name="extra")
    assert refused(stages()[1].pdf, [extra]) == "redan_signerad"


def test_a_field_is_made_once():
    _, anchors = plan()
    assert refused(base(), specs(anchors)) == "falt_finns"


@pytest.mark.parametrize(
    "changed", [{"page": 7}, {"page": -1}, {"rect": (500, 10, 900, 60)}, {"rect": (10, 10, 10, 60)}]
)
def test_a_field_lies_on_its_page(changed: dict[str, object]):
    pdf, anchors = plan()
    assert refused(pdf, [replace(specs(anchors)[0], **changed)]) == "falt_utanfor_sidan"


def test_an_untagged_pdf_is_refused():
    blank = pikepdf.new()
    blank.add_blank_page()
    field = FieldSpec("brukare", 0, (10, 10, 90, 60), "x", ("brukare",))
    assert refused(saved(blank), [field]) == "ej_taggad"
    assert refused(b"%PDF-1.7 nothing else", [field]) == "olasbar_pdf"
    assert refused(b"", [field]) == "olasbar_pdf"
