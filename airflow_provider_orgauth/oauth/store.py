"""Somewhere a token is kept between uses."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import Enum, auto
from typing import Protocol

from airflow_provider_orgauth.oauth.steps import Lease, RefreshToken
from airflow_provider_orgauth.oauth.token import Token


class Reach(Enum):
    """How far hosts can share a token at present."""

    WHOLE = auto()
    READING = auto()
    """What others saved can be seen. What is saved here, or the lease, does not stay or cannot be written."""
    NONE = auto()


class LeaseStore(Protocol):
    """Keeps the lease of one client. Neither method raises."""

    def read(self) -> Lease | None:
        """Return the lease, an empty one where there is none, or None if it cannot be read."""

    def write(self, lease: Lease) -> bool:
        """Keep the lease; return whether that surely worked."""


class NoteStore(Protocol):
    """Keeps a text, for the processes of one host. Neither method raises."""

    def read(self) -> str | None:
        """Return the text, or None."""

    def write(self, text: str) -> bool:
        """Keep the text; return whether that worked."""


class RefreshTokens(Protocol):
    """Keeps the newest refresh token of those that descend from one to begin with."""

    @property
    def name(self) -> str:
        """Where all hosts read it, for a message."""

    @property
    def sending(self) -> LeaseStore:
        """Who says that it sends one: the last who did."""

    @property
    def sent(self) -> LeaseStore:
        """Whose request has come to its end: the last who said so."""

    def load(self) -> RefreshToken:
        """Return the newest one.

        :raises ValueError: it cannot be known, and why.
        """

    def save(self, refresh_token: RefreshToken) -> str:
        """Keep it; return why all hosts cannot read it, or "" where they can. Raises nothing."""


def anything(_: Token) -> bool:
    """Return True for any token."""
    return True


class TokenStore(Protocol):
    """Keeps the token of one client. No method raises for a store that is broken or out of reach."""

    @property
    def lease(self) -> LeaseStore | None:
        """The lease by which hosts agree who renews the token; None where no other host reads this store."""

    @property
    def note(self) -> NoteStore | None:
        """The text in which the processes of this host say when they ask again; None where they cannot share one."""

    @property
    def reach(self) -> Reach:
        """How far sharing worked at the last read and write; in full where the token is for no other host."""

    def load(self, good: Callable[[Token], bool] = anything) -> Token | None:
        """Return the newest token that is ``good``, or the newest if none is, or None."""

    def save(self, token: Token) -> Token:
        """Keep the token, unless one of its generation or a newer one is kept; return the one that is kept then.

        Its refresh token is in it only if it could not be kept here, for one process to take.
        """

    def take_refresh_token(self, of: Token) -> Token | None:
        """Return ``of`` with the refresh token that came with it, and keep that no longer; None if it is not here.

        One that came with another token is of no use any more, and is thrown away.
        """

    def lock(self, *, wait: float = 0.0) -> AbstractContextManager[bool]:
        """Lock out the other processes of this host during a renewal; return False where one of them has the lock.

        The lock saves requests, and guards nothing: where the host can have no lock, the answer is True as well.

        :param wait: seconds that may pass first.
        """
