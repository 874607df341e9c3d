"""The error that a caller of the hook gets where a request has no answer: one type per cause.

The session has taken everything secret out of the texts of ``requests`` errors.
"""

from __future__ import annotations

import re
import sys
from types import TracebackType

from requests import exceptions

from airflow_provider_orgauth.client import proxies
from airflow_provider_orgauth.client.network_errors import advice_for
from airflow_provider_orgauth.client.watched_body import BodyError
from airflow_provider_orgauth.exceptions import ApiConnectionError, CertificateError, ConfigurationError, OrgAuthError

_OF_JSON = re.compile(r"Object of type \w{1,80} is not JSON serializable")

_OURS = __name__.partition(".")[0]
_HTTP_LIBRARIES = frozenset({"requests", "urllib3", "idna", "simplejson", "aiohttp", "yarl", "multidict"})
_AROUND = frozenset({"contextlib", "asyncio", "asgiref", "concurrent"})


def error_of_call(failure: Exception) -> Exception:
    """Return the error that a call of the hook raises, for what was raised while it was prepared, sent or received.

    Raise it after the ``except`` block: as the context of another, ``failure`` would show the request and its token.
    """
    match failure:
        case OrgAuthError():
            return failure.with_traceback(None)
        case BodyError():
            return failure.error
        case exceptions.RequestException():
            return request_error_of(failure)
        case TypeError() | ValueError():
            return unsendable(failure)
    return without_our_frames(failure)  # a mistake of ours, or what a user's own auth raised


def unsendable(failure: Exception) -> Exception:
    """Return the error for a TypeError or ValueError: a request that cannot be written, if an HTTP library says so.

    What the caller's own code raised, such as a file that is read for ``files``, comes out as it was raised, and so
    does a mistake of ours.
    """
    return _cannot_be_sent(failure) if _is_librarys(failure) else without_our_frames(failure)


def request_error_of(failure: exceptions.RequestException) -> OrgAuthError:
    """Return the error for one of ``requests``, which sending or reading raised."""
    if isinstance(failure, proxies.ProxyRefusal):
        return proxies.refused_by_proxy(failure.where, failure.status)
    if isinstance(failure, exceptions.SSLError):
        return CertificateError(
            f"{failure}.", advice="Correct Server address, or set TLS verification to the server's CA bundle."
        )
    if isinstance(failure, exceptions.TooManyRedirects):
        return ApiConnectionError(
            "The API redirects in circles, or very often.", advice="Check endpoint, params and Server address."
        )
    # requests' own, such as InvalidHeader and InvalidProxyURL
    if isinstance(failure, ValueError | exceptions.InvalidJSONError):
        return _cannot_be_sent(failure)
    advice = advice_for(str(failure), "Check that this machine can reach the server.")
    if isinstance(failure, exceptions.ProxyError):
        advice = f"{advice} It goes through a proxy: check HTTPS_PROXY, HTTP_PROXY and NO_PROXY."
    return ApiConnectionError(f"No answer from the API. {str(failure).rstrip('.')}.", advice=advice)


def without_our_frames(error: Exception) -> Exception:
    """Return ``error`` with the frames of the caller's own code alone: in ours, variables hold tokens.

    One that ends in our code is a mistake of ours, and keeps them all: else it could not be found.
    """
    frame = error.__traceback__
    while frame is not None and _room(frame) in {_OURS} | _AROUND | _HTTP_LIBRARIES:
        frame = frame.tb_next
    return error.with_traceback(frame or error.__traceback__)


def _cannot_be_sent(failure: Exception) -> ConfigurationError:
    # Not quoted, because it may hold anything, but for json's words, which name a type.
    is_of_json = isinstance(failure, TypeError) and _OF_JSON.fullmatch(str(failure))
    why = f": {failure}" if is_of_json else ""
    return ConfigurationError(
        "headers" if isinstance(failure, exceptions.InvalidHeader) else "request",
        f"cannot be sent ({type(failure).__name__}{why})",
        advice="Check endpoint, params, headers and body for characters or values that HTTP cannot carry.",
    )


def _is_librarys(failure: Exception) -> bool:
    """Tell whether it was raised in an HTTP library, or in a module of Python's own that such a library calls."""
    last = failure.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last is None or _room(last) in _HTTP_LIBRARIES | sys.stdlib_module_names


def _room(frame: TracebackType) -> str:
    return str(frame.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
