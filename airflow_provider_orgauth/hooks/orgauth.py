"""``OrgAuthHook``: an authenticated call from any task.

The hook in four files: what it is made of, and what it sends one by one, page by page, and to files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.exceptions import OrgAuthError
from airflow_provider_orgauth.hooks.hook_files import HookFiles
from airflow_provider_orgauth.hooks.hook_lists import HookLists

if TYPE_CHECKING:
    from airflow_provider_orgauth.cache.seal import Seal


class OrgAuthHook(HookLists, HookFiles):
    """Calls the API of one ``orgauth`` connection with a token that is valid now.

    ::

        hook = OrgAuthHook("orgauth_default")
        hook.run("/api/v1/organization/profile").json()

    Nothing is looked up before it is needed: making a hook costs nothing, and the connection is read once.

    :param org_conn_id: the id of the connection.
    :param clock: epoch seconds; tests give their own.
    :param sleep: waits between attempts, in seconds; None waits so that :meth:`cancel` ends it early.
    :param max_attempts: how often a request is sent at most, the first time included; None: as the connection says.
    """

    @staticmethod
    def get_connection_form_widgets() -> dict[str, Any]:
        """Return the form's fields, for Airflow before 3.2; later versions read the provider info."""
        from airflow_provider_orgauth.hooks.widgets import connection_form_widgets

        return connection_form_widgets()

    @staticmethod
    def get_ui_field_behaviour() -> dict[str, Any]:
        """Return the form's standard fields, for Airflow before 3.2; later versions read the provider info."""
        from airflow_provider_orgauth.hooks.widgets import ui_field_behaviour

        return ui_field_behaviour()

    @property
    def seal(self) -> Seal:
        """Return the seal for what is stored where others may read it: it opens with this connection's secret only."""
        from airflow_provider_orgauth.cache.seal import seal_of

        return seal_of(self._settings.client)

    @property
    def fingerprint(self) -> str:
        """Return a digest of what the connection contributes to each request: its server and its headers.

        The client's secret is part of it, so that no header's value can be guessed from it.
        """
        import hashlib
        import json

        settings = self._settings
        parts = [settings.client.fingerprint, settings.server.origin, sorted(settings.http.headers.items())]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @property
    def retry_statuses(self) -> frozenset[int]:
        """Return the statuses that the connection adds to those after which a request is repeated."""
        return self._settings.http.retry_statuses

    @property
    def origin(self) -> str:
        """Return the scheme, host and port of the connection's server."""
        return self._settings.server.origin

    def is_up_to_date(self) -> bool:
        """Return whether the connection still says what this hook has read of it. It is read again."""
        from airflow_provider_orgauth.hooks.connection_lookup import settings_of

        try:
            return settings_of(self.org_conn_id, self.get_connection) == self._settings
        except OrgAuthError:
            return False

    def test_connection(self) -> tuple[bool, str]:
        """Ask for one token and say what worked or what to change. Reads no cache and leaves nothing behind."""
        from airflow_provider_orgauth.hooks.connection_check import checked

        try:
            settings = self._settings
        except OrgAuthError as error:
            return False, str(error)
        if settings.client.refresh_token is not None:
            from airflow_provider_orgauth.hooks.refresh_check import checked_by_refresh

            return checked_by_refresh(settings, self._retry)
        return checked(settings, self._retry)

    def url(self, endpoint: str) -> str:
        """Return the absolute URL of an endpoint: of a path on the connection's server, or of a URL there.

        :raises ForeignOriginError: it is not valid, or on another server.
        """
        return self._settings.server.url(endpoint)
