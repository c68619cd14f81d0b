"""Sentences for people, from `signatures/texts.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Sentence(NamedTuple):
    """The same sentence in Swedish and in English."""

    sv: str
    en: str


@cache
def catalogue() -> dict[str, dict[str, dict[str, str]]]:
    """The whole catalogue: group, key, language."""
    return tomllib.loads(files("signatures").joinpath("texts.toml").read_text("utf-8"))


def sentence(group: str, key: str, **params: str) -> Sentence:
    """The sentence `key` of `group` with its blanks filled in; KeyError for an unknown one."""
    found = catalogue()[group][key]
    return Sentence(found["sv"].format(**params), found["en"].format(**params))


def rule_sentence(rule: str, reason: str, **params: str) -> Sentence:
    """A rule's sentence for a reason; reasons that are not the rule's own stand under `skipped`."""
    group = rule if reason in catalogue()[rule] else "skipped"
    return sentence(group, reason, **params)
