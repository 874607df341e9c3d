"""A hook in the API server: its Variables are rows of the database, and who asks for a token is a person."""

from __future__ import annotations

import socket
import time
from functools import partial
from typing import Any

from airflow_provider_orgauth.cache.database_variable import DatabaseVariable
from airflow_provider_orgauth.cache.memory import MemoryStore
from airflow_provider_orgauth.cache.state_store import StateStore
from airflow_provider_orgauth.cache.store_choice import shared_key
from airflow_provider_orgauth.cache.token_state import Actor, Forgotten, name
from airflow_provider_orgauth.cache.variable_text import MakeVariable
from airflow_provider_orgauth.client.token_errors import token_error_of
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.oauth.store import Reach
from airflow_provider_orgauth.oauth.token import Token
from airflow_provider_orgauth.ui.airflow_server import connection_of_team, team_of

ATTEMPTS = 1
"""A person waits, and can press again."""


class ServerHook(OrgAuthHook):
    """Renews and forgets the shared token of a connection.

    :param user: who pressed the button, for the record.
    """

    def __init__(self, org_conn_id: str, *, user: str) -> None:
        super().__init__(org_conn_id, max_attempts=ATTEMPTS)
        self._user = user
        self._team = team_of(org_conn_id)

    def get_connection(self, conn_id: str) -> Any:  # type: ignore[override]
        """Return the connection; one of a team as that team's tasks see it."""
        if self._team is None:
            return super().get_connection(conn_id)
        return connection_of_team(conn_id, self._team)

    def _variable_text(self) -> MakeVariable:
        # A task's Variables are its team's, and so are those of a renewal for that task.
        return DatabaseVariable if self._team is None else partial(DatabaseVariable, team=self._team)

    def _actor(self) -> Actor:
        return Actor(connection_id=name(self.org_conn_id), host=name(socket.gethostname()), user=name(self._user))

    @property
    def is_shared(self) -> bool:
        """Whether there is a token that this process can renew for all."""
        return self._settings.cache == "variable"

    def renew(self) -> tuple[bool, str]:
        """Renew the token for all, whatever is left of its life, and return whether that worked, and what to say.

        :raises OrgAuthError: the connection is wrong.
        """
        outcome = self._tokens.renew_now()
        if outcome is None:
            return False, "Another process is renewing this token. Look again in a few seconds."
        if not isinstance(outcome, Token):
            return False, str(token_error_of(outcome, self._settings.client, now=time.time()))
        if self._tokens.reach is not Reach.WHOLE:
            return False, "A token came, and it could not be shared: see the API server's log for what is in the way."
        return True, f"Renewed: a token for {outcome.lifetime:g} s. Tasks take it when theirs comes to its end."

    def forget(self) -> tuple[bool, str]:
        """Delete the shared token, so that the next task asks for a new one; return whether there was one.

        :raises OrgAuthError: the connection is wrong.
        """
        client = self._settings.client
        there_was_one = DatabaseVariable(shared_key(client), team=self._team).delete()
        MemoryStore(client.fingerprint).forget()
        forgotten = Forgotten(at=time.time(), by=self._actor())
        StateStore.of(client, self._variable_text()).update(lambda state: state.after_forgetting(forgotten))
        if not there_was_one:
            return False, "There was no shared token. The next task asks for one."
        return True, "Forgotten. The next task asks for a new token; those that run keep the one that they hold."
