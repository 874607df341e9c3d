"""An answer that came over aiohttp, as requests has it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import aiohttp
import requests
from requests.adapters import HTTPAdapter
from requests.cookies import extract_cookies_to_jar
from requests.models import REDIRECT_STATI
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers
from urllib3 import HTTPHeaderDict, HTTPResponse

_ADAPTER = HTTPAdapter(pool_connections=1, pool_maxsize=1)  # what an answer says it came over; it opens nothing


class LoopResponse(requests.Response):
    """An answer whose head has come.

    Its ``raw`` is made when it is asked for, which is rare: to make it takes as long as all the rest.
    """

    _every_header: list[tuple[str, str]] | None = None  # of one that was pickled, requests keeps no raw either

    def __init__(self, request: requests.PreparedRequest, answer: aiohttp.ClientResponse) -> None:
        self._raw: HTTPResponse | None = None
        super().__init__()
        pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.raw_headers]
        headers = CaseInsensitiveDict(pairs)
        self._every_header = pairs
        # Of those that came twice, the values are joined (RFC 9110 section 5.2).
        self.headers = headers if len(headers) == len(pairs) else CaseInsensitiveDict(HTTPHeaderDict(pairs))
        self.status_code = answer.status
        # As http.client reads it.
        self.reason = (answer.reason or "").encode(errors="surrogateescape").decode("latin-1")
        self.encoding = get_encoding_from_headers(self.headers)
        self.url = request.url or ""
        self.request = request
        self.connection = _ADAPTER
        self._version = 11 if answer.version is None else answer.version.major * 10 + answer.version.minor
        self.sets_cookies = "Set-Cookie" in answer.headers
        if self.sets_cookies:
            extract_cookies_to_jar(self.cookies, request, self.raw)  # type: ignore[no-untyped-call]

    @property
    def is_redirect(self) -> bool:
        """Whether it names another place, with a status that says so: the status first, which nearly none has."""
        return self.status_code in REDIRECT_STATI and super().is_redirect

    @property
    def raw(self) -> Any:
        """What urllib3 would have made of the head: each header that came, the HTTP version."""
        if self._raw is None and self._every_header is not None:
            self._raw = self._made()
        return self._raw

    @raw.setter
    def raw(self, raw: Any) -> None:
        self._raw = raw

    def _made(self) -> HTTPResponse:
        headers = HTTPHeaderDict(self._every_header or ())
        return _raw_of(self.request, headers, status=self.status_code, reason=self.reason, version=self._version)


def packed(response: requests.Response, body: bytes) -> HTTPResponse:
    """Return a ``raw`` for ``response`` from which its body can be read, unpacked."""
    raw = response.raw
    head = {"status": raw.status, "reason": raw.reason, "version": raw.version}
    return _raw_of(response.request, raw.headers, body, **head)


def _raw_of(
    request: requests.PreparedRequest, headers: HTTPHeaderDict, body: bytes | None = None, **head: Any
) -> HTTPResponse:
    return HTTPResponse(
        body="" if body is None else BytesIO(body),
        headers=headers,
        preload_content=False,
        original_response=_Cookies(headers) if "Set-Cookie" in headers else None,  # type: ignore[arg-type]
        request_method=request.method,
        **head,
    )


class _Cookies:
    """What http.cookiejar asks an answer of http.client for."""

    def __init__(self, headers: HTTPHeaderDict) -> None:
        self.msg = self
        self._headers = headers

    def get_all(self, name: str, default: Any = None) -> Any:
        """Return all values of a header."""
        return self._headers.getlist(name) or default

    def isclosed(self) -> bool:
        """Return that nothing is left to be read."""
        return True

    def close(self) -> None:
        """Do nothing."""
