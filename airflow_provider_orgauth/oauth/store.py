"""Somewhere a token is kept between uses."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from airflow_provider_orgauth.oauth.token import Token


class TokenStore(Protocol):
    """Keeps the token of one client. Neither method raises for a store that is broken or out of reach."""

    def load(self) -> Token | None:
        """Return the token, or None."""

    def save(self, token: Token) -> None:
        """Keep the token."""

    def lock(self) -> AbstractContextManager[None]:
        """Keep others away who share this store, as far as they can be reached, while a token is renewed.

        Waiting ends after a few seconds whatever happens, so nobody may rely on being alone.
        """
