"""The plan's summary in another language, a document of its own that is never signed: `render_summary`.

A signature covers a whole file, so what nobody signs stands in another. It prints the sender's own text as it is,
marked with its language, with the plan in short in the fixed words of that language (`templates/texter/<lang>.toml`)
or, where the project has none, in Swedish. Every page says in both languages that it is a translation and not signed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import rfc8785

from pipeline.documents import fonts, pages
from pipeline.documents.dress import Dress
from pipeline.documents.framing import frame
from pipeline.documents.insatser import visits
from pipeline.documents.lines import fact, kept, paragraphs
from pipeline.documents.people import calls
from pipeline.documents.reduced import reduced, texts
from pipeline.documents.rendering import Document, type_size
from pipeline.documents.view import Call, Fact, Frame, Lines
from pipeline.documents.words import Words, swedish, words
from pipeline.errors import Refused
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.profile import Profil

DATA_NAME = "sammanfattning.json"
RIGHT_TO_LEFT = frozenset(("ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"))


@dataclass(frozen=True, slots=True)
class Summary:
    """A version's summary in one of the languages it has."""

    plan: Genomforandeplan
    profil: Profil
    dress: Dress
    version: int
    lang: str
    """The key in the plan's `sammanfattning` (ISO 639)."""
    test: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the overview; an insats is named in Swedish, and `lang` is that of `when`."""

    what: str
    when: str
    lang: str


@dataclass(frozen=True, slots=True)
class SummaryView:
    """What the document says, in order and in words."""

    frame: Frame
    head: tuple[Fact, ...]
    text: Lines
    lang: str
    direction: str
    intro: str
    rows: tuple[Row, ...]
    calls: tuple[Call, ...]
    contact: Lines
    follow_up: str
    about: tuple[tuple[str, str], ...]
    """That the signed original is the Swedish plan: language and line, the document's language first."""


def languages(plan: Genomforandeplan) -> tuple[str, ...]:
    """The languages that the plan has a summary in."""
    return tuple(sorted(plan.sammanfattning or {}))


def render_summary(s: Summary) -> Document:
    """The summary, in the plan's dress and type size.

    Raises Refused("sammanfattning_saknas") for a language that the plan has none in, and as `render_plan` does.
    """
    view = compose(s)
    text = "\n".join(view.text)
    data: dict[str, str | int] = {"plan_id": s.plan.plan_id, "version": s.version, "sprak": s.lang, "text": text}
    fonts.require_writable(_texts(s, view))
    sheet = pages.Sheet(
        "sammanfattning",
        "sammanfattning.html.j2",
        "sammanfattning.css",
        view.frame,
        s.dress,
        type_size(s.plan),
        "urn:plansigill:sammanfattning",
    )
    embedded = pages.Embedded(DATA_NAME, rfc8785.dumps(data), s.plan.handelser.upprattad)
    made = pages.make(sheet, embedded, summary=view)
    return Document(made.content, (), made.pages, view.frame.pdf_title, view.frame.lang)


def compose(s: Summary) -> SummaryView:
    """The document in words, from the reduced plan and its summary."""
    text = paragraphs((s.plan.sammanfattning or {}).get(s.lang))
    if not text:
        raise Refused("sammanfattning_saknas", sprak=s.lang)
    w, plan = words(s.lang), reduced(s.plan, s.profil)
    b, follow_up = plan.brukare, plan.uppfoljning.nasta
    name = " ".join(part for part in (b.fornamn, b.efternamn) if part)
    unit = plan.utforare.enhet or plan.utforare.namn
    return SummaryView(
        frame=_frame(w, s, plan),
        head=kept(fact(w, "namn", name or b.tilltalsnamn)),
        text=text,
        lang=s.lang,
        direction="rtl" if s.lang in RIGHT_TO_LEFT else "ltr",
        intro=w("korthet.ingress", tilltalsnamn=b.tilltalsnamn, utforare=unit),
        rows=_rows(w, plan),
        calls=_calls(w, plan),
        contact=(b.kontaktvag,) if b.kontaktvag else (),
        follow_up=w.day(follow_up) if follow_up else w("korthet.ingen_uppfoljning"),
        about=_in_both(w, "sammanfattning.galler", plan_id=plan.plan_id, version=s.version),
    )


def _frame(w: Words, s: Summary, plan: Genomforandeplan) -> Frame:
    outer = frame(w, plan, s.version, name="sammanfattning", dress=s.dress, test=s.test)
    marks = tuple(line for _, line in _in_both(w, "sammanfattning.rad"))
    return replace(outer, lang=w.lang, marks=(" ".join(marks), *outer.marks))


def _in_both(w: Words, key: str, **facts: object) -> tuple[tuple[str, str], ...]:
    """The words in the document's language and in Swedish; once where they are the same."""
    return tuple(dict.fromkeys((each.lang, each(key, **facts)) for each in (w, swedish())))


def _rows(w: Words, plan: Genomforandeplan) -> tuple[Row, ...]:
    """The overview; what the plan says of when in its own words, for want of days, is Swedish."""
    told = zip(visits(w, plan), plan.insatser, strict=True)
    return tuple(Row(v.what, v.when, "sv" if i.nar and not i.nar.veckodagar else w.lang) for v, i in told)


def _calls(w: Words, plan: Genomforandeplan) -> tuple[Call, ...]:
    """Whom to ring, with the role in the document's language rather than the municipality's own word."""
    if w.lang == "sv":
        return calls(w, plan)
    roles = {name: getattr(plan.roller, name) for name in ("kontaktman", "vice_kontaktman")}
    bare = {name: role.model_copy(update={"benamning": None}) for name, role in roles.items() if role is not None}
    return calls(w, plan.model_copy(update={"roller": plan.roller.model_copy(update=bare)}))


def _texts(s: Summary, view: SummaryView) -> Iterator[tuple[str, str]]:
    """Every text that the document prints, with its field; those of the plan itself are the plan document's too."""
    yield from texts(s.plan, s.profil, ())
    yield from ((f"sammanfattning.{s.lang}", line) for line in view.text)
