"""The scalars and the base class that the three kinds of file are built from.

They accept exactly what the JSON Schemas accept: an integer may be written ``1.0``, a date is a day in the calendar
written ``YYYY-MM-DD``, an omitted key is None (or ``()`` for a list) while an explicit null passes only where the
schema says so. Text is normalised to NFC after its pattern has been checked.
"""

import re
from datetime import date
from itertools import islice
from typing import Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    FailFast,
    Field,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from pipeline.plan.canonical import nfc

T = TypeVar("T")

MOST_ERRORS = 101
"""So many errors are collected from one list."""

MOST_KEYS = 20_000
"""More than any object can rightly have (``sammanfattning`` has room for every language code, 18 252)."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Part(BaseModel):
    """Base of every object in a file: frozen, strict, unknown keys refused."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _bounded(cls, value: object) -> object:
        return few_keys(value)


def _calendar_day(value: object) -> date:
    if type(value) is date:
        return value
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise PydanticCustomError("datum_form", "YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("datum_finns_inte", "no such day") from None


def _day_or_word(value: object) -> date | str:
    return value if value in ("ingen", "okand") and isinstance(value, str) else _calendar_day(value)


def _integer(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _not_null(value: object) -> object:
    if value is None:
        raise PydanticCustomError("null", "null is not allowed here")
    return value


def _distinct(value: tuple[T, ...]) -> tuple[T, ...]:
    if len(set(value)) < len(value):
        raise PydanticCustomError("upprepad", "an item stands twice")
    return value


def _item_by_item(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    """All errors of a list up to `MOST_ERRORS`; the inner validator stops at its first."""
    errors: list[InitErrorDetails] = []
    rest, start = value, 0
    while len(errors) < MOST_ERRORS:
        try:
            whole = handler(rest)
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False)
            errors += [_moved(detail, start) for detail in found]
            if not found[0]["loc"] or not isinstance(value, list):
                break  # the list itself is wrong, not an item of it
            start += int(found[0]["loc"][0]) + 1
            rest = value[start:]
        else:
            if not errors:
                return whole
            break
    raise ValidationError.from_exception_data("list", errors)


def _moved(detail: ErrorDetails, by: int) -> InitErrorDetails:
    loc = (int(detail["loc"][0]) + by, *detail["loc"][1:]) if detail["loc"] else ()
    kind = PydanticCustomError(detail["type"], "as the item's own error", detail.get("ctx"))
    return InitErrorDetails(type=kind, loc=loc, input=None)


def few_keys(value: object) -> object:
    """`value`, or its first keys when there are more than any object of ours can have: then it is refused for those."""
    if isinstance(value, dict) and len(value) > MOST_KEYS:
        return dict(islice(value.items(), MOST_KEYS))
    return value


Omittable = Annotated[T | None, BeforeValidator(_not_null)]
"""May be left out (None), but null is refused."""

Lista = Annotated[tuple[T, ...], Field(strict=False), FailFast(), WrapValidator(_item_by_item)]
"""A JSON array; left out it is ``()``."""

Distinct = Annotated[Lista[T], AfterValidator(_distinct)]
"""A JSON array where nothing stands twice."""

Text = Annotated[str, StringConstraints(min_length=1), AfterValidator(nfc)]
Datum = Annotated[date, BeforeValidator(_calendar_day)]
DatumEllerOrd = Annotated[date | Literal["ingen", "okand"], BeforeValidator(_day_or_word)]
Antal = Annotated[int, BeforeValidator(_integer), Field(ge=1)]
NollEllerFler = Annotated[int, BeforeValidator(_integer), Field(ge=0)]
Minuter = NollEllerFler
Veckor = Annotated[int, BeforeValidator(_integer), Field(ge=1, le=12)]
Manader = Annotated[int, BeforeValidator(_integer), Field(ge=1, le=24)]
Punkter = Annotated[int, BeforeValidator(_integer), Field(ge=12, le=36)]
Positivt = Annotated[float, Field(gt=0)]

# pydantic's default regex engine ends `$` at the end of the text only, as ECMA 262 does; digits are spelled out.
FilId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{2,63}$")]
ProfilNamn = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+$")]
Kommunkod = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
Sprakkod = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
