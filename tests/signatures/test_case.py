"""The case: every refusal by its code, and what no sequence of acts can reach."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signatures.case import (
    Declined,
    NotParticipating,
    Outcome,
    Paper,
    Represented,
    Role,
    Signed,
    SigningCase,
    Slot,
    Standing,
    Unable,
    end,
    is_complete,
    may_end,
    next_role,
    open_roles,
    seal,
    someone_signed,
    supersede,
    with_base,
    withdraw,
)
from signatures.errors import CaseRefused

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
B, K, E = Role.BRUKARE, Role.KONTAKTMAN, Role.ENHETSCHEF
BASE, SCAN = "b" * 64, "5" * 64


def case(**changed: object) -> SigningCase:
    slots = (Slot(B, False, "godkanner"), Slot(K, True, "upprattat"), Slot(E, True, "faststaller"))
    return replace(SigningCase("P1", 1, 1, BASE, (B, K, E), slots), **changed)


def signature(now: SigningCase, who: str, **changed: object) -> Signed:
    on = now.revision_sha256 or ""
    return replace(Signed(who, f"N {who}", AT, on, hashlib.sha256((on + who).encode()).hexdigest()), **changed)


def declined() -> Declined:
    return Declined("vill_inte", "chef", AT)


def represented(now: SigningCase, basis: str = "god man, beslut 2025-01-01") -> Represented:
    return Represented("ombud", "Ombud", AT, now.revision_sha256 or "", "7" * 64, basis)


def refused(now: SigningCase, role: Role, outcome: Outcome) -> str:
    before = repr(now)
    with pytest.raises(CaseRefused) as caught:
        end(now, role, outcome)
    assert repr(now) == before, "a refused act changes nothing"
    return caught.value.code


def signed_by(*roles: Role, start: SigningCase | None = None) -> SigningCase:
    now = start or case()
    for role in roles:
        now = end(now, role, signature(now, role))
    return now


def test_three_sign_in_order_and_the_case_is_sealed():
    now = signed_by(B, K, E)
    assert is_complete(now)
    assert next_role(now) is None
    assert seal(now).standing is Standing.SEALED
    assert now.base_sha256 == BASE


def test_the_brukare_is_first():
    assert next_role(case()) is B
    assert refused(case(), K, signature(case(), "k")) == "fel_ordning"
    with pytest.raises(ValueError, match="always first"):
        case(order=(K, B, E))


def test_staff_keep_the_order_unless_they_may_change_places():
    now = signed_by(B)
    assert refused(now, E, signature(now, "e")) == "fel_ordning"
    free = signed_by(B, start=case(staff_any_order=True))
    assert open_roles(free) == (K, E)
    assert is_complete(signed_by(E, K, start=free))
    assert refused(case(staff_any_order=True), E, signature(case(), "e")) == "fel_ordning"


@pytest.mark.parametrize("outcome", [declined(), Unable("sprakhinder", "c", AT), Paper(SCAN, "c", AT)])
def test_staff_only_sign(outcome: Outcome):
    now = signed_by(B)
    assert refused(now, K, outcome) == "ej_tillatet"


def test_nobody_represents_staff():
    now = signed_by(B)
    assert refused(now, K, represented(now)) == "ej_tillatet"


def test_a_representative_signs_for_the_brukare_on_a_basis():
    assert end(case(), B, represented(case())).slot(B).outcome == represented(case())
    assert refused(case(), B, represented(case(), basis=" ")) == "ej_tillatet"


@pytest.mark.parametrize(
    "outcome",
    [declined(), Unable("sprakhinder", "c", AT), NotParticipating("deltog_inte", "c", AT), Paper(SCAN, "c", AT)],
)
def test_an_outcome_without_signature_makes_a_new_edition_to_be_rendered(outcome: Outcome):
    now = end(case(), B, outcome)
    assert (now.edition, now.base_sha256, now.revision_sha256) == (2, None, None)
    assert refused(now, K, signature(now, "k")) == "fel_revision"
    assert is_complete(signed_by(K, E, start=with_base(now, "c" * 64)))


def test_an_outcome_without_signature_comes_before_any_signature():
    # Staff cannot come first, so only a case recovered from elsewhere can be in this state.
    slots = (Slot(B, False, "godkanner"), replace(case().slot(K), outcome=signature(case(), "k")), case().slot(E))
    assert refused(case(slots=slots), B, declined()) == "nagon_har_skrivit_under"
    with pytest.raises(CaseRefused) as caught:
        with_base(signed_by(B), "c" * 64)
    assert caught.value.code == "nagon_har_skrivit_under"


def test_what_has_ended_has_ended():
    now = signed_by(B)
    assert refused(now, B, signature(now, "again")) == "redan_avslutad"
    assert refused(seal(signed_by(B, K, E)), E, signature(now, "e")) == "redan_avslutad"


def test_a_stale_revision_is_refused():
    now = signed_by(B)
    assert refused(now, K, signature(now, "k", on=BASE)) == "fel_revision"
    assert refused(now, K, signature(now, "k", revision=now.revision_sha256)) == "fel_revision"


def test_the_same_person_cannot_fill_two_slots():
    now = end(case(), B, represented(case()))
    assert refused(now, K, signature(now, "ombud")) == "samma_person"


def test_closed_cases_take_no_acts():
    assert refused(supersede(case()), B, declined()) == "ersatt_version"
    assert refused(withdraw(case()), B, declined()) == "aterkallad"
    for closed in (supersede(case()), withdraw(case()), seal(signed_by(B, K, E))):
        assert open_roles(closed) == ()
        for act in (seal, supersede, withdraw):
            with pytest.raises(CaseRefused):
                act(closed)


def test_an_open_case_is_not_sealed():
    with pytest.raises(CaseRefused) as caught:
        seal(signed_by(B, K))
    assert caught.value.code == "ej_klar"


def test_a_role_without_a_slot_is_unknown():
    two = SigningCase("P1", 1, 1, BASE, (K, E), (case().slot(K), case().slot(E)))
    assert refused(two, B, declined()) == "okand_roll"


@pytest.mark.parametrize("outcome", [Paper("inte en hash", "c", AT), Declined(" ", "c", AT)])
def test_an_outcome_says_what_it_must(outcome: Outcome):
    assert refused(case(), B, outcome) == "ej_tillatet"


NUMBERS = count()
# "next" is the act that is due, so that many sequences get all the way.
KINDS = ["next", "next", "next", "sign", "represent", "decline", "unable", "absent", "paper"]
KINDS += ["render", "seal", "withdraw", "supersede"]
ACTS = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.sampled_from(list(Role)),
        st.sampled_from(["anna", "bo", "cia", "dan"]),
        st.booleans(),
    ),
    max_size=14,
)


def _outcome(kind: str, now: SigningCase, who: str, stale: bool) -> Outcome:
    revision = hashlib.sha256(str(next(NUMBERS)).encode()).hexdigest()
    on = "0" * 64 if stale else now.revision_sha256 or "1" * 64
    return {
        "sign": Signed(who, who, AT, on, revision),
        "represent": Represented(who, who, AT, on, revision, "fullmakt"),
        "decline": Declined("vill_inte", who, AT),
        "unable": Unable("sprakhinder", who, AT),
        "absent": NotParticipating("deltog_inte", who, AT),
        "paper": Paper(SCAN, who, AT),
    }[kind]


def _act(now: SigningCase, kind: str, role: Role, who: str, stale: bool) -> SigningCase:
    match kind:
        case "next":
            due = next_role(now) or role
            return end(now, due, signature(now, due))
        case "render":
            return with_base(now, hashlib.sha256(str(next(NUMBERS)).encode()).hexdigest())
        case "seal":
            return seal(now)
        case "withdraw":
            return withdraw(now)
        case "supersede":
            return supersede(now)
        case _:
            return end(now, role, _outcome(kind, now, who, stale))


@given(acts=ACTS, any_order=st.booleans())
def test_no_sequence_of_acts_breaks_a_case(acts: list[tuple[str, Role, str, bool]], any_order: bool):
    now = case(staff_any_order=any_order)
    for act in acts:
        before, turn = now, open_roles(now)
        try:
            now = _act(now, *act)
        except CaseRefused:
            assert now is before
            continue
        ended = [slot.role for slot in now.slots if slot.outcome is not None]
        fresh = [role for role in ended if before.slot(role).outcome is None]
        assert all(role in turn for role in fresh), "an act out of turn"
        assert all(now.slot(role).outcome == before.slot(role).outcome for role in Role if before.slot(role).outcome)
        assert not set(ended) - {B} or B in ended, "staff before the brukare"
        assert all(type(now.slot(role).outcome) is Signed for role in ended if role is not B), (
            "staff without a signature"
        )
        signers = [slot.outcome.who for slot in now.slots if isinstance(slot.outcome, Signed)]
        assert len(signers) == len(set(signers)), "one person in two slots"
        assert now.standing is not Standing.SEALED or is_complete(now), "sealed with an unfilled slot"
        assert not someone_signed(now) or now.base_sha256 is not None, "signed an edition that was never rendered"
        assert now.edition in {before.edition, before.edition + 1}
        assert not someone_signed(before) or now.base_sha256 == before.base_sha256, "the base moved under a signature"
    for role in Role:
        if role not in open_roles(now):
            with pytest.raises(CaseRefused):
                may_end(now, role, _outcome("sign", now, "eva", stale=False))


def test_one_employee_fills_both_staff_slots_only_where_the_routine_lets_them():
    strict = end(signed_by(B), K, signature(signed_by(B), "chef"))
    assert refused(strict, E, signature(strict, "chef")) == "samma_person"
    free = replace(strict, same_person=True)
    may_end(free, E, signature(free, "chef"))


def test_nobody_fills_the_brukares_slot_and_another():
    now = case(same_person=True)
    now = end(now, B, signature(now, "chef"))
    assert refused(now, K, signature(now, "chef")) == "samma_person"


def test_the_brukares_representative_is_no_employee_of_the_same_name():
    """Ids of two kinds never match, so between the brukare's slot and another the names decide."""
    now = end(case(same_person=True), B, replace(represented(case()), who="foretradare:Emma Sjöö", name="Emma Sjöö"))
    for spelt in ("Emma Sjöö", "EMMA  sjo\u0308o\u0308 "):
        assert refused(now, K, signature(now, "hsa_id:SE1042", name=spelt)) == "samma_person"
    may_end(now, K, signature(now, "hsa_id:SE1042", name="Emma Ek"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hsa_id:SE9901000000-1042x", "hsa_id:se99010000001042X"),
        ("org_id:emma.sjoo@9901000000", "org_id:Emma.Sjoo@9901000000"),
        ("hsa_id:SE9901000000-1042", "personnummer:194005202389"),
        ("hsa_id:SE9901000000-1042", "org_id:emma@9901000000"),
    ],
)
def test_one_employee_under_two_spellings_or_two_kinds_of_id_is_one(one: str, other: str):
    strict = end(signed_by(B), K, signature(signed_by(B), one, name="Emma Sjöö"))
    assert refused(strict, E, signature(strict, other, name="Emma Sjöö")) == "samma_person"
    may_end(replace(strict, same_person=True), E, signature(strict, other, name="Emma Sjöö"))


def test_an_organisations_own_ids_differ_by_a_dot():
    strict = end(signed_by(B), K, signature(signed_by(B), "org_id:emma.s@9901000000", name="Emma Sjöö"))
    may_end(strict, E, signature(strict, "org_id:emmas@9901000000", name="Emma Sjöö"))


def test_two_people_of_one_name_whose_ids_are_of_one_kind_are_two():
    now = end(case(), B, signature(case(), "personnummer:194005202389", name="Kim Ek"))
    now = end(now, K, signature(now, "personnummer:198001010008", name="Kim Ek"))
    may_end(now, E, signature(now, "hsa_id:SE0007", name="Lo Ek"))
    staff = end(signed_by(B), K, signature(signed_by(B), "hsa_id:SE1042", name="Kim Ek"))
    may_end(staff, E, signature(staff, "hsa_id:SE0007", name="Kim Ek"))
