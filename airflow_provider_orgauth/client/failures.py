"""Tell what a requests exception means, in words that hold no URL query and so no credential."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import requests
import urllib3.exceptions as u3

from airflow_provider_orgauth.oauth.redaction import one_line
from airflow_provider_orgauth.oauth.steps import Lost

NETWORK_ERRORS = (requests.RequestException, u3.HTTPError)
"""What sending and reading can raise: requests' errors, and urllib3's where a body is read as it comes."""


def lost(error: Exception, *, timeout: float | None) -> Lost:
    """Describe why no answer came. The exception's own text is not used: it names the whole URL."""
    causes = tuple(_causes(error))
    in_time = "in time" if timeout is None else f"within {timeout:g} s"

    def caused_by(*kinds: type[BaseException]) -> BaseException | None:
        return next((cause for cause in causes if isinstance(cause, kinds)), None)

    verification = caused_by(ssl.SSLCertVerificationError)
    if isinstance(verification, ssl.SSLCertVerificationError):
        reason = one_line(verification.verify_message)
        return Lost(f"the certificate does not verify: {reason}", reached_server=False, cause="certificate")
    if isinstance(error, requests.exceptions.SSLError):
        return Lost("the TLS handshake failed or broke off", reached_server=True)
    if caused_by(u3.NameResolutionError):
        return Lost("the host name does not resolve", reached_server=False)
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return Lost(f"no connection {in_time}", reached_server=False)
    if isinstance(error, requests.exceptions.ProxyError):
        return Lost("the proxy refused or failed", reached_server=False)
    if caused_by(u3.NewConnectionError):
        refused = caused_by(ConnectionRefusedError)
        return Lost("the connection was refused" if refused else "the host cannot be reached", reached_server=False)
    if isinstance(error, requests.exceptions.Timeout) or caused_by(u3.ReadTimeoutError):
        return Lost(f"no answer {in_time}", reached_server=True)
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
