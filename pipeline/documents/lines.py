"""Small makers of facts: a value of the plan becomes a labelled line, or nothing when the plan is silent."""

from collections.abc import Iterable
from datetime import date

from pipeline.documents.view import Fact, Lines
from pipeline.documents.words import Words, listed, sentence


def paragraphs(text: str | None) -> Lines:
    """The paragraphs of a text, without empty ones; tabs become spaces."""
    return tuple(line.strip() for line in (text or "").replace("\t", " ").split("\n") if line.strip())


def closed(text: str) -> str:
    """The text with a full stop, unless it ends in one of its own."""
    return text if text.endswith((".", "!", "?", "…", ":")) else f"{text}."


def fact(w: Words, label: str, text: str | None) -> Fact | None:
    """A fact under the fixed label `label` (``etikett.*``), or None when there is nothing to say."""
    lines = paragraphs(text)
    return Fact(w(f"etikett.{label}"), lines) if lines else None


def day(w: Words, label: str, when: date | None) -> Fact | None:
    """A fact that is a day."""
    return fact(w, label, w.day(when) if when else None)


def code(w: Words, label: str, group: str, value: str | None) -> Fact | None:
    """A fact that is one of a field's codes, in the words of ``kod.<group>``."""
    return fact(w, label, sentence(w(f"kod.{group}.{value}")) if value else None)


def yes_no(w: Words, label: str, value: bool | None) -> Fact | None:  # noqa: FBT001  the value of a plan's field
    """A fact that is yes or no."""
    return None if value is None else fact(w, label, w("mening.ja") if value else w("mening.nej"))


def several(w: Words, label: str, values: Iterable[str]) -> Fact | None:
    """A fact that lists short words in one line."""
    return fact(w, label, sentence(listed(tuple(values))))


def each(w: Words, label: str, values: Iterable[str]) -> Fact | None:
    """A fact with a paragraph for each value."""
    lines = tuple(line for value in values for line in paragraphs(value))
    return Fact(w(f"etikett.{label}"), lines) if lines else None


def kept(*facts: Fact | None) -> tuple[Fact, ...]:
    """The facts that are there."""
    return tuple(f for f in facts if f is not None)


def listed_plain(*words: str | None) -> str:
    """The words that are there, with commas between."""
    return ", ".join(word for word in words if word)
