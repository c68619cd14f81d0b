"""The good plan, what is known of it, and every attack on it."""

import pytest

from .corpus import ATTACKS
from .fixtures import plan, record, trust
from .model import Attack

__all__ = ["attack", "plan", "record", "trust"]


@pytest.fixture(scope="module", params=ATTACKS, ids=lambda a: a.name)
def attack(request: pytest.FixtureRequest) -> Attack:
    """Each attack in turn; all that is asked about one is asked in a row, so that its file is made once."""
    made: Attack = request.param
    return made
