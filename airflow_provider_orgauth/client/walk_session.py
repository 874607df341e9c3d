"""The session of one walk: what all its requests have in common is worked out once, not for each page."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

import requests
from requests.structures import CaseInsensitiveDict

from airflow_provider_orgauth.client.admission_control import AdmissionControl
from airflow_provider_orgauth.client.query import query_of
from airflow_provider_orgauth.client.request_template import RequestTemplate
from airflow_provider_orgauth.client.retry_policy import RetryPolicy
from airflow_provider_orgauth.client.session import OrgSession


class WalkSession(OrgSession):
    """The same session, its connections, headers and cookies included, behind admission control.

    To merge headers, cookies and what the environment says of proxies is a good part of what a request costs, and comes
    out the same each time. The threads of a walk would do it one after the other, while none of them fetches.
    """

    def __init__(self, session: OrgSession, admission: AdmissionControl | None, retry: RetryPolicy) -> None:
        vars(self).update(vars(session), admission=admission, retry=retry)
        self._environment: Any = None
        self._template: RequestTemplate | None = None

    def prepared(self, method: str, url: str | bytes, **about: Any) -> requests.PreparedRequest:
        """Return the request as :meth:`OrgSession.prepared` does, from a template where there is no body."""
        headers = about.get("headers")
        if not self._is_plain(about) or not isinstance(headers, Mapping | None):
            return super().prepared(method, url, **about)
        url = self._url(url)
        request = self._template_of(method, headers).at(url, query_of(about.get("params")))
        if "Host" in request.headers or not self._server.owns(request.url or ""):
            self.check(request)
        return request

    def _template_of(self, method: str, headers: Mapping[str, Any] | None) -> RequestTemplate:
        hooks = {event: [*some] for event, some in self.hooks.items()}
        made_of = method, headers and dict(headers), _entries(self.headers), hooks
        template = self._template  # another thread may put its own there
        if template is None or template.made_of != made_of:
            template = self._template = RequestTemplate(made_of, super().prepared(method, "/", headers=headers))
        return template

    def _is_plain(self, about: Mapping[str, Any]) -> bool:
        """Tell whether nothing but URL and query can differ from one request to the next.

        Cookies may: which of them go along is a question of path and time. So may what someone's own ``auth`` adds.
        """
        return (
            about.get("json") is None
            and not (about.get("data") or about.get("files"))
            and not isinstance(about.get("params"), str | bytes)
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


def _entries(headers: Any) -> list[Any]:
    """Return a session's headers as they can be compared."""
    if isinstance(headers, CaseInsensitiveDict):
        return list(headers.lower_items())  # in a third of the time
    return list((headers or {}).items())
