"""Find the row of :mod:`~.network_errors` for an error of requests or urllib3."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from http.client import HTTPException, IncompleteRead

import requests
import urllib3.exceptions as u3

from airflow_provider_orgauth.client import network_errors as rows
from airflow_provider_orgauth.client import proxies
from airflow_provider_orgauth.client.read_deadline import SlowBodyError
from airflow_provider_orgauth.client.transport import AnswerTooLarge
from airflow_provider_orgauth.oauth.steps import Lost
from airflow_provider_orgauth.oauth.text_redaction import one_line

NETWORK_ERRORS = (requests.RequestException, u3.HTTPError, HTTPException)
"""What sending and reading can raise: requests' errors, and urllib3's where a body is read as it comes."""


def lost_answer(error: Exception, *, timeout: float | None) -> Lost:
    """Return why no answer came. The exception's own text is not used: it names the whole URL."""
    causes = tuple(_causes(error))

    def caused_by(*kinds: type[BaseException]) -> BaseException | None:
        return next((cause for cause in causes if isinstance(cause, kinds)), None)

    verification = caused_by(ssl.SSLCertVerificationError)
    if isinstance(verification, ssl.SSLCertVerificationError):
        return rows.CERTIFICATE.lost(detail=one_line(verification.verify_message))
    if isinstance(error, requests.exceptions.ProxyError) and not caused_by(AnswerTooLarge, SlowBodyError):
        return _lost_at_proxy(causes)
    return _row(error, causes, caused_by).lost(timeout=timeout, detail=type(error).__name__)


def _row(
    error: Exception,
    causes: tuple[BaseException, ...],
    caused_by: Callable[..., BaseException | None],
) -> rows.Failure:
    if caused_by(AnswerTooLarge):
        return rows.TOO_LARGE
    if caused_by(SlowBodyError):
        return rows.TRICKLES
    if isinstance(error, requests.exceptions.SSLError):
        return rows.tls_failure(causes)
    if caused_by(u3.NameResolutionError):
        return rows.NO_SUCH_NAME
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return rows.NO_CONNECTION
    if caused_by(u3.NewConnectionError):
        return rows.REFUSED if caused_by(ConnectionRefusedError) else rows.UNREACHABLE
    if isinstance(error, requests.exceptions.Timeout) or caused_by(u3.ReadTimeoutError):
        return rows.NO_ANSWER
    if caused_by(u3.InvalidHeader) or any(_is_no_http(cause) for cause in causes):
        return rows.NO_HTTP
    broke_off = (requests.exceptions.ChunkedEncodingError, u3.ProtocolError)
    if caused_by(u3.IncompleteRead) or isinstance(error, broke_off):
        return rows.BROKE_OFF
    if isinstance(error, requests.exceptions.ContentDecodingError | u3.DecodeError):
        return rows.BROKEN_CODING
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return rows.CIRCLES
    return rows.CLOSED if isinstance(error, requests.exceptions.ConnectionError) else rows.OTHER


def _lost_at_proxy(causes: tuple[BaseException, ...]) -> Lost:
    status = next(filter(None, map(proxies.status_in, causes)), None)
    if status is not None:
        return proxies.lost(status)
    if any(isinstance(cause, u3.NameResolutionError) for cause in causes):
        return rows.NO_SUCH_PROXY.lost()
    if any(isinstance(cause, u3.NewConnectionError | u3.ConnectTimeoutError) for cause in causes):
        return rows.PROXY_UNREACHABLE.lost()
    # Over http, urllib3 says "unable to connect to proxy" also where the proxy had the request and then hung up.
    return rows.PROXY_FAILED.lost()


def error_class_of(error: Exception, lost: Lost) -> type[requests.RequestException | AnswerTooLarge]:
    """Return the class of ``requests`` for an exception of any library; the general one where the cause is unknown."""
    if is_too_much(error):
        return AnswerTooLarge
    if isinstance(error, requests.exceptions.SSLError) and lost.cause != "certificate":
        return requests.ConnectionError  # SSLError is raised for certificates only
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
    return any(isinstance(cause, AnswerTooLarge) for cause in _causes(error))


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
