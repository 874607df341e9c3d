"""Somewhere a token is kept between uses."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from airflow_provider_orgauth.oauth.steps import Lease
from airflow_provider_orgauth.oauth.token import Token


class LeaseStore(Protocol):
    """Keeps the lease of one client. Neither method raises."""

    def read(self) -> Lease | None:
        """Return the lease, an empty one where there is none, or None if it cannot be read."""

    def write(self, lease: Lease) -> bool:
        """Keep the lease; tell whether that surely worked."""


class TokenStore(Protocol):
    """Keeps the token of one client. No method raises for a store that is broken or out of reach."""

    @property
    def lease(self) -> LeaseStore | None:
        """Where hosts that read what is saved here say which of them renews it; None where no other host does."""

    def load(self) -> Token | None:
        """Return the token, or None."""

    def save(self, token: Token) -> None:
        """Keep the token."""

    def lock(self, *, wait: float = 0.0) -> AbstractContextManager[bool]:
        """Keep other processes of this host away while a token is renewed; True where that succeeded.

        Nobody may rely on being alone: where there can be no lock, the answer is True too.

        :param wait: seconds that may pass first.
        """
