"""One good plan, sealed, for the whole session."""

from __future__ import annotations

import hashlib

import pytest

from signatures.verify import Expected, ExpectedSignature, Trust

from .attacks import Plan
from .pki import world
from .plans import PEOPLE, TITLE, Signing, stages


@pytest.fixture(scope="session")
def plan() -> Plan:
    """A good plan in every stage, and a second certificate world that nobody trusts."""
    good = world("Norrbro")
    return Plan(good, world("Falskbo"), {s.name: s.pdf for s in stages(Signing(good))})


@pytest.fixture(scope="session")
def trust(plan: Plan) -> Trust:
    return Trust(plan.world.root.pem(), plan.world.root.pem())


@pytest.fixture(scope="session")
def record(plan: Plan) -> Expected:
    """What the archive knows about the good plan."""
    signed = tuple(ExpectedSignature(field=role, role=role, name=person) for role, person in PEOPLE)
    return Expected(hashlib.sha256(plan.at["base"]).hexdigest(), signed, title=TITLE)
