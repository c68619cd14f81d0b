"""The published JSON Schemas of the three kinds of file, read from the package."""

import copy
import json
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any


class Kind(StrEnum):
    """What a file is, by its key ``schema``."""

    GENOMFORANDEPLAN = "genomforandeplan/1"
    UPPDRAG = "uppdrag/1"
    HANDELSE = "handelse/1"


_FILES = {
    Kind.GENOMFORANDEPLAN: "plan.schema.json",
    Kind.UPPDRAG: "uppdrag.schema.json",
    Kind.HANDELSE: "handelse.schema.json",
}


def schema_for(kind: Kind) -> dict[str, Any]:
    """The JSON Schema of one kind of file, a copy of the caller's own."""
    return copy.deepcopy(_shipped(kind))


def known_keys(kind: Kind, path: tuple[str | int, ...], slag: str | None = None) -> tuple[str, ...]:
    """The keys an object at `path` may have; `slag` chooses the ``uppgifter`` of an event."""
    found = [_shipped(kind)]
    for number, step in enumerate(path):
        if kind is Kind.HANDELSE and (number, step) == (0, "uppgifter"):
            found = [_by_slag(found[0], slag)]
            continue
        found = [branch for schema in found for branch in _below(schema, step)]
    return tuple(sorted({key for schema in found for key in schema.get("properties", {})}))


@cache
def _shipped(kind: Kind) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(files(__name__).joinpath(_FILES[kind]).read_text("utf-8"))
    return parsed


def _below(schema: dict[str, Any], step: str | int) -> list[dict[str, Any]]:
    child = schema.get("items") if isinstance(step, int) else schema.get("properties", {}).get(step)
    return _branches(child) if child else []


def _branches(schema: dict[str, Any]) -> list[dict[str, Any]]:
    if "anyOf" in schema:
        return [inner for branch in schema["anyOf"] for inner in _branches(branch)]
    return [schema]


def _by_slag(schema: dict[str, Any], slag: str | None) -> dict[str, Any]:
    for rule in schema["allOf"]:
        if rule["if"]["properties"]["slag"]["const"] == slag:
            found: dict[str, Any] = rule["then"]["properties"]["uppgifter"]
            return found
    return {}
