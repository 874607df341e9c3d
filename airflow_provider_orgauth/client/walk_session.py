"""The session of one walk: what all its requests have in common is worked out once, not for each page."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import requests

from airflow_provider_orgauth.client.admission_control import AdmissionControl
from airflow_provider_orgauth.client.query import query_of
from airflow_provider_orgauth.client.retry import RetryPolicy
from airflow_provider_orgauth.client.session import OrgSession

_NO_HOOKS = requests.Request().hooks


class WalkSession(OrgSession):
    """The same session, its connections, headers and cookies included, behind admission control.

    To merge headers, cookies and what the environment says of proxies is a good part of what a request costs, and comes
    out the same each time. The threads of a walk would do it one after the other, while none of them fetches.
    """

    def __init__(self, session: OrgSession, admission: AdmissionControl | None, retry: RetryPolicy) -> None:
        vars(self).update(vars(session), admission=admission, retry=retry)
        self._environment: Any = None
        self._prepared: tuple[object, str | bytes, requests.PreparedRequest] | None = None

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Prepare it as the last one, but for the query."""
        if not self._is_plain(request):
            return super().prepare_request(request)
        hooks = {event: [*some] for event, some in self.hooks.items()}
        in_common = request.method, dict(request.headers), dict(self.headers or ()), hooks
        last = self._prepared  # another thread may put its own there
        if last is None or last[0] != in_common:
            bare = requests.Request(request.method, request.url, request.headers)
            last = self._prepared = in_common, request.url, super().prepare_request(bare)
        prepared = last[2].copy()
        prepared.hooks = {event: [*some] for event, some in prepared.hooks.items()}
        # As prepare_url does it, and the rest is prepared. There is no "#" in it: Origin.url refuses those.
        query = query_of(request.params)
        if request.url != last[1]:
            prepared.prepare_url(request.url, None)
        url = str(prepared.url)
        prepared.url = f"{url}{'&' if '?' in url else '?'}{query}" if query else url
        return prepared

    def _is_plain(self, request: requests.Request) -> bool:
        """Tell whether nothing but the query can differ from one request to the next.

        Cookies may: which of them go along is a question of path and time. So may what someone's own ``auth`` adds.
        """
        return (
            request.json is None
            and not (request.data or request.files or request.auth or request.cookies or request.hooks != _NO_HOOKS)
            and not (self.params or any(self.cookies))
            and self.auth is self.bearer
        )

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
