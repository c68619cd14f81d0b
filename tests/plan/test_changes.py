"""What changed between two versions: nothing silent, nothing invented, the same from either side."""

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from pipeline.plan.changes import Area, Change, Changes, Kind, changes
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.reading import Unreadable
from pipeline.plan.schemas import Kind as Files
from pipeline.plan.schemas import schema_for
from tests.documents.builders import SAMPLES, full_plan, plan_of, sample
from tests.plan.schema_files import made, made_file
from tests.plan.versions import (
    EVERYTHING,
    Tree,
    a_walk,
    another_goal,
    contact_moves,
    fields,
    later,
    less_shopping,
    new_decision,
    no_laundry,
    put,
    shower_on_tuesday,
    written,
)

SCHEMA = schema_for(Files.GENOMFORANDEPLAN)
SLOW = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a whole plan takes minutes to shrink
)


def valid(tree: Tree) -> Genomforandeplan:
    try:
        return plan_of(tree)
    except Unreadable:
        assume(False)
        raise


def found(*edits: Any, name: str = "hemtjanst-kort") -> Changes:
    return changes(plan_of(sample(name)), plan_of(later(*edits, name=name)))


def told(changed: Changes) -> dict[str, tuple[str, object, object]]:
    return {c.field: (str(c.kind), c.before, c.after) for c in changed.everything}


# --- nothing silent ---------------------------------------------------------------------------------------------------


@SLOW
@given(data=st.data())
def test_any_edit_is_named_by_its_path_or_one_above(data: st.DataObject) -> None:
    tree = full_plan()
    place, schema = data.draw(st.sampled_from(list(fields(tree, SCHEMA))))
    before, after = plan_of(tree), valid(put(tree, place, data.draw(made(schema) | st.none())))
    assume(before != after)
    path = written(place)
    above = written(place[:-1]) if isinstance(place[-1], int) else path  # an item replaced whole may be known again
    named = [p for c in changes(before, after).everything for p in (c.was, c.now) if p is not None]
    assert any(_within(path, p) or _within(p, above) for p in named)


def _within(path: str, other: str) -> bool:
    return path == other or path.startswith((f"{other}.", f"{other}["))


@SLOW
@given(data=st.data())
def test_only_what_was_edited_is_named(data: st.DataObject) -> None:
    """A leaf's edit names nothing outside its own item."""
    tree = full_plan()
    leaves = [(p, s) for p, s in fields(tree, SCHEMA) if not isinstance(_at(tree, p), dict | list)]
    place, schema = data.draw(st.sampled_from(leaves))
    before, after = plan_of(tree), valid(put(tree, place, data.draw(made(schema))))
    top = str(place[0])
    assert {c.field.partition(".")[0].partition("[")[0] for c in changes(before, after).everything} <= {top}


def _at(tree: Any, place: tuple[Any, ...]) -> Any:
    for step in place:
        tree = tree[step]
    return tree


@SLOW
@given(before=made_file(Files.GENOMFORANDEPLAN), after=made_file(Files.GENOMFORANDEPLAN))
def test_from_either_side_the_same_with_added_and_removed_swapped(before: Tree, after: Tree) -> None:
    one, other = valid(before), valid(after)
    there, back = changes(one, other), changes(other, one)
    assert _bag(map(_mirrored, there.everything)) == _bag(back.everything)
    assert _bag(
        replace(m, before=m.after, after=m.before, was=m.now, now=m.was, fields=()) for m in there.insatser
    ) == (_bag(replace(m, fields=()) for m in back.insatser))
    assert there.tid.difference == -back.tid.difference
    assert there.tid.moved == back.tid.moved


def _mirrored(change: Change) -> Change:
    swapped = {Kind.ADDED: Kind.REMOVED, Kind.REMOVED: Kind.ADDED}
    return Change(swapped.get(change.kind, change.kind), change.now, change.was, change.after, change.before)


def _bag(values: Any) -> list[str]:
    return sorted(map(repr, values))


