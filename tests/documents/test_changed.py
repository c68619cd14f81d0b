"""What changed, as parts of a document: said in the plan's own words, side by side, and never more than may be told."""

import copy
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import Any

import pytest

from pipeline.documents import pages
from pipeline.documents.blocks import BLOCKS, change
from pipeline.documents.change_words import TABLES, what
from pipeline.documents.changed import sections
from pipeline.documents.compared import Version
from pipeline.documents.compose import compose
from pipeline.documents.facts import Facts
from pipeline.documents.reduced import LINKS, reduced
from pipeline.documents.view import Section
from pipeline.documents.words import swedish
from pipeline.plan.changes import changes
from pipeline.plan.reading import Unreadable
from pipeline.plan.schemas import Kind, schema_for
from pipeline.plan.time_sum import time_sum
from tests.documents.builders import SAMPLES, full_plan, plan_of, profil, rendering, sample, squeezed, text_of
from tests.documents.test_printed import DELIBERATELY_NOT
from tests.plan.versions import (
    EVERYTHING,
    Place,
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
)

W = swedish()
SCHEMA = schema_for(Kind.GENOMFORANDEPLAN)


def between(before: Tree | None, after: Tree, routine: str | None = None) -> tuple[Section, ...]:
    new = version(2, after)
    old = version(1, before) if before else None
    return sections(W, profil(routine or new.plan.profil), old, new)


def version(number: int, tree: Tree) -> Version:
    plan = plan_of(tree)
    return Version(number, plan, time_sum(plan))


def changed(*edits: Any, name: str = "hemtjanst-kort", why: str | None = None) -> dict[str, Section]:
    return {s.key: s for s in between(sample(name), later(*edits, name=name, why=why))}


def said(found: Any) -> str:
    """Every text of sections, a line each."""
    parts = chain.from_iterable(
        (
            s.heading,
            *s.lines,
            *(line for t in s.tables for cell in (t.columns, *(c for row in t.rows for c in row)) for line in cell),
            *(x for i in s.items for x in (i.heading, *i.lines, *(y for f in i.facts for y in (f.label, *f.lines)))),
        )
        for s in found
    )
    return "\n".join(parts)


def facts(section: Section) -> dict[str, dict[str, tuple[str, ...]]]:
    return {item.heading: {fact.label: fact.lines for fact in item.facts} for item in section.items}


def cells(section: Section) -> dict[str, tuple[tuple[str, ...], ...]]:
    (table,) = section.tables
    return {" ".join(row[0]): row[1:] for row in table.rows}


# --- what is said -----------------------------------------------------------------------------------------------------


def test_the_shower_moves_to_tuesday() -> None:
    found = changed(shower_on_tuesday, why="Aina vill duscha på tisdagar")
    assert found["andringar"].lines == (
        "Därför är planen ändrad: Aina vill duscha på tisdagar.",
        "1 insats ändrad.",
    )
    assert found["jamforelse"].tables[0].columns == ("Insats", "Beslutet", "Version 1", "Version 2")
    rows = cells(found["jamforelse"])
    assert rows["Dusch"] == (
        ("Personlig omvårdnad",),
        ("Måndag och torsdag, 09:00–10:00", "1 timme i veckan"),
        ("Ändrad: När", "Tisdag och torsdag, 09:00–10:00", "1 timme i veckan"),
    )
    assert {rows[name][2] for name in rows if name != "Dusch"} == {("Oförändrad",)}
    assert list(facts(found["andrade_insatser"])) == ["Dusch – ändrad"]
    assert set(found) == {"andringar", "jamforelse", "andrade_insatser", "andrad_tid"}


def test_new_gone_and_shortened_insatser_and_their_time() -> None:
    found = changed(a_walk, no_laundry, less_shopping)
    assert found["andringar"].lines == (
        "1 insats ändrad, 1 ny insats, 1 borttagen insats, tiden 15 minuter mindre i veckan.",
    )
    rows = cells(found["jamforelse"])
    assert rows["Promenad"] == (("Serviceinsatser",), ("Fanns inte",), ("Ny", "Söndag", "30 minuter i veckan"))
    assert rows["Tvätt"][2] == ("Borttagen",)
    assert facts(found["andrade_insatser"])["Promenad – ny"]["Vad"] == ("Promenad runt kvarteret.",)
    assert cells(found["andrad_tid"]) == {
        "Inköp": (("45 minuter",), ("30 minuter",)),
        "Promenad": (("Ingen tid",), ("30 minuter",)),
        "Tvätt": (("30 minuter",), ("Ingen tid",)),
        "Planerad tid": (("3 timmar 30 minuter",), ("3 timmar 15 minuter",)),
        "Beviljad tid": (("3 timmar 30 minuter i veckan",), ("3 timmar 30 minuter i veckan",)),
    }


