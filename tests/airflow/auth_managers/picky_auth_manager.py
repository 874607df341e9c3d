"""An auth manager that decides for each connection, as FAB's and Keycloak's can; for an API server of the tests."""

from __future__ import annotations

from typing import Any

from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager


class PickyAuthManager(SimpleAuthManager):
    """Lets the user ``picky`` see and change the connection ``permitted``, and no other; nor any DAG."""

    def is_authorized_connection(self, *, method: Any, user: Any, details: Any = None) -> bool:
        if not super().is_authorized_connection(method=method, user=user, details=details):
            return False
        if user.get_name() != "picky":
            return True
        named = details.conn_id if details else None
        return named == "permitted" or (named is None and method == "GET")

    def is_authorized_dag(self, *, method: Any, user: Any, access_entity: Any = None, details: Any = None) -> bool:
        allowed = super().is_authorized_dag(method=method, user=user, access_entity=access_entity, details=details)
        return allowed and user.get_name() != "picky"
