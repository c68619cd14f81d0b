"""What every room's tests share: the independent judges, and which `pipeline` is under test."""

from importlib.util import find_spec

pytest_plugins = ["tests.plugins.judges"]


def pytest_report_header() -> str:
    spec = find_spec("pipeline")
    return f"pipeline under test: {spec.origin if spec else 'not installed'}"