def test_time_that_moved_says_from_where_to_where() -> None:
    assert changed(a_walk, no_laundry)["andrad_tid"].lines == (
        "30 minuter i veckan har flyttats från Tvätt till Promenad.",
    )


def test_the_difference_from_what_was_granted_where_the_routine_compares() -> None:
    found = {s.key: s for s in between(sample("hemtjanst-kort"), later(less_shopping), "lov_rambeslut")}
    assert cells(found["andrad_tid"])["Skillnad"] == (
        ("Den planerade tiden stämmer med den beviljade.",),
        ("15 minuter i veckan mindre än beviljat",),
    )


def test_goals_people_and_decision() -> None:
    found = changed(another_goal, contact_moves, new_decision)
    assert facts(found["andrade_mal"])["Jag går med till affären varje vecka – ändrat"] == {
        "Målet": (
            "Förut: Jag går med till affären minst en gång i månaden.",
            "Nu: Jag går med till affären varje vecka.",
        ),
        "Klart senast": ("Förut: 12 maj 2027", "Nu: 1 augusti 2027"),
    }
    other = facts(found["andrat_ovrigt"])
    assert other["Personer omkring mig"]["Kontaktman"] == (
        "Förut: Telefon 0980-319212",
        "Nu: Telefon 0980-319299",
    )
    assert other["Beslutet som planen bygger på"]["Beslut"] == ("Förut: BI-2026-3311", "Nu: BI-2027-0042")
    assert cells(found["jamforelse"])["Ledsagning"] == (
        ("Beviljad insats",),
        ("Fanns inte i beslutet",),
        ("Tas inte upp i planen",),
    )
    assert "andrade_insatser" not in found  # Inköp leads to the goal, but has not changed itself


def test_a_new_number_and_another_order_are_notes_and_no_changes() -> None:
    def around(plan: Tree) -> None:
        plan["insatser"].reverse()
        for number, insats in enumerate(plan["insatser"], 1):
            insats["nummer"] = number

    assert changed(around)["andringar"].lines == (
        "Insatserna, målen och tiden är som förut.",
        "Insatserna står i en annan ordning än förut.",
        "Insatser har fått nya nummer.",
    )


@pytest.mark.parametrize("name", SAMPLES)
def test_the_same_plan_has_not_changed(name: str) -> None:
    found = changed(name=name)
    assert found["andringar"].lines[-1] == "Inget i planen är ändrat."
    assert not {"andrade_insatser", "andrade_mal", "andrat_ovrigt"} & set(found)


def test_without_an_earlier_version_the_decision_and_the_plan() -> None:
    found = {s.key: s for s in between(None, later(new_decision))}
    assert set(found) == {"jamforelse", "andrad_tid"}
    assert found["jamforelse"].lines == ("Planen tar inte upp: Ledsagning.",)
    assert found["jamforelse"].tables[0].columns == ("Insats", "Beslutet", "Version 2")
    assert cells(found["jamforelse"])["Ledsagning"] == (("Beviljad insats",), ("Tas inte upp i planen",))
    assert cells(found["andrad_tid"])["Planerad tid"] == (("3 timmar 30 minuter",),)
    covered = {s.key: s for s in between(None, sample("hemtjanst-kort"))}["jamforelse"]
    assert covered.lines == ("Allt som är beviljat tas upp i planen.",)


def test_a_decision_that_names_no_insatser_has_no_column_and_no_time_no_table() -> None:
    found = changed(name="lss-avstar")
    assert found["jamforelse"].tables[0].columns == ("Insats", "Version 1", "Version 2")
    assert "andrad_tid" not in found


# --- nothing silent, nothing told that may not be ---------------------------------------------------------------------

