"""The hook of a person: in the API server, or at a terminal.

Such a process has Airflow's database, and no supervisor that a task would ask for Variables.
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.cache.database_variable import DatabaseVariable
from airflow_provider_orgauth.cache.memory import MemoryStore
from airflow_provider_orgauth.cache.state_store import StateStore, state_key
from airflow_provider_orgauth.cache.store_choice import lease_key, shared_key, shared_texts
from airflow_provider_orgauth.cache.token_state import Actor, Forgotten, name
from airflow_provider_orgauth.client.token_errors import token_error_of
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.hooks.connection_team import connection_of_team, team_of, team_of_variables
from airflow_provider_orgauth.hooks.connection_type import CONNECTION_TYPE, HOOK_NAME
from airflow_provider_orgauth.hooks.once import once
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.oauth.token import Token

if TYPE_CHECKING:
    from airflow_provider_orgauth.cache.shared_store import SharedStore
    from airflow_provider_orgauth.cache.variable_text import MakeVariable
    from airflow_provider_orgauth.hooks.connection import ConnectionSettings

BUSY = "Another process is renewing this token. Look again in a few seconds."
NOT_SHARED = (
    "A token came, and it could not be shared. The log says what is in the way: that of the API server, or of a "
    "command with --verbose."
)
OF_ANOTHER_TEAM = (
    "The tasks of a team share this token, and this connection is not that team's: nothing was done. Variables are one "
    "team's each. Give each team a connection of its own, which is a client of its own."
)
NOTHING_TO_FORGET = "There was no shared token. The next task asks for one."
FORGOTTEN = "Forgotten. The next task asks for a new token; those that run keep the one that they hold."


@dataclass(frozen=True, slots=True)
class Said:
    """What came of an action.

    :param done: whether it did what it is for.
    :param says: a sentence for the person who asked for it.
    """

    done: bool
    says: str


class DatabaseHook(OrgAuthHook):
    """Renews and forgets the shared token of a connection, and looks at it; calls as every hook does.

    A connection of a team is that team's, and so are its Variables.

    :param user: who asks, for the record of the token; None: only the host is known.
    """

    def __init__(self, org_conn_id: str, *, user: str | None = None, max_attempts: int | None = None) -> None:
        super().__init__(org_conn_id, max_attempts=max_attempts)
        self._user = user

    def get_connection(self, conn_id: str) -> Any:  # type: ignore[override]
        """Return the connection.

        :raises AirflowNotFoundException: there is none.
        :raises ConfigurationError: it is of another type. What it holds is not for our requests.
        """
        connection = connection_of_team(conn_id, self._team)
        if connection.conn_type != CONNECTION_TYPE:
            raise ConfigurationError(
                "conn_type",
                f"of {conn_id!r} is {connection.conn_type!r}",
                advice=f"Name a connection of the type {CONNECTION_TYPE} ({HOOK_NAME}).",
            )
        return connection

    @property
    def settings(self) -> ConnectionSettings:
        """What the connection says.

        :raises OrgAuthError: there is none, or it is wrong.
        """
        return self._settings

    @property
    def shared(self) -> SharedStore:
        """The shared token as all hosts see it: for looking."""
        return shared_texts(self._settings.client, variable=self._variable_text())

    @property
    def states(self) -> StateStore:
        """What is known of the token besides."""
        return StateStore.of(self._settings.client, self._variable_text())

    def renew(self) -> Said:
        """Renew the shared token for all, whatever is left of its life, by the rules by which tasks renew it.

        :raises TokenError: there is none, with the reason and what to do.
        :raises OrgAuthError: the connection is wrong, or its token is not shared.
        """
        self._insist_on_variable()
        if self.is_of_another_team():
            return Said(False, OF_ANOTHER_TEAM)
        outcome = self._tokens.renew_now()
        if outcome is None:
            return Said(False, BUSY)
        if not isinstance(outcome, Token):
            raise token_error_of(outcome, self._settings.client, now=time.time())
        shared = self.shared.load()
        if shared is None or shared.generation < outcome.generation:
            return Said(False, NOT_SHARED)
        return Said(True, f"Renewed: a token for {outcome.lifetime:g} s. Tasks take it when theirs comes to its end.")

    def forget(self) -> Said:
        """Delete the shared token, so that the next task asks for a new one; ``done`` says whether there was one.

        :raises OrgAuthError: the connection is wrong, or its token is not shared.
        """
        self._insist_on_variable()
        if self.is_of_another_team():
            return Said(False, OF_ANOTHER_TEAM)
        client = self._settings.client
        # Without it, all hosts drop their own copies, and the refresh token: see cache/shared_store.py.
        there_was_one = DatabaseVariable(shared_key(client), team=self._team).delete()
        MemoryStore(client.fingerprint).forget()
        forgotten = Forgotten(at=time.time(), by=self._actor())
        self.states.update(lambda state: state.after_forgetting(forgotten))
        return Said(True, FORGOTTEN) if there_was_one else Said(False, NOTHING_TO_FORGET)

    @once
    def _team(self) -> str | None:
        return team_of(self.org_conn_id)

    def is_of_another_team(self) -> bool:
        """Return whether tasks of another team than the connection's share its token: what we wrote would be theirs."""
        client = self._settings.client
        owner = team_of_variables((shared_key(client), lease_key(client), state_key(client)))
        return owner is not None and owner != self._team

    def _variable_text(self) -> MakeVariable:
        return _variables_of(self._team)

    def _actor(self) -> Actor:
        user = None if self._user is None else name(self._user)
        return Actor(connection_id=name(self.org_conn_id), host=name(socket.gethostname()), user=user)

    def _insist_on_variable(self) -> None:
        kept_in = self._settings.cache
        if kept_in != "variable":
            raise ConfigurationError(
                "cache (Share the token through)",
                f"is {kept_in}, so tokens are not shared, and none can be renewed or forgotten for all",
                advice="Tasks renew theirs by themselves. To share one, set the field to variable.",
            )


@cache
def _variables_of(team: str | None) -> MakeVariable:
    """Return the same for the same team: what a process remembers of a Variable is found by it."""
    return DatabaseVariable if team is None else partial(DatabaseVariable, team=team)
