"""The hook of a command: its process has the database, and no supervisor that a task would ask for Variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.cache.database_variable import DatabaseVariable
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.hooks.connection import ConnectionSettings, read_connection
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.oauth.asking import Renewed

if TYPE_CHECKING:
    from airflow_provider_orgauth.cache.variable_text import MakeVariable


class DatabaseHook(OrgAuthHook):
    """The same hook; the token that it shares is read and written in the database."""

    @classmethod
    def get_connection(cls, conn_id: str) -> Any:
        """Return the connection: of a secrets backend, the environment or the database."""
        from airflow.models import Connection

        return Connection.get_connection_from_secrets(conn_id)

    def _variable_text(self) -> MakeVariable:
        return DatabaseVariable

    def renew_now(self) -> Renewed:
        """Renew the shared token although it is good; see :meth:`~.token_source.TokenSource.renew_now`."""
        return self._tokens.renew_now()

    @property
    def settings(self) -> ConnectionSettings:
        """What the connection says."""
        return self._settings


def settings_of(conn_id: str) -> ConnectionSettings:
    """Return what a connection says, which is one of this provider's.

    :raises ConfigurationError: it is of another type, or wrong.
    :raises AirflowNotFoundException: there is none.
    """
    connection = DatabaseHook.get_connection(conn_id)
    if connection.conn_type != OrgAuthHook.conn_type:
        raise ConfigurationError(
            "conn_type", f"of {conn_id!r} is {connection.conn_type!r}", advice="Name a connection of the type orgauth."
        )
    return read_connection(connection)
