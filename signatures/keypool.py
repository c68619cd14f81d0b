"""Keys made ahead of need, so that nobody who signs waits for one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, Thread

from cryptography.hazmat.primitives.asymmetric import rsa

from .backends import generate_key


class KeyPool:
    """Keys made ahead of need (each costs some tenths of a second); what is taken is never given again, nor kept."""

    def __init__(self, size: int, make: Callable[[], rsa.RSAPrivateKey] = generate_key) -> None:
        self._size, self._make = size, make
        self._keys: deque[rsa.RSAPrivateKey] = deque()
        self._changed = Condition()
        self._ended = False

    def fill(self) -> None:
        """Make keys until the pool is full; call it where nobody waits."""
        while len(self._keys) < self._size:
            self._keys.append(self._make())

    def __call__(self) -> rsa.RSAPrivateKey:
        """A key from the pool, or a fresh one when it is empty."""
        with self._changed:
            self._changed.notify_all()
            if self._keys:
                return self._keys.popleft()
        return self._make()

    @contextmanager
    def kept_full(self) -> Iterator[KeyPool]:
        """The pool, filled up by a thread of its own as keys are taken; at the end the keys left are dropped."""
        self._ended = False
        worker = Thread(target=self._work, name="keys", daemon=True)
        worker.start()
        try:
            yield self
        finally:
            with self._changed:
                self._ended = True
                self._keys.clear()
                self._changed.notify_all()
            worker.join()

    def wait_until_full(self, timeout: float) -> bool:
        """Whether the pool is full within `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._keys) >= self._size, timeout)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._ended or len(self._keys) < self._size)
                if self._ended:
                    return
            key = self._make()
            with self._changed:
                if not self._ended:
                    self._keys.append(key)
                self._changed.notify_all()
