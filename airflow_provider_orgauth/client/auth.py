"""Put the token on a request, and replay it after a 401: as a ``requests`` auth, for our session and a user's own."""

from __future__ import annotations

from typing import Any, TypeVar, cast
from urllib.parse import urljoin

import requests
from requests.auth import AuthBase

from airflow_provider_orgauth.client import response_body
from airflow_provider_orgauth.client.api_header import USUAL, ApiHeader, HasHeaders
from airflow_provider_orgauth.client.body_rewind import can_rewind, rewind
from airflow_provider_orgauth.client.exchange import (
    UNAUTHORIZED,
    Answer,
    MayReplay,
    ObtainToken,
    Rule,
    Skim,
    Step,
    Transmit,
    replayed,
)
from airflow_provider_orgauth.client.http_date import http_date
from airflow_provider_orgauth.client.origin import Origin
from airflow_provider_orgauth.client.signed_call import signed_call
from airflow_provider_orgauth.client.token_source import TokenSource

R = TypeVar("R")


class BearerAuth(AuthBase):
    """``requests.get(url, auth=hook.auth)``: a bearer token (RFC 6750 section 2.1) for one server only.

    A 401 renews the token and replays the request. Requests to other servers pass untouched.

    :param header: where the API looks for the token.
    """

    def __init__(self, tokens: TokenSource, server: Origin, header: ApiHeader = USUAL) -> None:
        self._tokens = tokens
        self._server = server
        self._header = header

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign ``request`` with a token that is valid now."""
        if not self._server.owns(request.url or ""):
            return request
        access_token = self.obtain(ObtainToken(sent_once=not can_rewind(request)))
        self.sign(request, access_token)
        hooks = request.hooks["response"]
        if self._answered not in hooks:
            hooks.append(self._answered)
        return request

    @property
    def header(self) -> str:
        """The name of the header that the token is put in."""
        return self._header.name

    def sign(self, request: HasHeaders, access_token: str) -> None:
        """Put this token on ``request``, of any client, which leads to the server."""
        self._header.sign(request, access_token)

    def __repr__(self) -> str:
        """Name the server; a token has no place in a repr."""
        return f"{type(self).__name__}({self._server.origin})"

    def signs(self, url: str) -> bool:
        """Return whether requests to ``url`` are signed: it is on the connection's server."""
        return self._server.owns(url)

    def signed_call(self, *, can_rewind: bool) -> Rule[R, None]:
        """Return the steps of a call of any client to that server; see :func:`~.signed_call.signed_call`."""
        return signed_call(self._tokens.retry, can_rewind=can_rewind)

    def obtain(self, step: ObtainToken[Any]) -> str:
        """Return an access token that may be sent now, and learn from a 401 what time it is."""
        if step.answer is not None:
            self._learn_time(step.answer)
        return self._tokens.token(rejected=step.rejected, sent_once=step.sent_once).access_token

    def ready(self, *, is_being_renewed: bool) -> str | None:
        """Return the access token in memory if it may be sent now; None: :meth:`obtain` has to find one.

        :param is_being_renewed: another caller is renewing it ahead of time; until that is done, it may be sent.
        """
        token = self._tokens.ready(is_being_renewed=is_being_renewed)
        return None if token is None else token.access_token

    def may_replay(self, step: MayReplay) -> bool:
        """Tell whether to replay a request whose replay got a 401 as well."""
        return self._tokens.may_replay(step.rejected, since=step.since, replays=step.replays)

    def _learn_time(self, answer: Answer[Any]) -> None:
        """Correct the clock by a 401's ``Date``, if its server issues the tokens: by the clock, the token was good.

        A host whose clock is behind learns that here only: others renew in time, so it never asks for a token itself.
        """
        date = http_date(answer.headers.get("Date", ""))
        if date is not None and self._server.owns(self._tokens.client.token_url):
            self._tokens.clock.learn(date, took=answer.seconds)

    def _answered(self, response: requests.Response, **kwargs: Any) -> requests.Response:
        """See to an answer in a user's own session; that of :mod:`~.session` has a driver for it, and rules of its own.

        Where it redirects elsewhere, requests takes off ``Authorization``, and would send any other header there.
        """
        sent = response.request  # which requests copies for a redirect, whatever is replayed meanwhile
        answered = self._replay_unauthorized(response, **kwargs)
        if answered.is_redirect and not self._leads_here(answered):
            self._header.take_off(sent)
        return answered

    def _leads_here(self, redirect: requests.Response) -> bool:
        try:
            return self._server.owns(urljoin(redirect.url, redirect.headers["Location"]))
        except ValueError:  # no URL
            return False

    def _replay_unauthorized(self, response: requests.Response, **kwargs: Any) -> requests.Response:
        sent = response.request
        access_token = self._header.token_in(sent)
        if response.status_code != UNAUTHORIZED or access_token is None or not self._server.owns(sent.url or ""):
            return response
        rule = replayed(answer_of(response), access_token, self._tokens.retry, can_rewind=can_rewind(sent))
        outcome: Any = None
        while True:
            try:
                step = rule.send(outcome)
            except StopIteration as done:
                last, before = done.value
                break
            outcome = self._take(step, response, kwargs)
        answered = cast(requests.Response, last.response)
        answered.history = [*response.history, *(one.response for one in before)]
        return answered

    def _take(self, step: Step[requests.Response], response: requests.Response, kwargs: dict[str, Any]) -> Any:
        match step:
            case ObtainToken():
                return self.obtain(step)
            case MayReplay():
                return self.may_replay(step)
            case Skim(answer):
                if self._tokens.observer is not None:
                    self._tokens.observer.replaying()
                return response_body.skim(answer.response, timeout=response_body.seconds_of(kwargs.get("timeout")))
            case Transmit(access_token):
                again = response.request.copy()
                again.hooks = {"response": []}  # not the list that is being gone through right now
                rewind(again)
                self.sign(again, access_token)
                sent: requests.Response = response.connection.send(again, **kwargs)
                sent.request = again
                return answer_of(sent)


def answer_of(response: requests.Response) -> Answer[requests.Response]:
    """Return an answer as the rules look at it."""
    return Answer(response.status_code, response.headers, response.elapsed.total_seconds(), response)
