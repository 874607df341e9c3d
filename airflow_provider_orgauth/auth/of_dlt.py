"""For the ``rest_api`` of dlt, which takes auths of its own kind only; its ``RESTClient`` takes any of ``requests``."""

from __future__ import annotations

from typing import Self

from dlt.sources.helpers.rest_client.auth import AuthConfigBase

from airflow_provider_orgauth.auth.of_requests import OrgAuth
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook


class OrgDltAuth(OrgAuth, AuthConfigBase):  # type: ignore[misc,unused-ignore]  # where dlt is not installed
    """An ``auth`` in the configuration of a ``rest_api`` source.

    ::

        rest_api_source({"client": {"base_url": "…", "auth": OrgDltAuth("orgauth_default")}, "resources": […]})

    :param org_conn_id: the connection; dlt resolves nothing of it.
    """

    def __init__(self, org_conn_id: str = OrgAuthHook.default_conn_name) -> None:
        OrgAuth.__init__(self, org_conn_id)
        self.resolve()  # there is nothing that dlt should look up in its own configuration

    def copy(self) -> Self:
        """Return itself: all copies of dlt's configuration share one token."""
        return self
