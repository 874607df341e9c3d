"""Somewhere a token is kept between uses."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import Enum, auto
from typing import Protocol

from airflow_provider_orgauth.oauth.steps import Lease
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
        """Keep the lease; tell whether that surely worked."""


class NoteStore(Protocol):
    """Keeps a text, for the processes of one host. Neither method raises."""

    def read(self) -> str | None:
        """Return the text, or None."""

    def write(self, text: str) -> bool:
        """Keep the text; tell whether that worked."""


def anything(_: Token) -> bool:
    """Take any token for a good one."""
    return True


class TokenStore(Protocol):
    """Keeps the token of one client. No method raises for a store that is broken or out of reach."""

    @property
    def lease(self) -> LeaseStore | None:
        """Where hosts that read what is saved here say which of them renews it; None where no other host does."""

    @property
    def note(self) -> NoteStore | None:
        """Where the processes of this host tell each other when they ask again; None where they cannot."""

    @property
    def reach(self) -> Reach:
        """What this process found when it last read and wrote; the whole where no other host was ever to see it."""

    def load(self, good: Callable[[Token], bool] = anything) -> Token | None:
        """Return the newest token that is ``good``, or the newest if none is, or None."""

    def save(self, token: Token) -> Token:
        """Keep the token, unless one of its generation or a newer one is kept; return the one that is kept then.

        It comes back with its refresh token only if that could not be kept here for whoever takes it.
        """

    def take_refresh_token(self, of: Token) -> Token | None:
        """Return ``of`` with the refresh token that came with it, and keep that no longer; None if it is not here.

        One that came with another token is of no use any more, and is thrown away.
        """

    def lock(self, *, wait: float = 0.0) -> AbstractContextManager[bool]:
        """Keep other processes of this host away while a token is renewed; True where that succeeded.

        Nobody may rely on being alone: where there can be no lock, the answer is True too.

        :param wait: seconds that may pass first.
        """
