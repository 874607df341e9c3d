"""Put the token on a request, and replay it after a 401: as a ``requests`` auth, for our session and anyone's."""

from __future__ import annotations

from typing import Any

import requests
from requests.auth import AuthBase

from airflow_provider_orgauth.client import reading
from airflow_provider_orgauth.client.bodies import can_rewind, rewind
from airflow_provider_orgauth.client.http_date import http_date
from airflow_provider_orgauth.client.server import Server
from airflow_provider_orgauth.client.token_source import TokenSource


class BearerAuth(AuthBase):
    """``requests.get(url, auth=hook.auth)``: a bearer token (RFC 6750 section 2.1) for one server only.

    A 401 renews the token and replays the request. Requests to other servers pass untouched.
    """

    def __init__(self, tokens: TokenSource, server: Server) -> None:
        self._tokens = tokens
        self._server = server

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign ``request`` with a token that is valid now."""
        if not self._server.owns(request.url or ""):
            return request
        self.sign(request, sent_once=not can_rewind(request))
        hooks = request.hooks["response"]
        if self._replay_unauthorized not in hooks:
            hooks.append(self._replay_unauthorized)
        return request

    def __repr__(self) -> str:
        """Name the server; a token has no place in a repr."""
        return f"{type(self).__name__}({self._server.origin})"

    def sign(self, request: requests.PreparedRequest, *, rejected: str | None = None, sent_once: bool = False) -> None:
        """Set the ``Authorization`` header. The scheme is ``Bearer``, capital: a server refuses ``bearer``."""
        request.headers["Authorization"] = (
            f"Bearer {self._tokens.token(rejected=rejected, sent_once=sent_once).access_token}"
        )

    def _learn_time(self, response: requests.Response) -> None:
        """Take the time of a 401 from the server whose tokens these are: by this host's, the token was still good.

        A host whose clock is behind learns that here, where others renew in time and it never asks for a token itself.
        """
        date = http_date(response.headers.get("Date", ""))
        if date is not None and self._server.owns(self._tokens.client.token_url):
            self._tokens.clock.learn(date, took=response.elapsed.total_seconds())

    def _replay_unauthorized(self, response: requests.Response, **kwargs: Any) -> requests.Response:
        """Answer a 401: look for a newer token, else renew; then send the same request once more.

        Or several times, where the next token may be dead as well: one that others left, or, where hosts cannot share,
        a new one, too; see :meth:`~.token_source.TokenSource.may_replay`.
        """
        sent = response.request
        if response.status_code != 401 or not self._server.owns(sent.url or ""):
            return response
        if _token_in(sent) is None:
            return response
        self._learn_time(response)
        if not can_rewind(sent):
            # Too late for this body. Whoever sends it anew, another task too, shall not meet the same dead token.
            self._tokens.token(rejected=_token_in(sent))
            return response
        since, replays = self._tokens.now(), 0
        while not replays or self._may_replay(response, since=since, replays=replays):
            response, replays = self._replayed(response, kwargs), replays + 1
        return response

    def _may_replay(self, response: requests.Response, *, since: float, replays: int) -> bool:
        rejected = _token_in(response.request) if response.status_code == 401 else None
        return rejected is not None and self._tokens.may_replay(rejected, since=since, replays=replays)

    def _replayed(self, response: requests.Response, kwargs: dict[str, Any]) -> requests.Response:
        """Send a request that was answered 401 again, with another token."""
        sent = response.request
        reading.skim(response, timeout=reading.seconds_of(kwargs.get("timeout")))
        again = sent.copy()
        again.hooks = {"response": []}  # not the list that is being gone through right now
        rewind(again)
        self.sign(again, rejected=_token_in(sent))
        replayed: requests.Response = response.connection.send(again, **kwargs)
        replayed.history = [*response.history, response]
        replayed.request = again
        return replayed


def _token_in(request: requests.PreparedRequest) -> str | None:
    scheme, _, token = str(request.headers.get("Authorization", "")).partition(" ")
    return token if scheme == "Bearer" else None
