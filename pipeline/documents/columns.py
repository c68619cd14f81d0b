"""The columns of the form ``csv`` (`kolumner` in a declaration): one row a document, for a spreadsheet to gather."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from pipeline.documents.facts import Facts
from pipeline.documents.words import number

_FORMULA = ("=", "+", "-", "@", "\t", "\r")

COLUMNS: Mapping[str, Callable[[Facts], str]] = {
    "plan_id": lambda f: f.plan.plan_id,
    "version": lambda f: str(f.version),
    "kommun": lambda f: f.subject.kommun.namn,
    "utforare": lambda f: f.subject.utforare.namn,
    "enhet": lambda f: f.subject.utforare.enhet or "",
    "beslut_id": lambda f: f.subject.uppdrag.beslut_id,
    "datum": lambda f: f.day.isoformat(),
    "manad": lambda f: f"{f.day:%Y-%m}",
    "timmar": lambda f: number(f.profil.ersattning.minuter / 60) if f.profil.ersattning else "",
    "insats_paborjad": lambda f: _day(f.plan.handelser.insats_paborjad),
    "senaste_insats": lambda f: _day(getattr(f.told, "senaste_insats", None)),
    "senaste_plan": lambda f: _day(getattr(f.told, "senaste_plan", None)),
    "uppgift_av": lambda f: f.by or "",
}


def table(names: Sequence[str], facts: Facts) -> bytes:
    """A heading row and one row: semicolons and UTF-8 with a byte order mark, as Swedish Excel opens them.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    written = io.StringIO(newline="")
    rows = csv.writer(written, delimiter=";", lineterminator="\r\n")
    rows.writerow(names)
    rows.writerow([_plain(COLUMNS[name](facts)) for name in names])
    return written.getvalue().encode("utf-8-sig")


def _day(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
