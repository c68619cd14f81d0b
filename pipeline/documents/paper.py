"""A kind of document and the facts become a paper, and the paper each of its forms: PDF, text, Word, a row of CSV."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import rfc8785

from pipeline.documents import columns, fonts, framing, pages, plain
from pipeline.documents.about import shown_name, written_id
from pipeline.documents.blocks import BLOCKS
from pipeline.documents.conditions import CONDITIONS, EACH
from pipeline.documents.dress import Dress
from pipeline.documents.facts import Facts
from pipeline.documents.kinds import Form, Kind
from pipeline.documents.lines import fact, kept, listed_plain
from pipeline.documents.people import role_name
from pipeline.documents.reduced import fields
from pipeline.documents.rendering import Placeholder, Rect, type_size
from pipeline.documents.view import Fact, Frame, Paper, Section
from pipeline.documents.words import Words, sentence, swedish
from pipeline.errors import Misuse
from pipeline.plan.model import Genomforandeplan

STAFF_SIZE = 12
"""Points of a document that staff read; one for the person is set in the person's own size."""
TEMPLATE, CSS = "dokument.html.j2", "dokument.css"
"""The shared ones, unless the kind's own folder has files of these names."""


def is_called_for(kind: Kind, facts: Facts) -> bool:
    """Whether the kind's condition holds. Raises Misuse for an unknown condition."""
    return _holds(kind, kind.villkor, facts)


def _holds(kind: Kind, condition: str | None, facts: Facts) -> bool:
    if condition is not None and condition not in CONDITIONS:
        raise Misuse("dokument_slag", slag=kind.slag, fel=f"villkor: {condition}")
    return condition is None or CONDITIONS[condition](facts)


def variants(kind: Kind, facts: Facts) -> tuple[Facts, ...]:
    """The facts of each paper that is made at once, numbered on; of most kinds that is one."""
    if kind.for_varje is None:
        return (facts,)
    if kind.for_varje not in EACH:
        raise Misuse("dokument_slag", slag=kind.slag, fel=f"for_varje: {kind.for_varje}")
    each = enumerate(EACH[kind.for_varje](facts))
    return tuple(replace(facts, variant=variant, number=facts.number + place) for place, variant in each)


def compose(kind: Kind, facts: Facts, dress: Dress) -> Paper:
    """The document in words; a section without content is left out. Raises Misuse for an unknown block."""
    w = swedish().with_roles(dress.worded(facts.profil).termer.model_dump())
    unknown = [name for name in kind.avsnitt if name not in BLOCKS]
    if unknown:
        raise Misuse("dokument_slag", slag=kind.slag, fel=f"avsnitt: {', '.join(unknown)}")
    sections = (section for name in kind.avsnitt for section in _several(BLOCKS[name](w, facts)))
    return Paper(
        frame=_frame(w, kind, facts, dress),
        head=_head(w, kind, facts),
        opening=kind.oppning,
        sections=tuple(s for s in sections if s.says_something),
        mark=kind.plats if _holds(kind, kind.plats_villkor, facts) else None,
        eseal=w("mening.stampel", kommun=facts.subject.kommun.namn) if kind.stamplas else None,
    )


def _several(said: Section | tuple[Section, ...]) -> tuple[Section, ...]:
    return (said,) if isinstance(said, Section) else said


ESEAL_PLACE = "plats-stampel"
"""The id of the place of the electronic seal in the template."""


Anchors = Mapping[str, tuple[int, Rect]]


@dataclass(frozen=True, slots=True)
class LaidOut:
    """Every form of a document, and where in its PDF the electronic seal goes, where it gets one."""

    forms: Mapping[Form, bytes]
    place: Placeholder | None


def render(kind: Kind, facts: Facts, dress: Dress) -> Mapping[Form, bytes]:
    """Every form of the document, without its seal; raises as `lay_out`."""
    return lay_out(kind, facts, dress).forms


def lay_out(kind: Kind, facts: Facts, dress: Dress) -> LaidOut:
    """Every form of the document and the place of its seal; the same inputs give the same bytes.

    Raises Refused("dokument_tecken") for a letter that no bundled font can write, Misuse for a broken declaration or
    template, EnvironmentFailed when a result would not keep its promises.
    """
    paper = compose(kind, facts, dress)
    if set(kind.form) & {"pdf", "word"}:
        fonts.require_writable(fields(as_json(kind, paper)))
    forms: dict[Form, bytes] = {}
    place: Placeholder | None = None
    for form in kind.form:
        if form == "pdf":
            forms[form], anchors = _pdf(kind, facts, paper, dress)
            place = _place(anchors) if kind.stamplas else None
        else:
            forms[form] = _FORMS[form](kind, facts, paper, dress)
    return LaidOut(forms, place)


def _place(anchors: Anchors) -> Placeholder:
    if ESEAL_PLACE not in anchors:
        raise Misuse("dokument_plats", roll="stampel")
    return Placeholder("stampel", *anchors[ESEAL_PLACE])


def as_json(kind: Kind, paper: Paper) -> dict[str, Any]:
    """What the document says, as the data embedded in its PDF: labels and lines in printed order."""
    return {
        "slag": kind.slag,
        "titel": paper.frame.title,
        "id": paper.frame.plan_id,
        "huvud": _facts(paper.head),
        "avsnitt": [{key: value for key, value in _section(s).items() if value} for s in paper.sections],
    }


