"""A person's name and id in the one form that each is compared in, and whether two people may be one."""

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
