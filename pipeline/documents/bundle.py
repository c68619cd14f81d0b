"""Where the data of documents lie: `templates/`, beside the code in a wheel and at the root of a source tree."""

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


@cache
def templates() -> Path:
    """The folder of templates; raises `FileNotFoundError` when the installation has lost it."""
    for candidate in (_PACKAGE / "templates", _PACKAGE.parent / "templates"):
        if (candidate / "genomforandeplan").is_dir():
            return candidate
    raise FileNotFoundError("templates")
