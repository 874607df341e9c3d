"""The error for an error status of the API. Its envelope is ``{"error": {"message": "…"}}``; others are read too."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import requests

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.client import proxies
from airflow_provider_orgauth.client.api_header import SignedValue
from airflow_provider_orgauth.client.asked_wait import (
    FORBIDDEN,
    TOO_MANY_REQUESTS,
    asked_wait,
    is_rate_limit,
    retry_after,
    until,
)
from airflow_provider_orgauth.client.retryable import BUSY_STATUSES
from airflow_provider_orgauth.client.status_advice import advice_for
from airflow_provider_orgauth.client.token_source import MAX_REPLAYS
from airflow_provider_orgauth.oauth.charset import text_of
from airflow_provider_orgauth.oauth.redacted_names import is_credential_name
from airflow_provider_orgauth.oauth.text_redaction import one_line, spellings

_MIN_SECRET_CHARACTERS = 5
"""Shorter values of a header are not looked for in a server's words, where any text may hold them. Airflow's masker has
the same bound."""


def api_error_of(
    response: requests.Response, *, clock: Callable[[], float] = time.time, further: frozenset[int] = frozenset()
) -> errors.ApiError | errors.ProxyRefusedError | None:
    """Return the error that ``response`` stands for, or None if there is none.

    A redirect that the session did not follow is one: what was asked for has not been done.

    :param clock: epoch seconds.
    :param further: statuses that the connection adds to those that are retried.
    """
    status = response.status_code
    if 200 <= status < 300 or status == 304:
        return None
    request = response.request
    where = f"{request.method} {(request.url or '').partition('?')[0]}"
    if status == proxies.AUTHENTICATION_REQUIRED:
        return proxies.refused_by_proxy(where, status)
    now = clock()
    is_limit = is_rate_limit(status, response.headers, now=now)
    message = server_message(response)
    text = f"{where} answered {status}" + (f": {message.rstrip('.')}." if message else ".")
    wait = _asked_wait(response, is_busy=is_limit or status in BUSY_STATUSES | further, now=now)
    if wait:
        text += f" It asks to wait until {until(wait, now=now)}."
    return _kind(status, is_limit=is_limit)(
        text,
        advice=advice_for(
            TOO_MANY_REQUESTS if is_limit else status,
            is_repeated=status in further,
            is_outage=_was_waited_out(response),
        ),
        status=status,
        server_message=message,
        retry_after=wait,
        response=response,
    )


def _asked_wait(response: requests.Response, *, is_busy: bool, now: float) -> float | None:
    if is_busy:
        return asked_wait(response.headers, now=now)
    # Nothing is sent again at once after a 500, say. But the next try of the task may come when that is over.
    return retry_after(response.headers, now=now) if response.status_code >= 400 else None


def _was_waited_out(response: requests.Response) -> bool:
    """Return whether it is a 401 after more replays than a request gets outside of an :mod:`~.outage`."""
    return response.status_code == 401 and sum(one.status_code == 401 for one in response.history) > MAX_REPLAYS


def _kind(status: int, *, is_limit: bool) -> type[errors.ApiError]:
    if is_limit:
        return errors.ApiRateLimitedError
    if status >= 500:
        return errors.ApiServerError
    return {401: errors.ApiUnauthorizedError, FORBIDDEN: errors.ApiForbiddenError}.get(status, errors.ApiError)


def server_message(response: requests.Response) -> str:
    """Return what an answer says in its own words, redacted and cut to one line; empty where it says nothing."""
    secrets = _secrets_sent(response.request.headers)
    try:
        kind = response.headers.get("Content-Type", "")
        found = _message_in(json.loads(text_of(response.content[:65536], kind)))
    except (ValueError, RecursionError, requests.RequestException):
        return ""  # an HTML page is of no use in a task log
    return one_line(found, secrets)


def _secrets_sent(headers: Mapping[str, str]) -> list[str]:
    """Return the credentials in a request's headers, which a server may echo: with their scheme and without it."""
    sent = [str(value) for name, value in headers.items() if isinstance(value, SignedValue) or is_credential_name(name)]
    parts = [one for value in sent for one in (value, value.partition(" ")[2]) if len(one) >= _MIN_SECRET_CHARACTERS]
    return [secret for one in parts for secret in spellings(one)]


def _message_in(answer: Any) -> str:
    if not isinstance(answer, dict):
        return ""
    error = answer.get("error")
    if isinstance(error, dict):
        error = error.get("message") or error.get("code")
    return str(answer.get("error_description") or error or answer.get("message") or answer.get("detail") or "")
