"""pyHanko's asynchronous functions, run to their end from code that is not."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def finished(coroutine: Coroutine[Any, Any, T]) -> T:
    """What the coroutine returns, or raises.

    As `asyncio.run`, but without its handling of Ctrl-C, for which it spells out everything that the coroutine has
    returned, a whole PDF among it: none of them waits for anything long enough to be interrupted.
    """
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.close()