def _section(s: Section) -> dict[str, Any]:
    return {
        "rubrik": s.heading,
        "rader": list(s.lines),
        "uppgifter": _facts(s.facts),
        "tabeller": [{"kolumner": list(t.columns), "rader": [list(map(list, r)) for r in t.rows]} for t in s.tables],
        "poster": [{"rubrik": i.heading, "uppgifter": _facts(i.facts), "rader": list(i.lines)} for i in s.items],
    }


def _facts(facts: tuple[Fact, ...]) -> list[dict[str, Any]]:
    return [{"etikett": f.label, "text": list(f.lines)} for f in facts]


def _frame(w: Words, kind: Kind, facts: Facts, dress: Dress) -> Frame:
    subject = facts.subject
    plan = subject if isinstance(subject, Genomforandeplan) else None
    about = plan.plan_id if plan else subject.uppdrag.beslut_id
    number = w("dokument.version", version=facts.version) if facts.version else w.day(facts.day)
    title = _title(kind, facts)
    return Frame(
        title=title,
        pdf_title=f"{title} {about}",
        lang="sv",
        plan_id=about,
        version=number,
        sender=framing.sender(subject.kommun, dress),
        marks=(w("dokument.skyddade"),) if subject.brukare.skydd != "ingen" else (),
        secrecy=framing.secrecy(w, plan.sekretess if plan else None, dress),
        test=w("dokument.test") if facts.test else None,
        provider=framing.provider(subject.utforare),
        diary=framing.diary(w, subject, dress),
    )


def _head(w: Words, kind: Kind, facts: Facts) -> tuple[Fact, ...]:
    person = facts.subject.brukare
    name = shown_name(person) if kind.person != "ingen" else None
    number = written_id(person.person_id) if kind.person == "nummer" else None
    outer = {
        "till": _recipient(w, kind, facts),
        "fran": _sender(w, kind, facts),
        "datum": w.day(facts.event.datum if facts.event else facts.day),
        "gjord_av": facts.by,
    }
    return kept(
        *(fact(w, label, outer[label]) for label in kind.huvud),
        fact(w, "galler_person", None if kind.till == "brukare" and "till" in kind.huvud else name),
        fact(w, person.person_id.typ, number),
    )


def _title(kind: Kind, facts: Facts) -> str:
    """What the routine calls the document, else what the kind does."""
    entries = (e for e in facts.profil.dokument if e.slag == kind.slag and (not e.vid or facts.vid in e.vid))
    return next((e.titel for e in entries if e.titel), kind.titel)


def _recipient(w: Words, kind: Kind, facts: Facts) -> str | None:
    """The reader's word and, where the file names them, their name; None where the document is for whoever asks."""
    if kind.till == "alla":
        return None
    role = kind.till if kind.till in ("brukare", "handlaggare", "planerare") else None
    if role is None:
        return w(f"till.{kind.till}")
    who = getattr(facts.subject.roller, role, None) if role != "brukare" else None
    name = shown_name(facts.subject.brukare) if role == "brukare" else who.namn if who else None
    return sentence(listed_plain(role_name(w, role, who), name))


def _sender(w: Words, kind: Kind, facts: Facts) -> str:
    subject = facts.subject
    if kind.fran == "handlaggare":
        who = subject.roller.handlaggare if subject.roller else None
        return sentence(listed_plain(role_name(w, "handlaggare", who), who.namn if who else None))
    return subject.kommun.namn if kind.fran == "kommun" else subject.utforare.enhet or subject.utforare.namn


def _size(kind: Kind, facts: Facts) -> int:
    if kind.till == "brukare" and isinstance(facts.subject, Genomforandeplan):
        return type_size(facts.subject)
    return STAFF_SIZE


def _pdf(kind: Kind, facts: Facts, paper: Paper, dress: Dress) -> tuple[bytes, Anchors]:
    if kind.gors is not None:
        from pipeline.documents.makers import MAKERS

        if kind.gors not in MAKERS:
            raise Misuse("dokument_slag", slag=kind.slag, fel=f"gors: {kind.gors}")
        return MAKERS[kind.gors](facts, dress), {}
    urn = f"urn:plansigill:{kind.slag}"
    enclosed = tuple(_enclosed(kind, facts))
    sheet = pages.Sheet(kind.slag, TEMPLATE, CSS, paper.frame, dress, _size(kind, facts), urn, enclosed=enclosed)
    embedded = pages.Embedded(f"{kind.slag}.json", rfc8785.dumps(as_json(kind, paper)), facts.day)
    made = pages.make(sheet, embedded, paper=paper)
    return made.content, made.anchors


def _enclosed(kind: Kind, facts: Facts) -> Iterator[pages.Embedded]:
    if kind.bilagor:
        yield from (pages.Embedded(f.name, f.content, f.made) for f in facts.files if f.content is not None)
    if facts.verdict is not None:
        yield from (pages.Embedded(name, content, facts.day) for name, content in facts.verdict.reports)


def _word(kind: Kind, facts: Facts, paper: Paper, dress: Dress) -> bytes:
    from pipeline.documents.word.document import render_paper_word  # takes a quarter of a second to load

    return render_paper_word(paper, dress, _size(kind, facts), facts.day)


_FORMS: Mapping[Form, Callable[[Kind, Facts, Paper, Dress], bytes]] = {
    "text": lambda _kind, _facts, paper, _dress: plain.text(paper),
    "word": _word,
    "csv": lambda kind, facts, _paper, _dress: columns.table(kind.kolumner, facts),
}
