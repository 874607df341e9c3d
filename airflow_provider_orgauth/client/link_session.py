"""The session of a link: to a file on another host, which the link itself lets one have.

A server that has made a report often answers with the address of it in some store, signed and good for minutes. That
host is none of the connection's: it gets no token, no default header, no cookie, and no log gets the link's query.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from requests.cookies import RequestsCookieJar
from requests.utils import default_headers

from airflow_provider_orgauth.client import request_validation
from airflow_provider_orgauth.client.api_header import HasHeaders
from airflow_provider_orgauth.client.auth import BearerAuth
from airflow_provider_orgauth.client.download_session import DownloadSession, TakeAnswer
from airflow_provider_orgauth.client.endpoint import is_ambiguous, split_url
from airflow_provider_orgauth.client.exchange import Answer, MayReplay, ObtainToken, Unanswered
from airflow_provider_orgauth.client.log_redaction import hiding
from airflow_provider_orgauth.client.session import OrgSession
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.oauth.text_redaction import one_line


class LinkSession(DownloadSession):
    """The same connections, timeouts and retries; nothing else of what the connection sends."""

    def __init__(self, session: OrgSession, take: TakeAnswer) -> None:
        super().__init__(session, take)
        self.headers = cast("MutableMapping[str, str | bytes]", default_headers())
        self.cookies = RequestsCookieJar()
        self.params = {}
        self.cert = None
        self.admission = None  # the rate limit is the API's
        self.observer = None  # and so are metrics and traces: a link may lead anywhere, and be a secret
        self.auth = self.bearer = _NoToken()
        self._is_http_allowed = session.is_unencrypted

    def check(self, request: requests.PreparedRequest) -> None:
        """Refuse what is no link, also behind a redirect, and what :mod:`~.request_validation` refuses.

        :raises ConfigurationError: naming ``link``.
        """
        self._url(request.url or "")
        request_validation.check_request(request)

    def transmitted(
        self, request: requests.PreparedRequest, access_token: str, kwargs: dict[str, Any]
    ) -> Answer[requests.Response] | Unanswered:
        """Send it once, without a token."""
        query = urlsplit(request.url or "").query
        with hiding(frozenset({query} if query else ())):
            return super().transmitted(request, access_token, kwargs)

    def _url(self, url: str | bytes) -> str:
        link = url.decode() if isinstance(url, bytes) else url
        parts = None if is_ambiguous(link) else split_url(link)
        schemes = ("https", "http") if self._is_http_allowed else ("https",)
        if parts is None or parts.scheme.lower() not in schemes or not parts.hostname or "@" in parts.netloc:
            scheme = parts.scheme if parts is not None else "none"
            raise ConfigurationError(
                "link",
                f"is no https URL without credentials (scheme: {one_line(scheme) or 'none'})",
                advice="Check the expression for the link, and what the server answers there.",
            )
        return link


class _NoToken(BearerAuth):
    """Stands where the token is put on a request, and puts none there."""

    def __init__(self) -> None:
        pass

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def sign(self, request: HasHeaders, access_token: str) -> None:
        """Do nothing."""

    def obtain(self, step: ObtainToken[Any]) -> str:
        """Return an empty text, which is sent nowhere."""
        return ""

    def may_replay(self, step: MayReplay) -> bool:
        """Return that it would not help."""
        return False
