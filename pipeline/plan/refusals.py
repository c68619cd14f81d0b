"""What is said about a file that cannot be read: problems and schema errors turned into findings.

A finding names the field path, the rule and what to do, in Swedish, and never a value from the file.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from pipeline.plan.findings import Finding, Level
from pipeline.plan.parsing import Path, Problem
from pipeline.plan.schemas import Kind, known_keys
from pipeline.texts import Text, text

MOST_SHOWN = 100
"""So many findings are written out for one file; the last of them says how many more there were."""

_LONGEST_KEY = 40
_RULES = {
    "missing": "saknas",
    "null": "null",
    "string_type": "text",
    "string_too_short": "tom_text",
    "string_pattern_mismatch": "monster",
    "literal_error": "ett_av",
    "int_type": "heltal",
    "int_from_float": "heltal",
    "float_type": "tal",
    "bool_type": "sant_eller_falskt",
    "greater_than_equal": "minst",
    "less_than_equal": "hogst",
    "greater_than": "storre_an",
    "model_type": "objekt",
    "dict_type": "objekt",
    "tuple_type": "lista",
    "too_short": "tom_lista",
    "datum_form": "datum_form",
    "datum_finns_inte": "datum_finns_inte",
    "upprepad": "upprepad",
    "plan_eller_beslut": "plan_eller_beslut",
}
"""The text under ``format.`` for each kind of schema error that the model can make."""

_PATTERNS = {
    r"^[A-Za-z0-9][A-Za-z0-9._-]{2,63}$": "monster_id",
    r"^[a-z0-9_]+$": "monster_profil",
    r"^[0-9]{4}$": "monster_kommunkod",
    r"^[a-z]{2,3}$": "monster_sprakkod",
}


def format_findings(problems: Iterable[Problem]) -> list[Finding]:
    """One finding of code ``format`` for each breach of a byte rule."""
    return [_finding("format", p.path, text(f"format.{p.rule}", **p.params)) for p in problems]


def unknown_schema(raw: Mapping[str, object]) -> list[Finding]:
    """The finding for a file whose ``schema`` is missing or none of ours, with the nearest key when it is missing."""
    hint = _NO_HINT
    if "schema" not in raw and (near := [key for key in raw if nearest_key(key, ("schema",))]):
        hint = text("format.menades", nyckel=_shown(near[0]))
    kinds = ", ".join(kind.value for kind in Kind)
    return [_finding("schema", ("schema",), _joined(text("format.okant_schema", slag=kinds), hint))]


def schema_findings(error: ValidationError, kind: Kind, raw: Mapping[str, object]) -> list[Finding]:
    """One finding for each thing the schema of `kind` does not accept in `raw`."""
    slag = raw.get("slag")
    chosen = slag if isinstance(slag, str) else None
    details = error.errors(include_url=False, include_input=False)
    return [_schema_finding(detail, kind, chosen) for detail in details[: MOST_SHOWN + 1]]


def _schema_finding(detail: Any, kind: Kind, slag: str | None) -> Finding:
    path = _json_path(detail["loc"])
    if detail["type"] == "extra_forbidden":
        return _unknown_key(path, known_keys(kind, path[:-1], slag))
    if path[-1:] == ("[key]",):
        return _finding("okand_nyckel", path[:-1], text("format.monster_sprakkod"))
    rule = _RULES.get(detail["type"], "regel")
    context = detail.get("ctx", {})
    if rule == "monster":
        rule = _PATTERNS.get(context["pattern"], "regel")
    if rule == "ett_av":
        context = {"varden": context["expected"].replace("'", "").replace(" or ", ", ")}
    return _finding("schema", path, text(f"format.{rule}", **context))


def _unknown_key(path: Path, known: tuple[str, ...]) -> Finding:
    key = str(path[-1])
    if key in known:  # the other form of a fast omsorgskontakt
        return _finding("okand_nyckel", path, text("format.inte_med_samma_som", nyckel=key))
    near = nearest_key(key, known)
    hint = text("format.menade_du", nyckel=near) if near else _NO_HINT
    return _finding("okand_nyckel", path, _joined(text("format.okand_nyckel", nyckel=_shown(key)), hint))


_NO_HINT = Text("", "")


def _joined(told: Text, hint: Text) -> Text:
    return Text(f"{told.sv} {hint.sv}".strip(), f"{told.en} {hint.en}".strip())


def nearest_key(key: str, known: Iterable[str]) -> str | None:
    """The key of `known` that `key` most likely stands for, å/ä/ö and letter case aside; None when none is near."""
    if len(key) > _LONGEST_KEY:
        return None
    folded = {_folded(name): name for name in known}
    near = difflib.get_close_matches(_folded(key), folded, n=1, cutoff=0.6)
    return folded[near[0]] if near else None


def _folded(key: str) -> str:
    letters = unicodedata.normalize("NFKD", key.casefold())
    return re.sub(r"[^a-z0-9]+", "_", "".join(c for c in letters if not unicodedata.combining(c)))


def _json_path(loc: tuple[str | int, ...]) -> Path:
    """The path in the JSON of a pydantic location, which also names the chosen form of a fast omsorgskontakt."""
    if "fast_omsorgskontakt" in loc:
        at = loc.index("fast_omsorgskontakt") + 1
        return loc[:at] + loc[at + 1 :]
    return loc


def path_text(path: Path) -> str | None:
    """`path` as people read it, ``insatser[2].nar``; None for the file as a whole."""
    written = ""
    for step in path:
        written += f"[{step}]" if isinstance(step, int) else f".{_shown(step)}"
    return written.removeprefix(".") or None


def _shown(key: str) -> str:
    """A key fit to print: short, without control characters, and without digits enough to be a personnummer."""
    printable = "".join(char if char.isprintable() else "�" for char in key[: _LONGEST_KEY + 1])
    masked = re.sub(r"\d[\d -]{4,}\d", "…", printable)
    return masked if len(key) <= _LONGEST_KEY else f"{masked[:_LONGEST_KEY]}…"


def _finding(code: str, path: Path, told: Text) -> Finding:
    return Finding(code=code, level=Level.STOP, field=path_text(path), text=told.sv, source="P", en=told.en)
