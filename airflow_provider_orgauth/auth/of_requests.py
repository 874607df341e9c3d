"""For ``requests``, and for those that are built on it: Airflow's HTTP provider, dlt."""

from __future__ import annotations

import requests
from requests.auth import AuthBase

from airflow_provider_orgauth.auth.connection_auth import ConnectionAuth
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook


class OrgAuth(ConnectionAuth, AuthBase):
    """A ``requests`` auth that can be imported, named and pickled.

    ::

        HttpOperator(task_id="profile", http_conn_id="my_api", endpoint="/profile", auth_type=OrgAuth)

    Airflow's HTTP provider calls ``auth_type`` with Login and Password of its own connection: write the id of the
    ``orgauth`` connection as Login there, or leave Login empty for ``orgauth_default``. The password is not used. As an
    auth of its own: ``OrgAuth("orgauth_default")``.

    :param org_conn_id: the connection.
    """

    def __init__(self, org_conn_id: str = OrgAuthHook.default_conn_name, password: str | None = None) -> None:
        super().__init__(org_conn_id)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign ``request`` with a token that is valid now."""
        return self.bearer(request)
