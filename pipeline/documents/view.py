"""What a plan document says, in order and in words, before it is HTML or Word.

`view` turns a rendering's plan, profile and outcomes into titled sections of labelled lines; the templates only place
them. It sees nothing but the reduced plan (`pipeline.documents.reduced`), so what must not be printed cannot be.
"""

from dataclasses import dataclass

Lines = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what it says, a paragraph to a line."""

    label: str
    lines: Lines


@dataclass(frozen=True, slots=True)
class Item:
    """A titled group of facts within a section, such as one insats or one goal."""

    heading: str
    facts: tuple[Fact, ...] = ()
    lines: Lines = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns; a row has a cell for each column, each cell its paragraphs, the first being its header.

    In large type it is printed as a list: the row's header, then each other cell under its column's name.
    """

    columns: Lines
    rows: tuple[tuple[Lines, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the document: its heading, and lines, facts, tables and items in that order."""

    key: str
    heading: str
    lines: Lines = ()
    facts: tuple[Fact, ...] = ()
    items: tuple[Item, ...] = ()
    tables: tuple[Table, ...] = ()

    @property
    def says_something(self) -> bool:
        """Whether there is anything under the heading."""
        return bool(self.lines or self.facts or self.items or self.tables)


@dataclass(frozen=True, slots=True)
class Visit:
    """A row of the overview on page 1: what is done, on which days and hours, and on which days alone."""

    what: str
    when: str
    days: str


@dataclass(frozen=True, slots=True)
class Call:
    """Someone to ring: number, name and role; the name may be missing."""

    name: str
    role: str
    phone: str


@dataclass(frozen=True, slots=True)
class Short:
    """ "Din plan i korthet": what, which days, whom to call, next follow-up."""

    intro: str
    visits: tuple[Visit, ...]
    calls: tuple[Call, ...]
    contact: Lines
    follow_up: str


@dataclass(frozen=True, slots=True)
class Slot:
    """One signature's place: what it stands for, and either an empty field (`is_open`) or how it ended without one."""

    role: str
    heading: str
    intent: Lines
    prompt: str
    basis: tuple[Fact, ...]
    ended: tuple[Fact, ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands round every document: its names, its sender, its markings."""

    title: str
    pdf_title: str
    lang: str
    plan_id: str
    version: str
    sender: Lines
    marks: Lines
    secrecy: str
    test: str | None
    provider: str | None = None
    """The private provider that carries the plan out, named beside the sender."""
    diary: Fact | None = None
    """The diary's number with its label, where the municipality keeps one."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A document around the plan in words: whom it is about and for, an opening, its sections, a place for a mark."""

    frame: Frame
    head: tuple[Fact, ...]
    opening: Lines
    sections: tuple[Section, ...]
    mark: str | None = None
    eseal: str | None = None
    """What stands above the place of the municipality's electronic seal; None where it puts none."""


@dataclass(frozen=True, slots=True)
class View:
    """The whole plan document in words."""

    frame: Frame
    head: tuple[Fact, ...]
    short: Short
    sections: tuple[Section, ...]
    slots: tuple[Slot, ...]
