"""Files made from the published schemas."""

import copy
from datetime import date
from typing import Any

from hypothesis import strategies as st

from pipeline.plan.schemas import Kind, schema_for
from tests.plan.schema_judge import ecma

LETTERS = st.characters(exclude_categories=["Cc", "Cs"], include_characters="\t\nåäöÅé\u0308\u212a\u0301")
TEXT = st.text(LETTERS, min_size=1, max_size=6)
COMMENT = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT, lambda x: st.lists(x, max_size=2), max_leaves=3
)
DAY = st.dates().map(date.isoformat)


def made(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Instances of `schema`."""
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of([made(branch) for branch in schema["anyOf"]])
    strategy: st.SearchStrategy[Any] = {
        "null": lambda _: st.none(),
        "boolean": lambda _: st.booleans(),
        "integer": made_integer,
        "number": lambda _: st.floats(0, 1e6, exclude_min=True) | st.integers(1, 2**60),
        "string": made_string,
        "array": made_array,
        "object": made_object,
    }[schema["type"]](schema)
    return strategy


def made_integer(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    small = st.integers(schema.get("minimum"), min(schema.get("maximum", 100), 100))
    written = small | small.map(float)
    return written if "maximum" in schema else written | st.integers(2**52, 10**300)


def made_string(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    if schema.get("format") == "date":
        return DAY
    return st.from_regex(ecma(schema["pattern"])) if "pattern" in schema else TEXT


def made_array(schema: dict[str, Any]) -> st.SearchStrategy[list[Any]]:
    items, least = made(schema["items"]), schema.get("minItems", 0)
    return st.lists(items, min_size=least, max_size=2, unique=schema.get("uniqueItems", False))


def made_object(schema: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    properties = {key: made(sub) for key, sub in schema.get("properties", {}).items()}
    required = {key: properties.pop(key) for key in schema.get("required", [])}
    extra = [st.just({})] * 4 + [
        st.dictionaries(TEXT.map("_{}".format), COMMENT, max_size=1)
        if pattern == "^_"
        else st.dictionaries(st.from_regex(ecma(pattern)), made(sub), max_size=2)
        for pattern, sub in schema.get("patternProperties", {}).items()
    ]
    return st.builds(
        lambda more, whole: more | whole, st.one_of(extra), st.fixed_dictionaries(required, optional=properties)
    )


def by_slag(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The schema of an event written out once for each `slag`, which it says itself by if and then."""
    schemas = []
    for rule in schema["allOf"]:
        own = copy.deepcopy(schema)
        own["properties"] |= {"slag": rule["if"]["properties"]["slag"], **rule["then"]["properties"]}
        own["required"] = schema["required"] + rule["then"].get("required", [])
        schemas.append(own)
    return schemas


def made_event(schema: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    schemas = by_slag(schema)
    for number, own in enumerate(schemas):
        own["required"] += schema["anyOf"][number % 2]["required"]
    return st.one_of([made_object(own) for own in schemas])


def made_file(kind: Kind) -> st.SearchStrategy[dict[str, Any]]:
    """Files of `kind`, nearly all of them valid."""
    return (made_event if kind is Kind.HANDELSE else made_object)(schema_for(kind))


FITTING = {
    "^[A-Za-z0-9][A-Za-z0-9._-]{2,63}$": "GP-1",
    "^[a-z0-9_]+$": "profil_1",
    "^\\d{4}$": "0180",
    "^[a-z]{2,3}$": "fi",
    "^\\d{4}-\\d{2}-\\d{2}$": "2026-11-02",
}


def fullest(schema: dict[str, Any]) -> Any:
    """The instance of `schema` with every key there is, each in its first form."""
    if "anyOf" in schema and "properties" not in schema:
        return fullest(schema["anyOf"][0])
    if "enum" in schema or "const" in schema:
        return schema.get("const") or schema["enum"][0]
    match schema["type"]:
        case "object":
            return {key: fullest(sub) for key, sub in schema.get("properties", {}).items()}
        case "array":
            return [fullest(schema["items"])]
        case "string":
            return FITTING[schema["pattern"]] if "pattern" in schema else "text"
        case kind:
            return {"boolean": True, "integer": 12, "number": 0.5}[kind]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key or index) below `value`."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, item in list(items) for place in [(value, key), *places(item)]]
