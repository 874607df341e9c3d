"""A machine: its clocks, its lock, its private folder, and all its processes stopped at once."""

from __future__ import annotations

from simulation.variable import Sealed
from simulation.virtual_time import Process, VirtualTime

EPOCH = 1_700_000_000.0
"""Seconds: what a wall clock shows when virtual time begins."""


class Text:
    """A file of the private folder."""

    def __init__(self) -> None:
        self._text: str | None = None

    def read(self) -> str | None:
        """Return the text, or None."""
        return self._text

    def write(self, text: str) -> bool:
        """Keep the text."""
        self._text = text
        return True


class Host:
    """What the processes of one host have in common.

    :param clock_error: how wrong its wall clock is, in seconds.
    :param stale: how old the values are that it reads from Variables, in seconds.
    """

    def __init__(self, time: VirtualTime, *, clock_error: float, stale: float) -> None:
        self._time = time
        self.clock_error = clock_error
        self.stale = stale
        self.correction = Text()
        """What its processes leave each other about its clock."""
        self.holders: set[str] = set()
        """Who holds the lock. The system releases it when its holder dies."""
        self.kept: dict[str, Sealed] = {}
        """The last token, by the name under which the client's processes share it."""
        self.shared: set[str] = set()
        """The names whose kept token was in the Variable, too."""
        self.refresh_tokens: dict[str, Sealed] = {}
        """The token that came with the refresh token that nobody has taken yet."""
        self._stopped_until = 0.0
        self._clocks_stood = 0.0

    def clock(self) -> float:
        """Return the wall clock's seconds."""
        return EPOCH + self._time.now + self.clock_error

    def timer(self) -> float:
        """Return seconds that only ever grow, but not while the machine does not run."""
        return self._time.now - self._clocks_stood

    def stop(self, seconds: float, *, clocks: bool) -> None:
        """Stop all processes; with its ``clocks``, as a machine in a snapshot, of which the wall clock is put right."""
        self._stopped_until = max(self._stopped_until, self._time.now + seconds)
        if clocks:
            self._clocks_stood += seconds

    def keep(self, name: str, sealed: Sealed) -> None:
        """Keep the token, unless one of its generation or a newer one is kept that the same client can open."""
        kept = self.kept.get(name)
        known = kept.opened(sealed.fingerprint) if kept else None
        if known is None or known.generation < sealed.token.generation:
            self.kept[name] = Sealed(sealed.fingerprint, sealed.token.without_refresh_token())

    def run(self, process: Process) -> Process:
        """Let a process run here: it goes on only while the host does."""
        for pause in process:
            yield pause
            while self._stopped_until > self._time.now:
                yield self._stopped_until - self._time.now
