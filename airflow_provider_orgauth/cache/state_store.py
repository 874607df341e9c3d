"""Where the state of a client's token is kept: a Variable of its own, beside the token's.

It is for people. A record that cannot be read counts as none, one that cannot be written is left: the DEBUG log says
so, and no task fails. There is no compare-and-swap, so of two that write at once one is lost.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from airflow_provider_orgauth.cache.state_record import STATE_KEY_PREFIX, state_from_text, state_to_text
from airflow_provider_orgauth.cache.text_store import TextStore
from airflow_provider_orgauth.cache.token_state import TokenState, name
from airflow_provider_orgauth.cache.variable_text import MakeVariable
from airflow_provider_orgauth.oauth.client import OAuthClient

log = logging.getLogger(__name__)

STATE_NOTE = "What an orgauth connection's token went through, without the token; may be deleted at any time."


def state_key(client: OAuthClient) -> str:
    """Return the key of the Variable with the state of ``client``'s token: the same for each secret that it has."""
    return f"{STATE_KEY_PREFIX}{client.name}"


class StateStore:
    """The state of ``client``'s token in ``texts``. No method raises."""

    def __init__(self, texts: TextStore, client: OAuthClient) -> None:
        self._texts = texts
        self._empty = TokenState(
            server=name(client.api_origin or client.token_server), token_server=name(client.token_server)
        )

    @classmethod
    def of(cls, client: OAuthClient, variable: MakeVariable) -> StateStore:
        """Return the state of ``client``'s token in the Variable that is its place."""
        return cls(variable(state_key(client), note=STATE_NOTE), client)

    def load(self) -> TokenState | None:
        """Return the state; None where there is none, or none that can be read."""
        try:
            return self._kept()
        except Exception as error:
            log.debug("%s cannot be read (%s); going on without.", self._texts.description, type(error).__name__)
            return None

    def update(self, change: Callable[[TokenState], TokenState]) -> bool:
        """Write what ``change`` makes of the state, unless it changes nothing; return whether that worked."""
        try:
            kept = self._kept() or self._empty
            changed = change(kept)
            if changed is not kept:
                self._texts.write(state_to_text(changed))
        except Exception as error:  # it is for people: whatever its backend raises, the task has its token
            log.debug("%s cannot be kept (%s); going on without.", self._texts.description, type(error).__name__)
            return False
        return True

    def _kept(self) -> TokenState | None:
        return state_from_text(next(iter(self._texts.read()), None))
