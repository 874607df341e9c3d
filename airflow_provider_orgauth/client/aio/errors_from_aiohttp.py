"""Which row of :mod:`~.network_errors` an error of aiohttp is."""

from __future__ import annotations

import asyncio
import socket
import ssl

import aiohttp
from aiohttp import http_exceptions

from airflow_provider_orgauth.client import errors_from_requests, proxies
from airflow_provider_orgauth.client import network_errors as rows
from airflow_provider_orgauth.client.exchange import Unanswered
from airflow_provider_orgauth.client.read_deadline import SlowBodyError
from airflow_provider_orgauth.oauth.steps import Lost
from airflow_provider_orgauth.oauth.text_redaction import one_line

NETWORK_ERRORS = (aiohttp.ClientError, OSError, asyncio.IncompleteReadError, *errors_from_requests.NETWORK_ERRORS)
"""What sending and reading can raise; a ``TimeoutError`` is an ``OSError``. What is unpacked here, urllib3 unpacks."""


def unanswered(error: Exception, *, timeout: float | None) -> Unanswered:
    """Return why no answer came. The exception's own text is not used: it names the whole URL.

    :param timeout: seconds that the server had.
    """
    if isinstance(error, errors_from_requests.NETWORK_ERRORS):
        why = errors_from_requests.lost_answer(error, timeout=timeout)
        kind: type[Exception] = errors_from_requests.error_class_of(error, why)
    else:
        row = _row(error)
        kind, why = row.kind, _lost(row, error, timeout)
    return Unanswered(why, kind in (rows.NO_ANSWER.kind, rows.NO_CONNECTION.kind), kind)


def _lost(row: rows.Failure, error: Exception, timeout: float | None) -> Lost:
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return proxies.lost(error.status)
    detail = type(error).__name__
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        detail = one_line(getattr(error.certificate_error, "verify_message", ""))
    return row.lost(timeout=timeout, detail=detail)


def _row(error: Exception) -> rows.Failure:
    match error:
        case aiohttp.ClientHttpProxyError():
            return rows.PROXY_REFUSES
        case aiohttp.ClientProxyConnectionError():
            is_name = isinstance(error.os_error, socket.gaierror)
            return rows.NO_SUCH_PROXY if is_name else rows.PROXY_UNREACHABLE
        case aiohttp.ClientConnectorCertificateError():
            return rows.CERTIFICATE
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return rows.tls_failure((error, getattr(error, "os_error", None)))
        case aiohttp.ConnectionTimeoutError():
            return rows.NO_CONNECTION
        case SlowBodyError():
            return rows.TRICKLES
        case TimeoutError():
            return rows.NO_ANSWER
        case aiohttp.ClientConnectorError():
            return _unreachable(error)
        case aiohttp.ClientPayloadError():
            return rows.BROKE_OFF
        case aiohttp.ClientResponseError() | http_exceptions.HttpProcessingError():
            return rows.NO_HTTP
        case aiohttp.ClientConnectionError() | OSError():
            return rows.CLOSED
    return rows.OTHER


def _unreachable(error: aiohttp.ClientConnectorError) -> rows.Failure:
    if isinstance(error.os_error, socket.gaierror):
        return rows.NO_SUCH_NAME
    return rows.REFUSED if isinstance(error.os_error, ConnectionRefusedError) else rows.UNREACHABLE
