"""What many requests without a body have in common: prepared once, and then sent to many URLs."""

from __future__ import annotations

from typing import Any

import requests
from requests.structures import CaseInsensitiveDict

from airflow_provider_orgauth.client.endpoint import is_plain_path


class RequestTemplate:
    """A method, headers and hooks, for many URLs of one server.

    To prepare a request takes as long as to send it: headers are merged, a URL is taken apart and quoted.

    :param made_of: what decides them: the template is good for as long as that is the same.
    :param request: a request to ``/`` with them, without a body.
    """

    def __init__(self, made_of: object, request: requests.PreparedRequest) -> None:
        self.made_of = made_of
        self._request = request
        self._server = str(request.url).removesuffix("/")
        self._last: tuple[str, str] = ("", "")

    def is_for(self, url: str) -> bool:
        """Return whether ``url`` is written as those of the server are, and has no fragment."""
        return url.startswith(f"{self._server}/") and "#" not in url

    def at(self, url: str, query: str) -> requests.PreparedRequest:
        """Return the request to ``url``, quoted as requests does it.

        :param url: of the server that the template is for; there is no fragment in it.
        :param query: quoted, to be appended.
        """
        request = self._request.copy()
        request.hooks = {event: [*some] for event, some in request.hooks.items()}
        url = self._quoted(url)
        request.url = f"{url}{'&' if '?' in url else '?'}{query}" if query else url
        return request

    def _quoted(self, url: str) -> str:
        if url.startswith(self._server) and is_plain_path(url[len(self._server) :]):
            return url  # there is nothing to quote in it
        last, quoted = self._last  # another thread may put its own there
        if url != last:
            request = requests.PreparedRequest()
            request.prepare_url(url, None)
            quoted = str(request.url)
            self._last = url, quoted
        return quoted


def entries(headers: Any) -> list[tuple[str, Any]]:
    """Return names and values of headers, as they can be compared; None: there are none."""
    if isinstance(headers, CaseInsensitiveDict):
        return list(headers.lower_items())  # in a third of the time
    return list((headers or {}).items())
