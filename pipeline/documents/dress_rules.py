"""How a dress is refused: one error, `dokument_drakt`, that names the dress, the place in it, the rule and what to do.

The rules' texts stand under ``drakt.<rule>`` in the catalogues.
"""

import string
from typing import Any

from pydantic import BaseModel, ValidationError

from pipeline.errors import Misuse
from pipeline.plan.refusals import nearest_key
from pipeline.texts import text

FILE = "kommun.toml"

_RULES = {
    "missing": "saknas",
    "string_type": "text",
    "string_too_short": "tom",
    "string_too_long": "for_lang",
    "string_pattern_mismatch": "monster",
    "enum": "ett_av",
    "literal_error": "ett_av",
    "int_type": "heltal",
    "bool_type": "sant_eller_falskt",
    "greater_than_equal": "minst",
    "less_than_equal": "hogst",
    "too_long": "for_manga",
    "tuple_type": "lista",
    "model_type": "tabell",
}
"""The rule for each kind of schema error that the model of kommun.toml can make."""

_PATTERNS = {
    r"^#[0-9a-f]{6}$": "monster_farg",
    r"^[0-9]{4}$": "monster_kod",
    r"^[a-z0-9_-]+\.svg$": "monster_svg",
    r"^[A-Za-z0-9_-]+\.ttf$": "monster_ttf",
    r"^[A-Za-z0-9._-]+\.txt$": "monster_licens",
}


def refused(slug: str, place: str, rule: str, **facts: object) -> Misuse:
    """The error for one broken rule; `place` is a field of kommun.toml or a file of the dress."""
    told = text(f"drakt.{rule}", **facts)
    return Misuse("dokument_drakt", drakt=slug, plats=place, regel=rule, regel_sv=told.sv, regel_en=told.en)


def hiding(slug: str, rule: str, **facts: object) -> Misuse:
    """The error for a dress that hides what the document says; the rules' texts stand under ``dolt.<rule>``."""
    told = text(f"dolt.{rule}", **facts)
    return Misuse("dokument_drakt_dold", drakt=slug, regel=rule, regel_sv=told.sv, regel_en=told.en)


def schema_refused(slug: str, error: ValidationError, model: type[BaseModel]) -> Misuse:
    """The error for the first thing that the schema of kommun.toml does not accept."""
    first: Any = error.errors(include_url=False, include_input=False)[0]
    path: tuple[str | int, ...] = first["loc"]
    place, context = _written(path), first.get("ctx", {})
    if first["type"] == "extra_forbidden":
        near = nearest_key(str(path[-1]), _known(model, path[:-1]))
        return refused(slug, place, "menade_du", nyckel=near) if near else refused(slug, place, "okand_nyckel")
    rule = _RULES.get(first["type"], "regel")
    if rule == "monster":
        rule = _PATTERNS.get(context["pattern"], "en_rad")
    if rule == "ett_av":
        context = {"varden": context["expected"].replace("'", "").replace(" or ", ", ")}
    return refused(slug, place, rule, **context)


def _written(path: tuple[str | int, ...]) -> str:
    written = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path)
    return written.removeprefix(".") or FILE


def _known(model: type[BaseModel], path: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys of the table at `path`; none when the path leads out of the model."""
    for step in path:
        if isinstance(step, int):
            continue
        field = model.model_fields.get(step)
        inner = [c for c in _classes(field.annotation) if issubclass(c, BaseModel)] if field else []
        if not inner:
            return ()
        model = inner[0]
    return tuple(model.model_fields)


def _classes(annotation: Any) -> list[type]:
    if isinstance(annotation, type):
        return [annotation]
    return [found for part in getattr(annotation, "__args__", ()) for found in _classes(part)]


def placeholders(line: str, allowed: frozenset[str]) -> bool:
    """Whether `line` has no other placeholders than plain ``{name}`` with a name of `allowed`."""
    try:
        parts = list(string.Formatter().parse(line))
    except ValueError:
        return False
    return all(name is None or (name in allowed and not spec and not turned) for _, name, spec, turned in parts)
