"""What an event says of the plan: the monthly review, the follow-up, the handläggare's assessment."""

from collections.abc import Callable, Mapping
from typing import cast

from pipeline.documents.facts import Facts
from pipeline.documents.lines import day, fact, kept, paragraphs, yes_no
from pipeline.documents.view import Fact, Section, Table
from pipeline.documents.words import Words, sentence
from pipeline.plan.model_handelse import Bedomning, Manadsgenomgang, Svar, UppfoljningGjord

REVIEW = ("kunde_paverka", "tydlig", "utforbar_av_annan_personal", "enligt_uppdraget", "foljs")
"""The review's questions, in the order they are asked (S3.3); the last is asked where it is answered (S3, purpose)."""
ASSESSMENT = ("aktuell", "tid", "delaktighet", "vad", "mal", "nar", "hur")
"""The checklist of seven questions (S4.5)."""


def genomgang(w: Words, f: Facts) -> Section:
    """The monthly review: each question with its answer (S3.1, S3.3)."""
    told = cast(Manadsgenomgang, f.told)
    return Section("genomgang", w("rubrik.genomgang"), tables=(_answers(w, "genomgang", REVIEW, told),))


def atgard(w: Words, f: Facts) -> Section:
    """What is done about a deficiency, by whom and by when (S3.4); that nothing is, where nothing is wrong."""
    told = cast(Manadsgenomgang, f.told)
    facts = kept(
        fact(w, "atgard", told.atgard),
        day(w, "atgard_senast", told.atgard_senast),
        fact(w, "ansvarig", told.ansvarig),
    )
    nothing = () if facts else (w("mening.ingen_atgard"),)
    return Section("atgard", w("rubrik.atgard"), nothing, facts)


def malen(w: Words, f: Facts) -> Section:
    """The follow-up, goal by goal: reached, partly, not, not at issue, with what was said (S2.1, S2.10)."""
    told = cast(UppfoljningGjord, f.told)
    texts = {goal.mal_id: goal.text for goal in f.plan.mal}
    columns = (w("kolumn.mal"), w("kolumn.uppnatt"), w("kolumn.kommentar"))
    rows = tuple(
        ((texts.get(m.mal_id, m.mal_id),), (w(f"kod.uppnatt.{m.uppnatt}"),), paragraphs(m.kommentar)) for m in told.mal
    )
    return Section("malen", w("rubrik.malen"), tables=(Table(columns, rows),) if rows else ())


def stodet(w: Words, f: Facts) -> Section:
    """How the support works, what has changed, what was checked and told, and when it is followed up next (S1.10)."""
    told = cast(UppfoljningGjord, f.told)
    took_part = Fact(w("etikett.deltagare"), told.deltagare) if told.deltagare else None
    facts = kept(
        took_part,
        fact(w, "hur_stodet_fungerar", told.hur_stodet_fungerar),
        fact(w, "andrade_behov", told.andrade_behov),
        yes_no(w, "ovrig_information", told.ovrig_information_kontrollerad),
        yes_no(w, "handlaggare_informerad", told.handlaggare_informerad),
        day(w, "nasta", told.nasta),
    )
    return Section("stodet", w("rubrik.stodet"), facts=facts)


def bedomning(w: Words, f: Facts) -> Section:
    """The seven questions about the version, each with its answer (S4.5)."""
    told = cast(Bedomning, f.told)
    return Section("bedomning", w("rubrik.bedomning"), tables=(_answers(w, "bedomning", ASSESSMENT, told),))


def utfall(w: Words, f: Facts) -> Section:
    """The verdict on the version, what it rests on, and what follows (S4.2, S4.6)."""
    told = cast(Bedomning, f.told)
    facts = kept(
        fact(w, "version_bedomd", w("dokument.version", version=told.version)),
        fact(w, "utfall", w(f"kod.utfall_bedomning.{told.utfall}")),
        fact(w, "kommentar", told.kommentar),
        fact(w, "nasta_steg", w(f"mening.efter_{told.utfall}")),
    )
    return Section("utfall", w("rubrik.utfall"), facts=facts)


def _answers(w: Words, group: str, questions: tuple[str, ...], told: object) -> Table:
    columns = (w("kolumn.fraga"), w("kolumn.svar"), w("kolumn.kommentar"))
    asked = ((name, cast("Svar | None", getattr(told, name))) for name in questions)
    rows = tuple(
        ((w(f"fraga.{group}.{name}"),), (sentence(w(f"kod.svar.{answer.svar}")),), paragraphs(answer.kommentar))
        for name, answer in asked
        if answer is not None
    )
    return Table(columns, rows)


BLOCKS: Mapping[str, Callable[[Words, Facts], Section]] = {
    "genomgang": genomgang,
    "atgard": atgard,
    "malen": malen,
    "stodet": stodet,
    "bedomning": bedomning,
    "utfall": utfall,
}
