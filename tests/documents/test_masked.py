"""A masked copy: nothing of what is masked is anywhere in the file, and the copy says what it is a copy of."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from typing import Any

import pikepdf
import pytest

from pipeline.documents import masked
from pipeline.documents.masking import USUALLY, Secret, read_path
from pipeline.documents.reduced import PRINTED
from pipeline.documents.rendering import Document
from pipeline.documents.scrubbing import Scrubber
from pipeline.documents.words import HIDDEN
from pipeline.errors import Misuse, Refused
from pipeline.plan.slots import EndedSlot
from tests.documents.builders import document, full_plan, leaves, rendering, sample, squeezed, text_of

ORIGINAL = "0f" * 32
SIGNED = datetime(2026, 11, 14, 9, tzinfo=UTC)


def copy_of(tree: dict[str, Any], *fields: str) -> Document:
    return _copy(json.dumps(tree), fields)


@cache
def _copy(content: str, fields: tuple[str, ...]) -> Document:
    r = rendering(json.loads(content))
    ended = {e.role for e in r.ended}
    roles = [s.role for s in r.slots if s.role not in ended]
    signed = tuple(EndedSlot(role, "signed", None, None, None, SIGNED) for role in roles)
    r = replace(r, ended=(*r.ended, *signed))
    paths = tuple(read_path(field, r.plan) for field in fields) or masked.usual(r)
    return masked.render_masked(masked.MaskedCopy(r, paths, ORIGINAL, date(2026, 11, 25)))


def everything_in(pdf: bytes) -> Iterator[bytes | str]:
    """Whatever a reader of the file could find: its bytes, every stream unpacked, every string and name, its text."""
    yield pdf
    yield squeezed(text_of(pdf))
    yield subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True).stdout
    with pikepdf.open(BytesIO(pdf)) as opened:
        for found in opened.objects:
            if isinstance(found, pikepdf.Stream):
                yield found.read_bytes()
            yield from _strings(found)


def _strings(found: Any) -> Iterator[str]:
    if isinstance(found, pikepdf.String):
        yield str(found)
        yield bytes(found).decode("latin-1")
    elif isinstance(found, pikepdf.Name):
        yield str(found)
    elif isinstance(found, pikepdf.Array):
        for item in found:
            yield from _strings(item)
    elif isinstance(found, (pikepdf.Dictionary, pikepdf.Stream)):
        for key, item in found.items():
            yield key
            if not (isinstance(item, pikepdf.Object) and item.is_indirect):
                yield from _strings(item)


@cache
def _haystack(pdf: bytes) -> bytes:
    found = (f.encode("utf-8", "surrogatepass") if isinstance(f, str) else f for f in everything_in(pdf))
    return b"\0".join(found)


def occurs(secret: str, pdf: bytes) -> bool:
    forms = [secret.encode(code) for code in ("utf-8", "utf-16-be", "utf-16-le")] + [squeezed(secret).encode()]
    return any(form in _haystack(pdf) for form in forms)


def unique_texts(tree: dict[str, Any], path: str) -> set[str]:
    """The texts under a field that stand nowhere else and are no code: each ends in its own number."""
    steps = path.split(".")
    return {
        v for p, v in leaves(tree) if isinstance(v, str) and v.endswith("x") and p.split(".")[: len(steps)] == steps
    }


def test_the_search_finds_what_is_there() -> None:
    tree = full_plan()
    pdf = document(tree).pdf
    for path in ("brukare.adress", "narstaende.namn", "insatser.hur", "oppnar_inte_dorren"):
        assert all(occurs(text, pdf) for text in unique_texts(tree, path)), path
    assert occurs("19420119-9124", pdf)


PARTS = tuple(name for name in PRINTED if name not in ("schema", "plan_id", "underskrifter"))


@pytest.mark.parametrize("fields", [PARTS, *((name,) for name in ("brukare", "insatser", "roller", "uppdrag", "mal"))])
def test_a_masked_part_of_the_plan_is_nowhere_in_the_file(fields: tuple[str, ...]) -> None:
    tree = full_plan()
    secrets = set().union(*(unique_texts(tree, field) for field in fields))
    pdf = copy_of(tree, *fields).pdf
    assert [secret for secret in secrets if occurs(secret, pdf)] == []
    assert not occurs("194201199124", pdf)
    assert not occurs("19420119-9124", pdf)


def test_what_is_usually_masked_and_where_other_texts_repeat_it() -> None:
    tree = sample("hemtjanst-kort")
    tree["narstaende"][0] |= {"namn": "Zacharias Björkqvist", "telefon": "070-1740611"}
    tree["deltagare"].append({"namn": "Zacharias Björkqvist", "roll": "narstaende"})
    tree["oppnar_inte_dorren"] = (
        "Ring Zacharias på 070 174 06 11 eller +46701740611. Zacharias nyckel finns på lillgatan  4, lgh 1102. "
        "Född 19 januari 1942, 420119-9124, hör dåligt."
    )
    pdf = copy_of(tree).pdf
    text = squeezed(text_of(pdf))
    phones = ("1740611", "174 06 11", "701740611")
    for secret in ("Zacharias", *phones, "Lillgatan", "lgh1102", "420119", "19 januari 1942"):
        assert not occurs(secret, pdf), secret
    assert squeezed("Ring maskerat på maskerat eller maskerat. maskerat nyckel finns på maskerat. Född") in text
    assert squeezed("Aina Margareta Björkqvist") in text


def test_neither_length_nor_number_shows() -> None:
    def shown(count: int, length: int) -> str:
        tree = sample("hemtjanst-kort")
        tree["narstaende"] = [{"namn": f"N{i}" + "n" * length, "relation": "vän"} for i in range(count)]
        tree["brukare"]["telefon"] = "0" + "7" * (6 + length)
        return text_of(copy_of(tree).pdf)

    assert shown(1, 3) == shown(4, 40)


def test_the_copy_says_what_it_is_and_of_what() -> None:
    made = copy_of(sample("hemtjanst-kort"))
    pages = text_of(made.pdf).split("\f")[:-1]
    assert all("Maskerad kopia, ej original." in page for page in pages)
    text = squeezed("".join(pages))
    assert ORIGINAL in text
    for said in ("GP-NB-2026-000417, version 1. Underskrifterna finns bara i originalet.", "Kopian gjord: 25 november"):
        assert squeezed(said) in text
    for said in ("inte maskerad.", "Har skrivit under.", "14 november 2026", "Personnummer: maskerat"):
        assert squeezed(said) in text
    assert made.placeholders == ()
    assert made.title == "Maskerad kopia av genomförandeplan GP-NB-2026-000417, version 1"
    with pikepdf.open(BytesIO(made.pdf)) as pdf:
        assert "/AF" not in pdf.Root
        assert "/AcroForm" not in pdf.Root
        assert not pdf.attachments
    assert HIDDEN not in "".join(pages)


def test_one_field_of_one_insats() -> None:
    tree = sample("hemtjanst-kort")
    pdf = copy_of(tree, "insatser[2].hur").pdf
    assert not occurs("Vi skriver listan tillsammans", pdf)
    assert occurs("Ställ fram duschstolen", pdf)
    assert squeezed("Insats 3: Hur") in squeezed(text_of(pdf))
    assert occurs("Göran", pdf)


def test_masked_time_cannot_be_reckoned_back() -> None:
    text = squeezed(text_of(copy_of(sample("hemtjanst-kort"), "insatser[0].tid").pdf))
    assert squeezed("Planerad tid") not in text
    assert squeezed("60 minuter") not in text


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("brukare.adres", "mask_okant_falt"),
        ("plan_id", "mask_okant_falt"),
        ("kommun.kod", "mask_okant_falt"),
        ("insatser[9].hur", "mask_saknas"),
        ("viktigt_for_mig[0]", "mask_saknas"),
        ("..", "mask_okant_falt"),
    ],
)
def test_a_field_that_the_document_does_not_have_is_refused(field: str, code: str) -> None:
    with pytest.raises(Misuse) as refused:
        copy_of(sample("hemtjanst-kort"), field)
    assert refused.value.code == code


def test_a_plan_id_that_says_what_is_masked_gives_no_copy() -> None:
    with pytest.raises(Refused) as refused:
        copy_of(sample("hemtjanst-kort") | {"plan_id": "GP-420119-9124"})
    assert refused.value.code == "mask_i_plan_id"


@pytest.mark.parametrize(
    ("secret", "text", "left"),
    [
        ("Göran Ek", "Görans dotter, GÖRAN  EK", f"{HIDDEN} dotter, {HIDDEN}"),
        ("Göran Ek", "Ekonomin sköter han", "Ekonomin sköter han"),
        ("son", "sonen och personalen", f"{HIDDEN} och personalen"),
        ("0701740611", "ring 070-174 06 11 i dag", f"ring {HIDDEN} i dag"),
        ("070-1740611", "0046 70 1740611", HIDDEN),
        ("070-1740611", "90701740611234", "90701740611234"),
        ("19420119-9124", "4201199124, 420119+9124", HIDDEN),
    ],
)
def test_a_name_a_number_and_their_forms(secret: str, text: str, left: str) -> None:
    assert Scrubber([Secret(secret, identity=True)], ()).text(text) == left


def test_masked_copies_keep_their_conformance(judge) -> None:
    for made in (copy_of(sample("hemtjanst-kort")), copy_of(full_plan(), *USUALLY, "insatser", "mal[0].text")):
        verdict = judge.pdf(made.pdf)
        assert verdict["passed"], verdict
