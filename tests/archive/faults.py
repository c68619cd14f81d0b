"""Failing the nth call of a kind, and counting how many there are."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

CALLS = ("fsync", "rename", "open", "mkdir", "fdopen", "unlink")


class Cut(BaseException):
    """The process ends here, as far as its own clean-up goes."""


@dataclass
class Fault:
    """The nth `os.<call>` raises; when it raises `Cut`, so does every call after it: nothing cleans up."""

    call: str
    nth: int
    error: Callable[[], BaseException]
    count: int = 0
    dead: bool = False

    def wrap(self, name: str, real: Callable) -> Callable:
        def counted(*args: object, **kwargs: object) -> object:
            if self.dead:
                raise Cut
            self.count += name == self.call
            if name == self.call and self.count == self.nth:
                raised = self.error()
                self.dead = isinstance(raised, Cut)
                raise raised
            return real(*args, **kwargs)

        return counted


@contextmanager
def fail_at(call: str, nth: int, error: Callable[[], BaseException]) -> Iterator[Fault]:
    """Within the block the fault is armed."""
    fault = Fault(call, nth, error)
    with pytest.MonkeyPatch.context() as patched:
        for name in CALLS:
            patched.setattr(os, name, fault.wrap(name, getattr(os, name)))
        yield fault
