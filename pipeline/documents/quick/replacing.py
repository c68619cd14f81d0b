"""How a function of WeasyPrint is replaced in every module that has imported it by name."""

import sys
from collections.abc import Callable
from typing import Any


def everywhere(old: Callable[..., Any], new: Callable[..., Any]) -> None:
    """Put `new` in the place of `old` in each loaded module of WeasyPrint; raises LookupError when it is in none."""
    name = old.__name__
    holders = [
        m for key, m in list(sys.modules.items()) if key.partition(".")[0] == "weasyprint" and vars(m).get(name) is old
    ]
    if not holders:
        raise LookupError(name)
    for module in holders:
        setattr(module, name, new)
