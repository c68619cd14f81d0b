"""An employee attests who somebody is: for this act, soon after their own identification, and never for themselves."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image, PngImagePlugin

from signatures.errors import IdentityRefused
from signatures.identity import Asked, IdentityEvidence, IdType, Person, TestIdentityProvider, Wanted
from signatures.identity.attested import LIFE, Attested, Checked, attest, redrawn
from signatures.identity.checks import ATTESTED

NOW = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
LOA3 = "http://id.elegnamnden.se/loa/1.0/loa3"
ACT = {"plan_ref": "p", "version": 1, "edition": 1, "role": "brukare", "base_sha256": "0" * 64}
ASKED = Asked("brukare", "Jag", {**ACT, "nonce": "a" * 32}, Wanted(IdType.PERSONNUMMER, "194005202389", "Prov Person"))
KIM = Person(IdType.HSA_ID, "SE2321000016-1003", "Kim Prov")


def attester(who: Person = KIM, **changed: object) -> IdentityEvidence:
    return TestIdentityProvider(test=True).identify(who, {**ACT, "role": "kontaktman", **changed}, NOW)


def refused(by: IdentityEvidence, now: datetime = NOW, **options) -> str:
    with pytest.raises(IdentityRefused) as error:
        attest(ASKED, by, Checked.KNOWN, now, **{"minimum": LOA3, **options})
    return error.value.code


def drawing(size=(30, 10), **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", size, (0, 0, 0, 0)).save(out, "PNG", **options)
    return out.getvalue()


def test_the_evidence_holds_the_attesters_own():
    by = attester()
    made = attest(ASKED, by, Checked.ID_DOCUMENT, NOW, minimum=LOA3, drawn=drawing())
    said = json.loads(made.raw)
    assert (made.method, made.level, made.name, made.nonce) == ("intygad", ATTESTED, "Prov Person", "a" * 32)
    assert IdentityEvidence.from_canonical(base64.b64decode(said["attester"])) == by
    assert said["how"] == "id_handling"


def test_an_attester_who_may_not():
    assert refused(attester(Person(IdType.PERSONNUMMER, "19400520-2389", "Prov Person"))) == "egen_intygare"
    assert refused(attester(base_sha256="1" * 64)) == "fel_bindning"
    assert refused(attester(version=2)) == "fel_bindning"
    assert refused(attester(), NOW + timedelta(minutes=16)) == "utgangen"
    assert refused(attester(), NOW - timedelta(minutes=6)) == "utgangen"
    assert refused(replace(attester(), level=ATTESTED)) == "for_lag_niva"
    assert refused(replace(attester(), method="intygad"), minimum=ATTESTED) == "for_lag_niva"


def test_nobody_attests_themselves_under_another_kind_of_id():
    """A representative is known by name alone; the employee of that name is not asked at all."""
    herself = replace(ASKED, wanted=Wanted(IdType.INTERN, "Kim Prov", "Kim  prov"))
    with pytest.raises(IdentityRefused) as error:
        attest(herself, attester(), Checked.KNOWN, NOW, minimum=LOA3)
    assert error.value.code == "egen_intygare"
    way = Attested(TestIdentityProvider(test=True), LOA3, Wanted(KIM.id_type, KIM.id_value, KIM.name))
    with pytest.raises(IdentityRefused) as error:
        way.start(herself, NOW)
    assert error.value.code == "egen_intygare"


def test_a_drawing_keeps_its_pixels_only():
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "hemligt")
    kept = redrawn(drawing(pnginfo=info))
    assert b"hemligt" not in kept
    assert Image.open(io.BytesIO(kept)).getpixel((0, 0)) == 255


@pytest.mark.parametrize(
    "bad", [b"GIF89a", b"", drawing((2001, 1)), drawing((10_000, 10_000)), drawing()[:40], b"x" * 200_001]
)
def test_a_drawing_that_is_none(bad):
    assert refused(attester(), drawn=bad) == "fel_namnteckning"


def test_stored_evidence_must_be_what_the_attester_vouched_for():
    way = Attested(TestIdentityProvider(test=True), LOA3)
    made = attest(ASKED, attester(), Checked.KNOWN, NOW, minimum=LOA3)
    assert way.prove_again(made) is False  # it holds, but a test's attester proves nothing
    other: tuple[dict[str, object], ...] = ({"name": "Annan Person"}, {"id_value": "199001019802"}, {"raw": b"{}"})
    for changed in ({"level": LOA3}, {"transaction_id": "another"}, {"at": NOW + 2 * LIFE}, *other):
        with pytest.raises(IdentityRefused):
            way.prove_again(replace(made, **changed))
