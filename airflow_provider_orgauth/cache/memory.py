"""Tokens in the memory of this process, shared by all its threads and hooks."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from airflow_provider_orgauth.oauth.store import Reach, anything
from airflow_provider_orgauth.oauth.token import Token

TOKENS: dict[str, Token] = {}
"""By the fingerprint of their client; a new process has none."""


def _leave_refresh_tokens() -> None:
    """Leave them to the parent: if every forked child sent the same one, strict servers would end the whole family."""
    for fingerprint, token in TOKENS.items():
        TOKENS[fingerprint] = token.without_refresh_token()


os.register_at_fork(after_in_child=_leave_refresh_tokens)


class MemoryStore:
    """The token of one client, told apart by its fingerprint. A single dict look-up, so it needs no lock."""

    lease = None
    note = None
    reach = Reach.WHOLE

    def __init__(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint

    def load(self, good: Callable[[Token], bool] = anything) -> Token | None:
        """Return the token, or None."""
        return TOKENS.get(self._fingerprint)

    def forget(self) -> None:
        """Drop the token."""
        TOKENS.pop(self._fingerprint, None)

    def save(self, token: Token) -> Token:
        """Keep the token until this process ends, whatever was here: its threads share one renewal anyway."""
        TOKENS[self._fingerprint] = token
        return token

    def take_refresh_token(self, of: Token) -> Token | None:
        """Return the token with its refresh token, and keep it without."""
        held = TOKENS.get(self._fingerprint)
        if held is None or held.refresh_token is None:
            return None
        TOKENS[self._fingerprint] = held.without_refresh_token()
        return held if held.is_same(of) else None

    def lock(self, *, wait: float = 0.0) -> AbstractContextManager[bool]:
        """Lock nothing: the threads of one process share one renewal anyway."""
        return nullcontext(True)
