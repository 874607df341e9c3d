"""A Variable of the installation, which remembers all it ever held: any of it may be read, or may land, again."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from airflow_provider_orgauth.oauth.steps import Lease
from airflow_provider_orgauth.oauth.token import Token

T = TypeVar("T")


class Variable(Generic[T]):
    """Holds a value, or None."""

    def __init__(self) -> None:
        self._values: list[T | None] = [None]
        self._since: list[float] = [0.0]
        self.written: list[T] = []
        """All that processes ever wrote, in order."""

    def read(self, at: float) -> T | None:
        """Return what stood here at a moment: a moment ago, if the read is a stale one."""
        return self._values[max(0, bisect_right(self._since, at) - 1)]

    def put(self, value: T | None, now: float) -> None:
        """Let it hold the value, whoever wants that; None deletes it."""
        self._values.append(value)
        self._since.append(now)

    def write(self, value: T, now: float) -> None:
        """Let it hold what a process writes."""
        self.written.append(value)
        self.put(value, now)


@dataclass(frozen=True)
class Sealed:
    """A token that only a client with the same secret can open."""

    fingerprint: str
    token: Token

    def opened(self, fingerprint: str) -> Token | None:
        """Return the token, to whom it is meant for."""
        return self.token if fingerprint == self.fingerprint else None


@dataclass
class Shared:
    """The two Variables of one client: its token and its lease."""

    token: Variable[Sealed] = field(default_factory=Variable)
    lease: Variable[Lease] = field(default_factory=Variable)