SAID_OTHERWISE = {"underskrifter", "andringsorsak", "schema", "insatser.tid.tillfallen_per_vecka", "invandning.finns"}
"""Signatures are no part of what the plan says; the reason stands in the first lines; the rest its fellows say."""


def edited(tree: Tree, place: Place, schema: Tree) -> Tree | None:
    """The plan with another value there, or None where there is no other that is valid."""
    value: Any = tree
    for step in place:
        value = value[step]
    branches = schema.get("anyOf", [schema])
    codes = [code for branch in branches for code in branch.get("enum", ())]
    others: list[Any] = [code for code in codes if code != value]
    if isinstance(value, bool):
        others = [not value]
    elif isinstance(value, int | float) and not codes:
        others = [value + 1, value - 1]
    elif isinstance(value, str) and not codes:
        others = ["2041-05-17", "200001012384", f"{value} ändrad", "1234"]
    for other in others:
        new = put(tree, place, other)
        try:
            plan_of(new)
        except Unreadable:
            continue
        return new
    return None


def test_every_field_that_the_plan_prints_is_told_when_it_changes() -> None:
    tree, silent, told = full_plan(), [], 0
    tree["insatser"][0] |= {"mal_ref": [tree["mal"][0]["mal_id"]]}
    nothing = said(between(tree, tree))
    for place, schema in fields(tree, SCHEMA):
        value: Any = tree
        for step in place:
            value = value[step]
        path = ".".join(str(step) for step in place if not isinstance(step, int))
        left_out = DELIBERATELY_NOT | SAID_OTHERWISE
        if isinstance(value, dict | list) or {path, path.partition(".")[0]} & left_out or place[-1] in LINKS:
            continue
        new = edited(tree, place, schema)
        if new is not None:
            told += 1
            if said(between(tree, new)) == nothing:
                silent.append(path)
    assert silent == []
    assert told > 100


def test_every_field_has_a_name() -> None:
    nameless = set()
    for place, _schema in fields(full_plan(), SCHEMA):
        names = [step for step in place if isinstance(step, str)]
        shown = names[1:3] if names[0] == "roller" or "beviljade_insatser" in names else names[:2]
        nameless |= {name for name in shown if not any(f"{table}.{name}" in W.entries for table in TABLES)}
    assert nameless == {"fi"}


def test_what_names_the_item_or_the_part_and_then_the_field() -> None:
    before, after = sample("hemtjanst-kort"), later(*EVERYTHING, lambda plan: plan["insatser"].reverse())
    one, other = plan_of(before), plan_of(after)
    dumps = [plan.model_dump(mode="json", by_alias=True) for plan in (one, other)]
    called = {what(W, change, *dumps) for change in changes(one, other).everything}
    assert called == {
        "Beslutet: Beslut", "Beslutet: Gäller till och med", "Beslutet: Beviljad tid",
        "Beviljat (Ledsagning)", "Kontaktman: Telefon", "Jag går med till affären varje vecka: Text",
        "Jag går med till affären varje vecka: Klart senast", "Dusch: När", "Inköp: Tid", "Promenad", "Tvätt",
        "Insatser: Ordning",
    }  # fmt: skip


SECRET = {"gata": "Hemliga gatan 1", "telefon": "070-1111111", "namn": "Syster Lind", "var": "Hos systern"}


def exposed(plan: Tree) -> Tree:
    """The protected sample with all that must not be told."""
    plan = copy.deepcopy(plan)
    plan["brukare"] |= {
        "adress": {"gata": SECRET["gata"], "postnr": "990 10", "ort": "Norrbro"},
        "telefon": SECRET["telefon"],
    }
    plan["narstaende"] = [{"namn": SECRET["namn"], "relation": "syster", "telefon": SECRET["telefon"]}]
    plan["insatser"][0] |= {"var": SECRET["var"], "vad": "Stöd att planera månaden."}
    plan["insatser"][0]["nar"] |= {"veckodagar": ["man", "lor"], "klockslag": "09:15"}
    plan["roller"]["kontaktman"]["telefon"] = SECRET["telefon"]
    return plan


@pytest.mark.parametrize("back", [False, True])
def test_of_a_protected_person_only_what_her_plan_prints(*, back: bool) -> None:
    pair = (sample("skyddad"), exposed(sample("skyddad")))
    found = said(between(*(reversed(pair) if back else pair)))
    assert "Stöd att planera månaden." in found
    for secret in (*SECRET.values(), "måndag", "lördag", "09:15"):
        assert secret.casefold() not in found.casefold()
    alone = said(between(None, pair[1]))
    for secret in (*SECRET.values(), "måndag", "lördag", "09:15"):
        assert secret.casefold() not in alone.casefold()


