"""A server inside the network that no verifier has any business with: it counts who comes, and hangs up."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import cache


@dataclass(slots=True)
class Listener:
    """Listens on 127.0.0.1 for as long as the process lives."""

    socket: socket.socket
    visits: int = 0

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                visitor, _ = self.socket.accept()
                self.visits += 1
                visitor.close()


@cache
def listener() -> Listener:
    """The one listener of this process."""
    made = Listener(socket.create_server(("127.0.0.1", 0)))
    threading.Thread(target=made.serve, daemon=True).start()
    return made