@SLOW
@given(data=st.data())
def test_shuffled_and_renumbered_insatser_are_the_same_insatser(data: st.DataObject) -> None:
    tree = sample("hemtjanst-kort")
    shuffled = copy.deepcopy(tree)
    order = data.draw(st.permutations(range(5)))
    shuffled["insatser"] = [tree["insatser"][i] | {"insats_id": f"N{n}", "nummer": n + 1} for n, i in enumerate(order)]
    changed = changes(plan_of(tree), plan_of(shuffled))
    assert {m.kind for m in changed.insatser} <= {None, Kind.CHANGED}
    assert [m.was for m in changed.insatser] == order
    assert {c.place for c in changed.everything} <= {"insatser", "insatser.insats_id", "insatser.nummer"}
    assert (Kind.MOVED in {c.kind for c in changed.everything}) == (order != sorted(order))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_same_plan_says_nothing(name: str) -> None:
    changed = changes(plan_of(sample(name)), plan_of(sample(name)))
    assert changed.everything == ()
    assert {m.kind for m in changed.insatser + changed.mal} == {None}
    assert changed.tid.difference == changed.tid.moved == 0


def test_a_key_left_out_and_a_null_are_the_same() -> None:
    assert found(lambda plan: plan.pop("andringsorsak")).everything == ()


def test_every_field_that_can_be_taken_away_is_named() -> None:
    tree, told = full_plan(), 0
    for place, _schema in fields(tree, SCHEMA):
        try:
            after = plan_of(put(tree, place, None))
        except Unreadable:
            continue  # the plan needs it
        assert changes(plan_of(tree), after).everything, written(place)
        told += 1
    assert told > 150


# --- what a kontaktman changes ----------------------------------------------------------------------------------------


def test_the_shower_moves_to_tuesday() -> None:
    changed = found(shower_on_tuesday)
    assert told(changed) == {
        "insatser[0].nar.text": ("changed", "Måndag och torsdag förmiddag", "Tisdag och torsdag förmiddag"),
        "insatser[0].nar.veckodagar": ("changed", ["man", "tor"], ["tis", "tor"]),
    }
    assert [m.kind for m in changed.insatser] == [Kind.CHANGED, None, None, None, None]
    assert changed.insatser[0].fields == changed.everything
    assert changed.tid.difference == 0


def test_an_insats_comes_another_goes_and_time_moves() -> None:
    changed = found(a_walk, no_laundry)
    come, gone = changed.insatser[4], changed.insatser[5]
    assert come.kind is Kind.ADDED and come.after and come.after.rubrik == "Promenad" and come.now == 4
    assert gone.kind is Kind.REMOVED and gone.before and gone.before.rubrik == "Tvätt" and gone.was == 3
    assert {c.kind for c in changed.of(Area.INSATSER)} == {Kind.ADDED, Kind.REMOVED}
    (move,) = changed.tid.moves
    assert (move.source.rubrik, move.target.rubrik, move.minutes) == ("Tvätt", "Promenad", 30)
    assert (changed.tid.difference, changed.tid.moved) == (0, 30)


def test_time_is_cut_against_what_was_granted() -> None:
    tid = found(less_shopping).tid
    assert (tid.before.planned, tid.after.planned, tid.difference) == (210, 195, -15)
    assert tid.after.granted and tid.after.granted.per_week == 210
    assert [(row.rubrik, row.before, row.after) for row in tid.per_insats if row.difference] == [("Inköp", 45, 30)]
    assert tid.moves == () and tid.moved == 0


def test_where_time_went_is_said_only_when_there_is_one_reading() -> None:
    def spread(plan: Tree) -> None:
        for index, minutes in ((0, 40), (2, 25), (3, 45), (4, 55)):
            plan["insatser"][index]["tid"] = {"minuter_per_vecka": minutes}

    tid = found(spread).tid
    assert tid.moves == ()
    assert tid.moved == 40


def test_a_goal_changes() -> None:
    changed = found(another_goal)
    assert {c.place for c in changed.everything} == {"mal.text", "mal.klart_senast"}
    assert {c.area for c in changed.everything} == {Area.MAL}
    assert [m.kind for m in changed.mal] == [None, None, Kind.CHANGED]


def test_the_contact_has_another_telephone() -> None:
    (change,) = found(contact_moves).of(Area.PERSONER)
    assert change == Change(
        Kind.CHANGED, "roller.kontaktman.telefon", "roller.kontaktman.telefon", "0980-319212", "0980-319299"
    )


