"""What can go wrong in the pipeline, as one tree.

PlansigillError
├── Refused            exit 1  a negative answer: rejected, refused, not found; nothing was changed
├── Misuse             exit 2  wrong usage or configuration
└── EnvironmentFailed  exit 3  disk, time-stamp server, another process: try again

Each carries a stable `code`; its texts stand in `pipeline/texts/` under ``fel.<code>``, Swedish with the next step
first, English beside it.
"""

import re

from pipeline.texts import text

_SHAPED = re.compile(r"[0-9]{6,8}[-+ ]?[0-9]{4}")


class PlansigillError(Exception):
    """An answer to the user with a stable `code`, a Swedish text `sv` and an English text `en`."""

    exit_code = 1

    def __init__(self, code: str, **params: object) -> None:
        message = text(f"fel.{code}", **params)
        super().__init__(f"{code}: {message.en}")
        self.code = code
        self.params = params
        self.sv = message.sv
        self.en = message.en

    def __reduce__(self) -> "tuple[object, ...]":
        """Worker processes hand errors back whole."""
        return _again, (type(self), self.code, self.params)


def _again(kind: type[PlansigillError], code: str, params: dict[str, object]) -> PlansigillError:
    error = kind.__new__(kind)  # a kind may fix its own code and take no arguments
    PlansigillError.__init__(error, code, **params)
    return error


class Refused(PlansigillError):
    """A negative answer for an item; nothing was changed."""


class Misuse(PlansigillError):
    """Wrong usage or configuration."""

    exit_code = 2


class EnvironmentFailed(PlansigillError):
    """Something around us failed; the same call may go through later."""

    exit_code = 3


def masked(text: str) -> str:
    """The text without what looks like a personnummer, valid or not: what a caller wrote may be repeated so."""
    return _SHAPED.sub("********-****", text)


def unknown_plan(plan_id: str) -> Refused:
    """That there is no such plan, or no such version of it."""
    return Refused("okand_plan", plan_id=masked(plan_id))
