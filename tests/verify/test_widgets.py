"""Which signature fields may lie over what others have signed (ISO 32000-2, 12.5.5)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, PdfObject, StreamObject

from signatures.verify import RuleId, Trust, verify
from signatures.verify.widgets import may_cover
from tests.attacks.model import Plan
from tests.attacks.pki import NOW
from tests.attacks.plans import Signing, restamp, stages
from tests.attacks.widgets import FIELD, prepared

NOTHING, STAMP = (0, 0, 0, 0), (60, 600, 300, 650)


def box(*corners: int) -> ArrayObject:
    return ArrayObject(map(NumberObject, corners))


def dictionary(**values: PdfObject) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): value for key, value in values.items()})


def look(*clip: int) -> StreamObject:
    drawn = StreamObject(stream_data=b"1 g 0 0 595 842 re f")
    if clip:
        drawn[NameObject("/BBox")] = box(*clip)
    return drawn


def field(kind: str, corners: tuple[int, ...], **appearance: PdfObject) -> DictionaryObject:
    made = dictionary(V=dictionary(Type=NameObject(kind)), Rect=box(*corners))
    if appearance:
        made[NameObject("/AP")] = dictionary(**appearance)
    return made


PERSON, AUTHORITY = "/Sig", "/DocTimeStamp"
CLIPPED, LOOSE = look(0, 0, 240, 50), look()


def flagged(made: DictionaryObject, flags: PdfObject) -> DictionaryObject:
    made[NameObject("/F")] = flags
    return made


@pytest.mark.parametrize(
    ("filled", "covers"),
    [
        (field(PERSON, STAMP, N=CLIPPED), False),
        (field(PERSON, STAMP), False),
        (field(PERSON, NOTHING, N=look(0, 0, 0, 0)), True),
        (field(PERSON, NOTHING, N=CLIPPED), True),
        (field(PERSON, STAMP, N=look(0, 0, 0, 0)), True),
        (field(PERSON, NOTHING, N=StreamObject(stream_data=b"")), False),
        (field(PERSON, STAMP, N=LOOSE), True),
        (field(PERSON, NOTHING, N=LOOSE), True),
        (field(PERSON, STAMP, N=CLIPPED, D=LOOSE), True),
        (field(PERSON, STAMP, N=dictionary(On=CLIPPED, Off=LOOSE)), True),
        (flagged(field(PERSON, STAMP, N=CLIPPED), NumberObject(132)), False),
        (flagged(field(PERSON, STAMP, N=CLIPPED), NumberObject(132 + 8)), True),
        (flagged(field(PERSON, STAMP, N=CLIPPED), NumberObject(132 + 16)), True),
        (flagged(field(PERSON, STAMP, N=CLIPPED), NameObject("/None")), True),
        (field(AUTHORITY, STAMP), False),
        (field(AUTHORITY, NOTHING, N=CLIPPED), True),
        (field(AUTHORITY, STAMP, N=StreamObject(stream_data=b"")), False),
        (field(AUTHORITY, STAMP, N=CLIPPED), True),
        (field(AUTHORITY, STAMP, R=CLIPPED), True),
        (field(AUTHORITY, STAMP, N=dictionary(On=CLIPPED)), True),
        (field(AUTHORITY, (), N=CLIPPED), True),
    ],
)
def test_a_field_filled_late(filled: DictionaryObject, *, covers: bool) -> None:
    assert may_cover(filled, filled["/V"]) is covers


def test_a_seal_in_a_prepared_field_that_shows_nothing(plan: Plan, trust: Trust) -> None:
    signed = stages(Signing(plan.world), prepared(), seal=False)[-1].pdf
    sealed = restamp(signed, plan.world, NOW + timedelta(minutes=30), FIELD)
    report = verify(sealed, trust, None, NOW + timedelta(hours=1))
    assert report.rule(RuleId.CHANGES).verdict == "passed"
    assert report.rule(RuleId.IDENTITY).reason == "stamp_covered", "it lies over a stamp, where readers may mark it"