def test_the_decision_is_another() -> None:
    changed = found(new_decision)
    assert {c.field: c.kind for c in changed.of(Area.BESLUT)} == {
        "uppdrag.beslut_id": Kind.CHANGED,
        "uppdrag.galler_tom": Kind.CHANGED,
        "uppdrag.beviljad_tid.minuter_per_vecka": Kind.CHANGED,
        "uppdrag.beviljade_insatser[2]": Kind.ADDED,
    }
    assert changed.tid.after.granted and changed.tid.after.granted.per_week == 240


def test_every_area_is_one_of_the_whole() -> None:
    changed = found(*EVERYTHING)
    assert sorted(map(repr, changed.everything)) == sorted(repr(c) for area in Area for c in changed.of(area))


# --- who is who -------------------------------------------------------------------------------------------------------


def test_an_insats_put_in_first_does_not_make_the_others_new() -> None:
    def first(plan: Tree) -> None:
        a_walk(plan)
        less_shopping(plan)
        plan["insatser"].insert(0, plan["insatser"].pop())
        for number, insats in enumerate(plan["insatser"], 1):
            insats |= {"insats_id": f"I{number:02}", "nummer": number}

    changed = found(first)
    assert [(m.kind, m.was) for m in changed.insatser] == [
        (Kind.ADDED, None),
        *((Kind.CHANGED, place) for place in range(5)),
    ]
    assert {c.place for m in changed.insatser[1:3] for c in m.fields} == {"insatser.insats_id", "insatser.nummer"}


def test_renumbered_goals_leave_their_insatser_alone() -> None:
    def renumber(plan: Tree) -> None:
        text = json.dumps({key: plan[key] for key in ("mal", "insatser")})
        for old, new in (("M1", "A"), ("M2", "B"), ("M3", "C")):
            text = text.replace(f'"{old}"', f'"{new}"')
        plan |= json.loads(text)

    assert {c.place for c in found(renumber).everything} == {"mal.mal_id"}


def test_an_insats_that_turns_to_another_goal_has_changed() -> None:
    def turn(plan: Tree) -> None:
        plan["insatser"][0]["mal_ref"] = ["M3"]

    assert told(found(turn)) == {"insatser[0].mal_ref": ("changed", ["M2"], ["M3"])}


def test_a_heading_and_id_that_both_change_are_known_again_by_the_rest() -> None:
    def rename(plan: Tree) -> None:
        plan["insatser"][1] |= {"insats_id": "X", "rubrik": "Veckostäd"}

    assert {c.field for c in found(rename).everything} == {"insatser[1].insats_id", "insatser[1].rubrik"}


def test_an_id_used_again_for_something_else_says_so() -> None:
    def replaced(plan: Tree) -> None:
        plan["insatser"][4] = {"insats_id": "I05", "rubrik": "Matlåda", "vad": "Värm maten."}

    changed = found(replaced)
    assert changed.insatser[4].kind is Kind.CHANGED
    assert {"insatser[4].rubrik", "insatser[4].tid"} <= set(told(changed))


def test_two_of_the_same_heading_keep_to_their_own() -> None:
    def visits(plan: Tree) -> None:
        shower = plan["insatser"][0]
        plan["insatser"] = [
            shower | {"insats_id": "A", "rubrik": "Tillsyn", "klockslag": None, "vad": "Morgon."},
            shower | {"insats_id": "B", "rubrik": "Tillsyn", "vad": "Kväll, med medicin och lampor släckta."},
        ]
        for insats in plan["insatser"]:
            insats.pop("klockslag", None)

    before = later(visits)
    after = copy.deepcopy(before)
    after["insatser"] = [i | {"insats_id": n} for i, n in zip(reversed(after["insatser"]), "CD", strict=True)]
    assert [m.was for m in changes(plan_of(before), plan_of(after)).insatser] == [1, 0]


def test_a_plan_far_too_long_is_still_compared_in_time() -> None:
    insats = sample("hemtjanst-kort")["insatser"][0]
    many = [insats | {"insats_id": f"A{n}", "rubrik": f"Insats {n}"} for n in range(500)]
    other = [insats | {"insats_id": f"B{n}", "rubrik": f"Annat {n}", "vad": f"Nytt {n}"} for n in range(500)]
    changed = changes(plan_of(later() | {"insatser": many}), plan_of(later() | {"insatser": other}))
    assert {m.kind for m in changed.insatser} == {Kind.CHANGED}
