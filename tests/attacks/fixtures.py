"""One good plan, sealed, for the whole session; both `tests/attacks` and `tests/verify` are about it."""

from __future__ import annotations

import hashlib
from functools import cache

import pytest

from signatures.verify import Expected, ExpectedSignature, Trust

from .model import Attack, Plan
from .pki import world
from .plans import PEOPLE, TITLE, Signing, stages


@cache
def good_plan() -> Plan:
    """A good plan in every stage, and a second certificate world that nobody trusts."""
    good = world("Norrbro")
    return Plan(good, world("Falskbo"), {s.name: s.pdf for s in stages(Signing(good))})


@cache
def made(attack: Attack) -> bytes:
    """The attack's file, made once a session: it is judged by several."""
    return attack.make(good_plan())


@pytest.fixture(scope="session")
def plan() -> Plan:
    return good_plan()


@pytest.fixture(scope="session")
def trust() -> Trust:
    root = good_plan().world.root.pem()
    return Trust(root, root)


@pytest.fixture(scope="session")
def record() -> Expected:
    """What the archive knows about the good plan."""
    signed = tuple(ExpectedSignature(field=role, role=role, name=person) for role, person in PEOPLE)
    return Expected(hashlib.sha256(good_plan().at["base"]).hexdigest(), signed, title=TITLE)
