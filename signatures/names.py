"""Names and ids: in the one form that each is compared in, whether two people may be one, and as they may be shown."""

from __future__ import annotations

import unicodedata


def plain_name(name: str) -> str:
    """The name without what does not tell people apart: case, composition of letters, how many blanks."""
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).split())


def plain_id(kind: str, value: str) -> str:
    """An identifier without what does not tell those of its kind apart: `19121212-1212` and `191212121212` are one.

    In an organisation's own ids only case is nothing: `a.b@…` and `ab@…` are two people's.
    """
    return value.casefold() if kind == "org_id" else "".join(c for c in value.upper() if c.isalnum())


LONGEST_COMMON_NAME = 64
"""Characters (X.520, ub-common-name)."""


def common_name(name: str) -> str:
    """A person's name as our certificates hold it: NFC, and cut between words where it is too long."""
    whole, most = " ".join(unicodedata.normalize("NFC", name).split()), LONGEST_COMMON_NAME
    return whole if len(whole) <= most else whole[: most + 1].rpartition(" ")[0] or whole[:most]


def may_be_one(one: tuple[str, str, str], other: tuple[str, str, str]) -> bool:
    """Whether two people may be the same, each as kind of id, id and name.

    Ids of one kind tell people apart. A representative's name and an employee's HSA-id do not, so names decide.
    """
    (kind, known, _), (other_kind, other_known, _) = one, other
    if kind == other_kind:
        return plain_id(kind, known) == plain_id(kind, other_known)
    return bool(_called(*one) & _called(*other))


def _called(kind: str, value: str, name: str) -> set[str]:
    return {plain_name(name), plain_name(value), plain_id(kind, value)} - {""}


def printable(text: str) -> str:
    """A stranger's text as it may be shown in a line of ours: no control of a terminal, of lines or of direction."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _controls(c) else c for c in text)


def _controls(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] == "C" or category in {"Zl", "Zp"}
