"""What an error status of the API means. Its envelope: ``{"error": {"message": "…"}}``; others are read as well."""

from __future__ import annotations

import json
from typing import Any

import requests

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.oauth.charset import text_of
from airflow_provider_orgauth.oauth.redaction import one_line, spellings


def error_of(response: requests.Response) -> errors.ApiError | None:
    """Return the error that ``response`` stands for, or None if there is none.

    A redirect that the session did not follow is one: what was asked for has not been done.
    """
    status = response.status_code
    if 200 <= status < 300 or status == 304:
        return None
    kind, advice = _meaning(status)
    message = _server_message(response)
    request = response.request
    where = f"{request.method} {(request.url or '').partition('?')[0]}"
    return kind(
        f"{where} answered {status}" + (f": {message.rstrip('.')}." if message else "."),
        advice=advice,
        status=status,
        server_message=message,
        response=response,
    )


def _meaning(status: int) -> tuple[type[errors.ApiError], str]:
    match status:
        case 301 | 302:
            return errors.ApiError, (
                "A redirect that would have turned a write into a GET, or that leads nowhere, is not followed: use the "
                "endpoint that the server names."
            )
        case _ if status < 400:
            return (
                errors.ApiError,
                "That is no answer to work with: check the endpoint, and what stands before the server.",
            )
        case 401:
            return errors.ApiUnauthorizedError, (
                "The server rejected a token that it had just issued: check that Server address and Scope belong to "
                "this API."
            )
        case 403:
            return errors.ApiForbiddenError, (
                "Ask the server's administrator to give this Client ID the right (or the API scope) for this call."
            )
        case 429:
            return errors.ApiRateLimitedError, (
                "Lower the number of tasks that call this server at once, for example with an Airflow pool."
            )
        case 404:
            return errors.ApiError, "Check the endpoint and the ids in it."
        case 413:
            return errors.ApiError, "Send less in one request; the Organization API takes at most 2 MB."
        case _ if status >= 500:
            return errors.ApiServerError, "The server is overloaded or down; a later try may find it well."
        case _:
            return errors.ApiError, "Check the request's parameters and body."


def _server_message(response: requests.Response) -> str:
    sent = str(response.request.headers.get("Authorization", ""))
    secrets = spellings(sent.partition(" ")[2])
    try:
        kind = response.headers.get("Content-Type", "")
        found = _message_in(json.loads(text_of(response.content[:65536], kind)))
    except (ValueError, RecursionError, requests.RequestException):
        return ""  # an HTML page says nothing to whoever reads a task log
    return one_line(found, secrets)


def _message_in(answer: Any) -> str:
    if not isinstance(answer, dict):
        return ""
    error = answer.get("error")
    if isinstance(error, dict):
        error = error.get("message") or error.get("code")
    return str(answer.get("error_description") or error or answer.get("message") or answer.get("detail") or "")
