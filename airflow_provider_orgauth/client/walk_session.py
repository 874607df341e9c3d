"""The session of one walk: what all its requests have in common is worked out once, not for each page."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import requests

from airflow_provider_orgauth.client.admission_control import AdmissionControl
from airflow_provider_orgauth.client.query import query_of
from airflow_provider_orgauth.client.request_template import RequestTemplate
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
        self._heads: dict[str, RequestTemplate] = {}

    def checked(self, method: str, url: str | bytes, **about: Any) -> requests.PreparedRequest:
        """Return a request, checked. Of those that have only URL and query of their own, the rest is made once."""
        params = about.pop("params", None)
        plain = None
        is_usual = isinstance(url, str) and isinstance(method, str) and method.isupper()
        if is_usual and all(value is None for value in about.values()) and not any(self.cookies):
            plain = self._plain(method, self._url(url), params)
        return plain or super().checked(method, url, params=params, **about)

    def _plain(self, method: str, url: str, params: Any) -> requests.PreparedRequest | None:
        """Return a request without a body and headers of its own; None: it has to be made as any other."""
        head = self._heads.get(method)
        if head is None:
            bare = requests.Request(method, url, params=params or {})
            if not self._is_plain(bare):
                return None
            head = self._template_of(bare)
            self.check(head.at(url, ""))
            self._heads[method] = head
        if isinstance(params, str | bytes) or not head.is_for(url):
            return None
        return head.at(url, query_of(params))

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
