"""Time and names in the hands of a cell: each thread has its own time, and all share one resolver."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from typing import Any

_mine = threading.local()
_real_getaddrinfo = socket.getaddrinfo


class Waits:
    """The clock of client and server; the client's waits are written down, and something may happen in one."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self.taken: list[float] = []
        self.during: Callable[[int], None] = lambda number: None

    def clock(self) -> float:
        """Epoch seconds."""
        return time.time() + self._ahead

    def sleep(self, seconds: float) -> None:
        """Let the time pass, as a wait of the client."""
        self.pass_by(seconds)
        self.taken.append(seconds)
        self.during(len(self.taken))

    def pass_by(self, seconds: float) -> None:
        """Let the time pass."""
        self._ahead += seconds

    def __enter__(self) -> Waits:
        """Be the time of this thread."""
        _mine.waits = self
        return self

    def __exit__(self, *_: object) -> None:
        del _mine.waits


def clock() -> float:
    """Return the time of this thread's cell."""
    return _mine.waits.clock()


def sleep(seconds: float) -> None:
    """Wait in this thread's cell."""
    _mine.waits.sleep(seconds)


class Resolver:
    """Knows the addresses, and the names in ``known``, which are all this machine's."""

    def __init__(self) -> None:
        self.known: set[str] = set()

    def getaddrinfo(self, host: str, *args: Any, **kwargs: Any) -> Any:
        """Resolve as the system does, which in truth is asked for nothing that would leave this machine."""
        if not host.endswith(".test"):
            return _real_getaddrinfo(host, *args, **kwargs)
        if host not in self.known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return _real_getaddrinfo("127.0.0.1", *args, **kwargs)


resolver = Resolver()
