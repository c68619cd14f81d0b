"""What every room's tests share: the independent judges, and which `pipeline` is under test."""

from importlib.util import find_spec

import pytest

pytest_plugins = ["tests.plugins.judges"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--full`: every specimen that the project can make is judged, not a pairwise selection (hours)."""
    parser.addoption("--full", action="store_true", help="judge every specimen, not a pairwise selection")


def pytest_report_header() -> str:
    spec = find_spec("pipeline")
    return f"pipeline under test: {spec.origin if spec else 'not installed'}"
