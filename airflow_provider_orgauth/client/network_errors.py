"""Why no answer came, in words that hold no URL and so no credential: one table for all HTTP libraries.

:mod:`~.errors_from_requests` finds the row for an error of requests and urllib3, :mod:`~.aio.errors_from_aiohttp` for
one of aiohttp.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import requests
from requests import exceptions

from airflow_provider_orgauth.client.read_deadline import MIN_BYTES
from airflow_provider_orgauth.client.transport import AnswerTooLarge
from airflow_provider_orgauth.oauth.steps import Lost


@dataclass(frozen=True, slots=True)
class Failure:
    """A row: what happened, and what that means.

    :param message: ``{in_time}`` stands for "within 30 s", ``{detail}`` for more that is known.
    :param reached_server: False only where the server surely saw nothing of the request.
    :param kind: the class of ``requests`` that says so.
    """

    message: str
    reached_server: bool
    kind: type[requests.RequestException | AnswerTooLarge]
    cause: Literal["network", "certificate", "proxy", "request"] = "network"

    def lost(self, *, timeout: float | None = None, detail: object = "", proxy_status: int | None = None) -> Lost:
        """Return this failure as the value that the rules of a request are given.

        :param timeout: seconds that the server had.
        :param proxy_status: of a proxy's answer to CONNECT.
        """
        in_time = "in time" if timeout is None else f"within {timeout:g} s"
        message = self.message.format(in_time=in_time, detail=detail)
        return Lost(message, self.reached_server, self.cause, proxy_status)


TOO_LARGE = Failure("the answer is too large", True, AnswerTooLarge, "request")
TRICKLES = Failure(f"the answer trickles, fewer than {MIN_BYTES:,} bytes {{in_time}}", True, exceptions.ReadTimeout)
NO_ANSWER = Failure("no answer {in_time}", True, exceptions.ReadTimeout)
NO_CONNECTION = Failure("no connection {in_time}", False, exceptions.ConnectTimeout)
REFUSED = Failure("the connection was refused", False, requests.ConnectionError)
UNREACHABLE = Failure("the host cannot be reached", False, requests.ConnectionError)
NO_SUCH_NAME = Failure("the host name does not resolve", False, requests.ConnectionError)
CERTIFICATE = Failure("the certificate does not verify: {detail}", False, exceptions.SSLError, "certificate")
PLAIN_HTTP = Failure("the port answers, but not in TLS", True, requests.ConnectionError)
NO_TLS = Failure("the TLS handshake failed or broke off", True, requests.ConnectionError)
NO_HTTP = Failure("the answer is not valid HTTP", True, requests.ConnectionError)
BROKE_OFF = Failure("the answer broke off", True, exceptions.ChunkedEncodingError)
CLOSED = Failure("the server closed the connection", True, requests.ConnectionError)
BROKEN_CODING = Failure("the answer's content encoding is broken", True, exceptions.ContentDecodingError)
CIRCLES = Failure("the server redirects in circles", True, requests.TooManyRedirects, "request")
OTHER = Failure("the request failed ({detail})", True, requests.ConnectionError, "request")

PROXY_REFUSES = Failure("the proxy answered CONNECT with {detail}", False, exceptions.ProxyError, "proxy")
PROXY_REFUSES_NOW = Failure("the proxy answered CONNECT with {detail}", False, exceptions.ProxyError)
NO_SUCH_PROXY = Failure("the proxy's name does not resolve", False, exceptions.ProxyError)
PROXY_UNREACHABLE = Failure("the proxy cannot be reached", False, exceptions.ProxyError)
PROXY_FAILED = Failure("the proxy failed or closed the connection", True, exceptions.ProxyError)


_REASONS_OF_PLAIN_HTTP = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "UNKNOWN_PROTOCOL"})
"""What OpenSSL, of this version or another, calls bytes that are no TLS at all."""


def tls_failure(errors: Iterable[object]) -> Failure:
    """Return the row for a TLS handshake that failed.

    :param errors: what was raised, and what caused it.
    """
    reasons = {error.reason for error in errors if isinstance(error, ssl.SSLError)}
    return NO_TLS if reasons.isdisjoint(_REASONS_OF_PLAIN_HTTP) else PLAIN_HTTP


def advice_for(message: str, usual: str) -> str:
    """Return what to do where a request has no answer.

    :param message: why there is none, of a row.
    :param usual: the advice for all rows that have none of their own.
    """
    if PLAIN_HTTP.message not in message:
        return usual
    return (
        "It seems to speak plain http: write http:// in front of the address in the connection, and turn on Allow "
        "plain HTTP (allow_http) if it is not on this machine. If it should speak https, check the port."
    )
