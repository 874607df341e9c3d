"""The session of one walk: what all its requests have in common is worked out once, not for each page."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import requests

from airflow_provider_orgauth.client.gate import Gate
from airflow_provider_orgauth.client.retry import RetryPolicy
from airflow_provider_orgauth.client.session import OrgSession


class WalkSession(OrgSession):
    """The same session, its connections, headers and cookies included, behind a gate.

    To merge headers, cookies and what the environment says of proxies is a good part of what a request costs, and comes
    out the same each time. The threads of a walk would do it one after the other, while none of them fetches.
    """

    def __init__(self, session: OrgSession, gate: Gate, retry: RetryPolicy) -> None:
        vars(self).update(vars(session), _gate=gate, _retry=retry)
        self._environment: Any = None
        self._prepared: tuple[object, requests.PreparedRequest] | None = None

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Prepare it as the last one, but for the query."""
        if request.data or request.json or request.files or request.auth or request.cookies or self.params:
            return super().prepare_request(request)
        if any(self.cookies):  # which of them go along is a question of path and time
            return super().prepare_request(request)
        same = (request.method, request.url, dict(request.headers), dict(self.headers))
        last = self._prepared  # another thread may put its own there
        if last is None or last[0] != same:
            bare = requests.Request(request.method, request.url, request.headers, hooks=request.hooks)
            last = self._prepared = same, super().prepare_request(bare)
        of_page = last[1].copy()
        of_page.hooks = {event: [*hooks] for event, hooks in of_page.hooks.items()}
        query = of_page._encode_params(request.params)  # type: ignore[attr-defined]  # prepare_url does no other
        url = str(of_page.url)
        of_page.url = f"{url}{'&' if '?' in url else '?'}{query}" if query else url
        return of_page

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
