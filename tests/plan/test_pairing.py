"""Who is who in two versions of a list: the same from either side, and no item twice."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.plan.pairing import IDENTITIES, Identity, Item, likeness, paired
from pipeline.plan.schemas import Kind, schema_for

INSATS = IDENTITIES["insatser"]
FEW = st.sampled_from(["a", "b", "a b", "c"])
ITEMS = st.lists(st.fixed_dictionaries({"insats_id": FEW, "rubrik": FEW, "vad": FEW, "hur": FEW}), max_size=6)


@settings(max_examples=500, deadline=None)
@given(before=ITEMS, after=ITEMS)
def test_from_either_side_the_same_pairs(before: list[Item], after: list[Item]) -> None:
    there, back = paired(INSATS, before, after), paired(INSATS, after, before)
    assert sorted(there.pairs) == sorted((was, now) for now, was in back.pairs)
    assert (there.removed, there.added) == (back.added, back.removed)
    assert there.moved == back.moved


@settings(deadline=None)
@given(before=ITEMS, after=ITEMS)
def test_every_item_stands_once(before: list[Item], after: list[Item]) -> None:
    found = paired(INSATS, before, after)
    assert sorted([was for was, _ in found.pairs] + list(found.removed)) == list(range(len(before)))
    assert sorted([now for _, now in found.pairs] + list(found.added)) == list(range(len(after)))


def item(number: str, rubrik: str, vad: str) -> Item:
    return {"insats_id": number, "rubrik": rubrik, "vad": vad}


def test_the_stronger_sign_goes_first() -> None:
    before = [item("I1", "Dusch", "Hjälp att duscha"), item("I2", "Städ", "Dammsuga")]
    shifted = [item("I1", "Tvätt", "Vika kläder"), item("I2", "Dusch", "Hjälp"), item("I3", "Städ", "Dammsuga")]
    assert paired(INSATS, before, shifted).pairs == ((0, 1), (1, 2))
    renamed = [item("I1", "Morgondusch", "Hjälp att duscha"), item("I2", "Städ", "Dammsuga")]
    assert paired(INSATS, before, renamed).pairs == ((0, 0), (1, 1))
    unlike = [item("X", "Ledsagning", "Gå till affären")]
    assert paired(INSATS, before, unlike).removed == (0, 1)


def test_likeness_is_a_mean_over_what_either_says() -> None:
    name = Identity("id", ("namn",))
    assert likeness(name, {"id": "1", "namn": "a"}, {"id": "2", "namn": "a"}) == 1
    assert likeness(name, {"namn": "a", "till": "x"}, {"namn": "a", "till": None}) == 0.5
    assert likeness(name, {"namn": "röd bil"}, {"namn": "Röd cykel"}) == 1 / 3


def test_every_list_of_objects_in_the_schema_is_known() -> None:
    def lists(schema: dict, path: str = "") -> set[str]:
        found: set[str] = set()
        for branch in schema.get("anyOf", [schema]):
            for key, inner in branch.get("properties", {}).items():
                found |= lists(inner, f"{path}.{key}".lstrip("."))
            if "properties" in branch.get("items", {}):
                found |= {path} | lists(branch["items"], path)
        return found

    assert lists(schema_for(Kind.GENOMFORANDEPLAN)) == set(IDENTITIES)
