"""What every room's tests share: the independent judges, and which `pipeline` is under test."""

from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from itertools import cycle

import pytest

from signatures.backends import generate_key
from signatures.backends.token import Token
from signatures.issuer import Issuer

pytest_plugins = ["tests.plugins.judges", "tests.plugins.etsi_schema"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--full`: every specimen that the project can make is judged, not a pairwise selection (hours)."""
    parser.addoption("--full", action="store_true", help="judge every specimen, not a pairwise selection")


def pytest_report_header() -> str:
    spec = find_spec("pipeline")
    return f"pipeline under test: {spec.origin if spec else 'not installed'}"


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> Token:
    """A token for the whole session: SoftHSM reads where its tokens are once in a process."""
    from tests.signatures import keys

    return keys.token(tmp_path_factory.mktemp("softhsm"))


@pytest.fixture(scope="session", autouse=True)
def keys_of_acts() -> Iterator[None]:
    """Making a key for each of some thousand signatures takes minutes: in this process they take turns with a few.

    What a daemon or a command of its own does is as ever, and so are the keys of issuers and time-stamp units.
    """
    load = Issuer.load.__func__  # type: ignore[attr-defined]
    real = load.__defaults__
    assert generate_key in real
    turns = cycle([generate_key() for _ in range(4)])  # ready at once: threads may ask
    load.__defaults__ = tuple(partial(next, turns) if each is generate_key else each for each in real)
    yield
    load.__defaults__ = real
