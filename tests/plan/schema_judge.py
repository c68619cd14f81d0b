"""The independent judge of a file: the `jsonschema` library on the published schema, and the byte rules in plain words.

Patterns are read as ECMA 262 means them and dates are checked as calendar dates.
"""

import re
import unicodedata
from datetime import date
from functools import cache
from typing import Any

import jsonschema
from jsonschema import ValidationError as SchemaError
from jsonschema.validators import extend

from pipeline.plan.schemas import Kind, schema_for


@cache
def ecma(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\$$", r"\\Z", pattern), re.ASCII)


def by_pattern(validator: Any, pattern: str, instance: Any, _schema: Any) -> Any:
    if validator.is_type(instance, "string") and not ecma(pattern).search(instance):
        yield SchemaError("pattern")


def by_pattern_properties(validator: Any, patterns: dict[str, Any], instance: Any, _schema: Any) -> Any:
    for pattern, subschema in patterns.items():
        for key, value in instance.items() if validator.is_type(instance, "object") else ():
            if ecma(pattern).search(key):
                yield from validator.descend(value, subschema, path=key)


def by_additional_properties(validator: Any, allowed: Any, instance: Any, schema: Any) -> Any:
    assert allowed is False
    if validator.is_type(instance, "object"):
        for key in instance:
            known = key in schema.get("properties", {})
            if not known and not any(ecma(p).search(key) for p in schema.get("patternProperties", {})):
                yield SchemaError("additional")


DATES = jsonschema.FormatChecker(formats=())


@DATES.checks("date", raises=ValueError)
def is_a_calendar_day(value: object) -> bool:
    return not isinstance(value, str) or date.fromisoformat(value).isoformat() == value


Judge = extend(
    jsonschema.Draft202012Validator,
    {
        "pattern": by_pattern,
        "patternProperties": by_pattern_properties,
        "additionalProperties": by_additional_properties,
    },
)
JUDGES = {kind: Judge(schema_for(kind), format_checker=DATES) for kind in Kind}


def fit_text(text: str) -> bool:
    return all(unicodedata.category(char) not in ("Cc", "Cs") or char in "\t\n" for char in text)


def keeps_byte_rules(value: Any) -> bool:
    match value:
        case dict():
            distinct = len({unicodedata.normalize("NFC", key) for key in value}) == len(value)
            return distinct and all(fit_text(key) and keeps_byte_rules(item) for key, item in value.items())
        case list():
            return all(map(keeps_byte_rules, value))
        case str():
            return fit_text(value)
    return True


def judged(kind: Kind, instance: Any) -> bool:
    return JUDGES[kind].is_valid(instance) and keeps_byte_rules(instance)
