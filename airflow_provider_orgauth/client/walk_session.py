"""The session of one walk: what all its requests have in common is worked out once, not for each page."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from airflow_provider_orgauth.client.admission_control import AdmissionControl
from airflow_provider_orgauth.client.retry_policy import RetryPolicy
from airflow_provider_orgauth.client.session import OrgSession


class WalkSession(OrgSession):
    """The same session, its connections, headers and cookies included, behind admission control.

    To find out what the environment says of proxies is a good part of what a request costs, and comes out the same each
    time. The threads of a walk would do it one after the other, while none of them fetches.
    """

    def __init__(self, session: OrgSession, admission: AdmissionControl | None, retry: RetryPolicy) -> None:
        vars(self).update(vars(session), admission=admission, retry=retry)
        self._environment: Any = None

    def merge_environment_settings(
        self,
        url: str | bytes | None,
        proxies: MutableMapping[str, str] | None,
        stream: bool | None,
        verify: bool | str | None,
        cert: Any,
    ) -> Any:
        """Look only once for proxies in the environment: to go through all its variables is a tenth of a request."""
        if proxies or stream is not None or verify is not None or cert is not None:
            return super().merge_environment_settings(url, proxies, stream, verify, cert)
        if self._environment is None:
            self._environment = super().merge_environment_settings(url, proxies, stream, verify, cert)
        return {**self._environment, "proxies": dict(self._environment["proxies"])}
