"""What a network error means, in words that hold no URL query and so no credential."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from http.client import HTTPException, IncompleteRead

import requests
import urllib3.exceptions as u3

from airflow_provider_orgauth.client import proxies
from airflow_provider_orgauth.client.pace import LEAST, Trickle
from airflow_provider_orgauth.client.transport import TooMuch
from airflow_provider_orgauth.oauth.redaction import one_line
from airflow_provider_orgauth.oauth.steps import Lost

NETWORK_ERRORS = (requests.RequestException, u3.HTTPError, HTTPException)
"""What sending and reading can raise: requests' errors, and urllib3's where a body is read as it comes."""


def lost(error: Exception, *, timeout: float | None) -> Lost:
    """Return why no answer came. The exception's own text is not used: it names the whole URL."""
    causes = tuple(_causes(error))
    in_time = "in time" if timeout is None else f"within {timeout:g} s"

    def caused_by(*kinds: type[BaseException]) -> BaseException | None:
        return next((cause for cause in causes if isinstance(cause, kinds)), None)

    if caused_by(TooMuch):
        return Lost("the answer is too large", reached_server=True, cause="request")
    if caused_by(Trickle):
        return Lost(f"the answer trickles, fewer than {LEAST:,} bytes {in_time}", reached_server=True)
    verification = caused_by(ssl.SSLCertVerificationError)
    if isinstance(verification, ssl.SSLCertVerificationError):
        reason = one_line(verification.verify_message)
        return Lost(f"the certificate does not verify: {reason}", reached_server=False, cause="certificate")
    if isinstance(error, requests.exceptions.SSLError):
        return Lost("the TLS handshake failed or broke off", reached_server=True)
    if isinstance(error, requests.exceptions.ProxyError):
        return _lost_at_proxy(causes)
    if caused_by(u3.NameResolutionError):
        return Lost("the host name does not resolve", reached_server=False)
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return Lost(f"no connection {in_time}", reached_server=False)
    if caused_by(u3.NewConnectionError):
        refused = caused_by(ConnectionRefusedError)
        return Lost("the connection was refused" if refused else "the host cannot be reached", reached_server=False)
    if isinstance(error, requests.exceptions.Timeout) or caused_by(u3.ReadTimeoutError):
        return Lost(f"no answer {in_time}", reached_server=True)
    if caused_by(u3.InvalidHeader) or any(_is_no_http(cause) for cause in causes):
        return Lost("the answer is not valid HTTP", reached_server=True)
    broke_off = (requests.exceptions.ChunkedEncodingError, u3.ProtocolError)
    if caused_by(u3.IncompleteRead) or isinstance(error, broke_off):
        return Lost("the answer broke off", reached_server=True)
    if isinstance(error, requests.exceptions.ContentDecodingError | u3.DecodeError):
        return Lost("the answer's content encoding is broken", reached_server=True)
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return Lost("the server redirects in circles", reached_server=True, cause="request")
    if isinstance(error, requests.exceptions.ConnectionError):
        return Lost("the server closed the connection", reached_server=True)
    return Lost(f"the request failed ({type(error).__name__})", reached_server=True, cause="request")


def _lost_at_proxy(causes: tuple[BaseException, ...]) -> Lost:
    status = next(filter(None, map(proxies.status_in, causes)), None)
    if status is not None:
        message, final = f"the proxy answered CONNECT with {status}", proxies.is_final(status)
        return Lost(message, reached_server=False, cause="proxy" if final else "network", proxy_status=status)
    if any(isinstance(cause, u3.NameResolutionError) for cause in causes):
        return Lost("the proxy's name does not resolve", reached_server=False)
    if any(isinstance(cause, u3.NewConnectionError | u3.ConnectTimeoutError) for cause in causes):
        return Lost("the proxy cannot be reached", reached_server=False)
    # Over http, urllib3 says "unable to connect to proxy" also where the proxy had the request and then hung up.
    return Lost("the proxy failed or closed the connection", reached_server=True)


def kind_of(error: Exception, lost: Lost) -> type[requests.RequestException | TooMuch]:
    """Return the class of ``requests`` for an exception of any library; the general one where the cause is unknown."""
    if is_too_much(error):
        return TooMuch
    if isinstance(error, requests.exceptions.SSLError) and lost.cause != "certificate":
        return requests.ConnectionError  # SSLError is kept for what its name promises
    if isinstance(error, requests.exceptions.InvalidHeader):
        return requests.ConnectionError  # a header of the answer: those of the request were checked before
    if isinstance(error, requests.RequestException):
        return type(error)
    if isinstance(error, u3.ReadTimeoutError):
        return requests.exceptions.ReadTimeout
    if isinstance(error, u3.DecodeError):
        return requests.exceptions.ContentDecodingError
    return requests.exceptions.ChunkedEncodingError if isinstance(error, u3.ProtocolError) else requests.ConnectionError


def is_too_much(error: Exception) -> bool:
    """Return whether the answer was too large."""
    return any(isinstance(cause, TooMuch) for cause in _causes(error))


def _is_no_http(cause: BaseException) -> bool:
    # A server that hangs up is a BadStatusLine to http.client; one that stops in the middle, an IncompleteRead.
    return isinstance(cause, HTTPException) and not isinstance(cause, ConnectionError | IncompleteRead)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception and all that it wraps; requests and urllib3 each wrap in their own way."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop()
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