@pytest.mark.parametrize("back", [False, True])
def test_protection_covers_an_open_version_beside_it(*, back: bool) -> None:
    """A version from before the protection names her street, her son and her weekdays, in words too."""
    protected = later(lambda plan: plan.update(brukare=sample("skyddad")["brukare"], narstaende=[]))
    for insats in protected["insatser"]:
        insats["nar"] = {"text": "Två gånger i veckan"}
        insats.pop("var")
    pair = (sample("hemtjanst-kort"), protected)
    found = said(between(*(reversed(pair) if back else pair)))
    for secret in ("Lillgatan", "194201199124", "Margareta", "Björkqvist", "0980-3192", "måndag", "torsdag", "09:00"):
        assert secret.casefold() not in found.casefold(), secret


@pytest.mark.parametrize("name", SAMPLES)
def test_plans_that_are_reduced_already_say_the_same(name: str) -> None:
    """So a document's facts, which hold nothing but reduced plans and the sums of the whole, may be given."""
    before, after = version(1, sample(name)), version(2, sample(name) if name == "lss-avstar" else _busy(name))
    routine = profil(after.plan.profil)
    given = [replace(v, plan=reduced(v.plan, routine)) for v in (before, after)]
    assert sections(W, routine, before, after) == sections(W, routine, given[0], given[1])
    assert sections(W, routine, None, after) == sections(W, routine, None, given[1])


def _busy(name: str) -> Tree:
    return later(*EVERYTHING) if name == "hemtjanst-kort" else exposed(sample(name))


def test_each_section_is_a_block_that_a_kind_may_name() -> None:
    before, after = version(1, sample("hemtjanst-kort")), version(2, later(*EVERYTHING))
    first = Facts(after.plan, profil("omsorg_lifecare"), date(2026, 12, 1), version=2, sums=after.sums)
    later_one = replace(first, earlier=before.plan, earlier_version=1, earlier_sums=before.sums)
    named = [BLOCKS[name] for name in change.BLOCKS]
    made = sections(W, first.profil, before, after)
    assert tuple(block(W, later_one) for block in named) == made
    assert [section.key for section in made] == list(change.BLOCKS)
    alone = [block(W, first) for block in named]
    assert tuple(s for s in alone if s.says_something) == sections(W, first.profil, None, after)


# --- on paper ---------------------------------------------------------------------------------------------------------


def printed_sections(before: Tree | None, after: Tree, size: int) -> bytes:
    r = rendering(after, version=2)
    view = replace(compose(r), sections=between(before, after), slots=())
    sheet = pages.Sheet("genomforandeplan", "plan.html.j2", "plan.css", view.frame, r.dress, size)
    return pages.make(
        sheet, pages.Embedded("prov.json", b"{}", None), view=view, size=size, draft=False, notice=None
    ).content


@pytest.mark.parametrize("size", [14, 24])
def test_on_paper_it_reads_in_order_and_keeps_both_standards(size: int, judge: Any) -> None:
    pdf = printed_sections(sample("hemtjanst-kort"), later(*EVERYTHING, why="Nytt beslut."), size)
    text = squeezed(text_of(pdf))
    order = [
        "Det här är ändrat",
        "Nytt beslut.",
        "Ändrad: När",
        "Promenad – ny",
        "Tid i veckan",
        "Mål: förut och nu",
    ]
    places = [text.index(squeezed(part)) for part in order]
    assert places == sorted(places)
    assert judge.pdf(pdf)["passed"]


def test_the_longest_plan_against_the_emptiest(judge: Any) -> None:
    full = full_plan()
    many = full | {
        "insatser": [full["insatser"][0] | {"insats_id": f"I{n}", "rubrik": f"Insats {n}"} for n in range(10)]
    }
    least = {key: full[key] for key in SCHEMA["required"]}
    least["insatser"] = [{"insats_id": "I0", "rubrik": "Insats 0"}]
    for pair in ((many, least), (least, many)):
        assert judge.pdf(printed_sections(*pair, 14))["passed"]
