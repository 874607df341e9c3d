"""Drives an exchange over ``requests``, in the caller's thread."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

import requests

from airflow_provider_orgauth.client import response_body
from airflow_provider_orgauth.client.admission_control import AdmissionControl, AttemptOutcome, RetryVerdict
from airflow_provider_orgauth.client.auth import BearerAuth
from airflow_provider_orgauth.client.exchange import (
    Admit,
    Answer,
    AttemptResult,
    MayReplay,
    ObtainToken,
    Receive,
    Rule,
    Settle,
    Skim,
    Step,
    Transmit,
    Unanswered,
)
from airflow_provider_orgauth.client.exchange_end import announce
from airflow_provider_orgauth.client.observed_exchange import ObservedExchange
from airflow_provider_orgauth.client.observer import Observer
from airflow_provider_orgauth.client.retry_policy import Pause, RetryPolicy
from airflow_provider_orgauth.client.token_endpoint import Announce

T = TypeVar("T")


class Sender(Protocol):
    """What has the sockets: the session."""

    bearer: BearerAuth
    admission: AdmissionControl | None
    retry: RetryPolicy
    announce: Announce
    observer: Observer | None

    def transmitted(
        self, request: requests.PreparedRequest, access_token: str, kwargs: dict[str, Any]
    ) -> Answer[requests.Response] | Unanswered:
        """Send it once with this token, and return its answer, whose body is not read yet."""

    def received(
        self, answer: Answer[requests.Response], kwargs: dict[str, Any]
    ) -> Answer[requests.Response] | Unanswered:
        """Read the body, unless ``stream`` says that the caller does."""


class ExchangeDriver:
    """Takes the steps of an exchange in this thread.

    :param kwargs: what ``requests`` wants to know besides: timeout, stream, proxies, verify, cert.
    """

    def __init__(self, sender: Sender, request: requests.PreparedRequest, kwargs: dict[str, Any]) -> None:
        self._sender = sender
        self._request = request
        self._kwargs = kwargs
        self._admission = sender.admission
        self._entered: int | None = None
        self._observed = None if sender.observer is None else ObservedExchange(sender.observer, sender.retry)

    def drive(self, rule: Rule[requests.Response, T]) -> T:
        """Return what the rule returns; whatever ends it, admission control is told."""
        outcome: Any = None
        try:
            while True:
                try:
                    step = rule.send(outcome)
                except StopIteration as done:
                    result: T = done.value
                    return result
                outcome = self._take(step)
        finally:
            rule.close()
            if self._entered is not None:
                self._settle(AttemptOutcome())

    def _take(self, step: Step[requests.Response]) -> Any:
        match step:
            case Transmit(access_token):
                return self._transmit(access_token)
            case Receive(answer):
                return self._sender.received(answer, self._kwargs)
            case ObtainToken():
                return self._sender.bearer.obtain(step)
            case Admit():
                return self._admit()
            case Settle(outcome):
                return self._settle(outcome)
            case Skim(answer):
                if self._observed is not None:
                    self._observed.replaying()
                self._request = self._request.copy()  # the answer's own keeps the token that it was sent with
                return response_body.skim(answer.response, timeout=response_body.seconds_of(self._kwargs["timeout"]))
            case MayReplay():
                return self._sender.bearer.may_replay(step)
            case Pause():
                return self._pause(step)

    def _transmit(self, access_token: str) -> Answer[requests.Response] | Unanswered:
        if self._observed is None:
            return self._sender.transmitted(self._request, access_token, self._kwargs)
        with self._observed.transmission(self._request) as transmission:
            transmission.result = result = self._sender.transmitted(self._request, access_token, self._kwargs)
        return result

    def _admit(self) -> bool:
        if self._admission is None:
            return True
        self._entered = self._admission.enter()
        return self._entered is not None

    def _settle(self, outcome: AttemptOutcome) -> RetryVerdict:
        entered, self._entered = self._entered, None
        return (
            RetryVerdict.AS_USUAL
            if self._admission is None or entered is None
            else self._admission.leave(entered, outcome)
        )

    def _pause(self, pause: Pause[AttemptResult[requests.Response]]) -> None:
        announce(pause, self._request, self._sender.announce)
        if self._observed is not None:
            self._observed.pausing(pause)
        self._sender.retry.let_pass(pause.seconds)
