"""Builders of the documents around a plan: facts as the casework gathers them, events, and what a kind says of them."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from pipeline.documents.bundle import templates
from pipeline.documents.dress import load_dress
from pipeline.documents.facts import Facts, SlotFact
from pipeline.documents.kinds import Form, kind
from pipeline.documents.paper import is_called_for, render
from pipeline.documents.reduced import reduced
from pipeline.plan.model import Handelse
from pipeline.plan.reading import read_file
from pipeline.plan.slots import EndedSlot, ended_at_intake
from pipeline.plan.time_sum import time_sum
from tests.documents.builders import Tree, plan_of, profil, sample

DAY = date(2026, 11, 20)
CONTENT = "0123456789abcdef" * 4
SEALED = "fedcba9876543210" * 4


def facts(tree: Tree, *, routine: str | None = None, ended: EndedSlot | None = None, **more: Any) -> Facts:
    """The facts of a plan's only version, sealed and adopted."""
    plan = plan_of(tree)
    rules = profil(routine or plan.profil)
    ending = ended or ended_at_intake(plan, rules)
    endings = (ending,) if ending else ()
    chief = SlotFact("enhetschef", "signed", "Carina Ström", None, None, None, None)
    told = Facts(
        subject=reduced(plan, rules, endings),
        profil=rules,
        day=DAY,
        test=True,
        version=1,
        content_sha256=CONTENT,
        sums=time_sum(plan),
        slots=(chief,),
        ended=endings,
        sha256=SEALED,
        adopted=datetime(2026, 11, 20, 8, tzinfo=UTC),
    )
    return replace(told, **more)


def event(slag: str, **uppgifter: Any) -> dict[str, Any]:
    """What an event adds to the facts: itself, what it is called as a cause, and who recorded it."""
    content: Tree = {"schema": "handelse/1", "handelse_id": "NB-PROV-1", "plan_id": "GP-PROV-1", "slag": slag}
    content |= {"datum": "2026-11-21", "av": "nb-1042", "uppgifter": uppgifter}
    value = read_file(json.dumps(content, ensure_ascii=False).encode()).value
    assert isinstance(value, Handelse)
    return {"event": value, "vid": f"handelse:{slag}", "by": "Emma Sjöö"}


def made(slag: str, told: Facts) -> dict[Form, bytes]:
    """The forms of a document that is called for."""
    assert is_called_for(kind(slag), told), f"{slag} is not called for"
    return dict(render(kind(slag), told, load_dress(templates(), told.subject.kommun.kod)))


def said(slag: str, told: Facts) -> str:
    """The document as text."""
    return made(slag, told)["text"].decode()


def protected(**changes: Any) -> Tree:
    """A plan that carries everything a protected person's document must not show, as a file taken earlier could."""
    tree = sample("hemtjanst-kort") | changes
    tree["brukare"] |= {"skydd": "sekretessmarkering"}
    return tree


SECRETS = (
    *("Lillgatan", "0980-31921", "070-1740611", "Göran", "19420119", "9124", "Margareta", "Björkqvist"),
    *("månd", "tisd", "onsd", "torsd", "fred", "09:00"),
)
"""What a protected person's document must not say, of `protected`."""
