"""Later versions of the sample plans, as a kontaktman would make them; and edits to any field of a plan."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

from tests.documents.builders import sample

Tree = dict[str, Any]
Edit = Callable[[Tree], None]


def shower_on_tuesday(plan: Tree) -> None:
    plan["insatser"][0]["nar"] |= {"text": "Tisdag och torsdag förmiddag", "veckodagar": ["tis", "tor"]}


def a_walk(plan: Tree) -> None:
    plan["insatser"].append({
        "insats_id": "I06", "nummer": 6, "rubrik": "Promenad", "mal_ref": ["M3"], "vad": "Promenad runt kvarteret.",
        "hur": "Ta med rullatorn.", "var": "Ute", "vem": "Kontaktman.", "beviljad_ref": "B2",
        "nar": {"text": "Söndag eftermiddag", "veckodagar": ["son"], "frekvens": {"antal": 1, "per": "vecka"}},
        "tid": {"minuter_per_tillfalle": 30, "tillfallen_per_vecka": 1, "minuter_per_vecka": 30},
    })  # fmt: skip


def less_shopping(plan: Tree) -> None:
    plan["insatser"][2]["tid"] |= {"minuter_per_tillfalle": 30, "minuter_per_vecka": 30}


def no_laundry(plan: Tree) -> None:
    del plan["insatser"][3]


def another_goal(plan: Tree) -> None:
    plan["mal"][2] |= {"text": "Jag går med till affären varje vecka.", "klart_senast": "2027-08-01"}


def contact_moves(plan: Tree) -> None:
    plan["roller"]["kontaktman"]["telefon"] = "0980-319299"


def new_decision(plan: Tree) -> None:
    plan["uppdrag"] |= {"beslut_id": "BI-2027-0042", "galler_tom": "2028-10-31"}
    plan["uppdrag"]["beviljad_tid"]["minuter_per_vecka"] = 240
    plan["uppdrag"]["beviljade_insatser"].append(
        {"id": "B3", "rubrik": "Ledsagning", "behov": "Hittar inte hem själv."}
    )


EVERYTHING = (shower_on_tuesday, a_walk, less_shopping, no_laundry, another_goal, contact_moves, new_decision)


def later(*edits: Edit, name: str = "hemtjanst-kort", why: str | None = None) -> Tree:
    """The sample after `edits`."""
    plan: Tree = copy.deepcopy(sample(name))
    for edit in edits:
        edit(plan)
    return plan | ({"andringsorsak": why} if why else {})


Place = tuple[str | int, ...]


def fields(value: Any, schema: Tree, place: Place = ()) -> Iterator[tuple[Place, Tree]]:
    """Every value below `value` that is filled, with its schema: objects, lists and their items too."""
    if place:
        yield place, schema
    branches = schema.get("anyOf", [schema])
    if isinstance(value, dict):
        known = {key: sub for branch in branches for key, sub in branch.get("properties", {}).items()}
        for key, inner in value.items():
            sub = known.get(key) or next(iter(schema.get("patternProperties", {}).values()), None)
            if sub and not key.startswith("_"):
                yield from fields(inner, sub, (*place, key))
    elif isinstance(value, list):
        (items,) = [branch["items"] for branch in branches if "items" in branch]
        for index, inner in enumerate(value):
            yield from fields(inner, items, (*place, index))


def put(tree: Tree, place: Place, value: Any) -> Tree:
    """A copy with another value at `place`; None takes the key or the item away."""
    found = copy.deepcopy(tree)
    inner: Any = found
    for step in place[:-1]:
        inner = inner[step]
    if value is None:
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    return found


def written(place: Place) -> str:
    """A place as a path: ``insatser[2].nar.text``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).removeprefix(".")
