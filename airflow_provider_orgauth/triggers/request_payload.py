"""A request as an argument of a trigger: JSON, without a credential, since Airflow keeps it as plain text.

::

    {"endpoint": "/api/v1/organization/shipment", "params": {"shipmentId": 7}}
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from airflow_provider_orgauth.answers.request_arguments import RequestArguments
from airflow_provider_orgauth.answers.result_redaction import masked
from airflow_provider_orgauth.client.endpoint import check_endpoint
from airflow_provider_orgauth.client.request_validation import check_headers, check_method
from airflow_provider_orgauth.exceptions import ConfigurationError

_DEFAULTS: dict[str, Any] = {"method": "GET", "params": None, "json": None, "data": None, "headers": None}
_NAMES = ("endpoint", *_DEFAULTS)


def payload_of(request: RequestArguments) -> dict[str, Any]:
    """Return a request as JSON, without what is as by default.

    :raises ConfigurationError: naming what cannot be kept in a trigger: it is no JSON, or has a credential in it.
    """
    payload = {name: getattr(request, name) for name in _NAMES}
    payload = {name: value for name, value in payload.items() if value != _DEFAULTS.get(name, ...)}
    for name, value in payload.items():
        check_part(name, value)
        if _is_masked_by_airflow(value):
            raise _credential(name, "which Airflow masks in logs")
    return payload


def check_part(name: str, value: Any) -> None:
    """Refuse what cannot be an argument of a trigger.

    :param name: of the argument, for the error.
    :raises ConfigurationError: it is no JSON, or has a credential in it.
    """
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise ConfigurationError(
            name, "is no JSON, and a deferred task's request is stored as that", advice="Or wait with deferrable=False."
        ) from None
    if masked(value)[1] or masked(_named(value))[1]:
        raise _credential(name, "by its name")


def _credential(name: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        name,
        f"holds a credential, {why}, and Airflow stores a deferred task's request as plain text",
        advice='Put it into "Default headers" of the connection, or wait with deferrable=False.',
    )


def _is_masked_by_airflow(value: Any) -> bool:
    """Return whether a text in it has a secret in it that this process knows: a template may have put it there."""
    from airflow_provider_orgauth.compat import secrets_masker

    masker = secrets_masker()
    return any(masker.redact(text) != text for one in _texts(value) for text in {one, unquote(one)})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, content in value.items():
            yield from _texts(name)
            yield from _texts(content)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def _named(value: Any) -> list[dict[Any, Any]]:
    """Return the pairs of a query or a form, each under its name."""
    pairs = value if isinstance(value, list | tuple) else ()
    return [
        {pair[0]: pair[1]}
        for pair in pairs
        if isinstance(pair, list | tuple) and len(pair) == 2 and isinstance(pair[0], str)
    ]


def check_request(payload: Any) -> None:
    """Refuse what is no request, and what :func:`check_part` refuses of it.

    :raises ConfigurationError: naming what is wrong.
    """
    if not isinstance(payload, Mapping) or not isinstance(payload.get("endpoint"), str):
        raise ConfigurationError("request", "has no endpoint", advice='Write {"endpoint": "/api/…"}.')
    for name, value in payload.items():
        check_part(name, value)


def request_of(payload: Mapping[str, Any]) -> RequestArguments:
    """Return the request of a payload that was checked. Names that are not known here are left out.

    :raises ConfigurationError: naming what is wrong.
    :raises ForeignOriginError: the endpoint is no path, and no URL.
    """
    request = RequestArguments(
        endpoint=payload["endpoint"], **{name: payload.get(name, default) for name, default in _DEFAULTS.items()}
    )
    check_endpoint(request.endpoint)
    check_method(request.method)
    if request.headers is not None:
        check_headers(request.headers)
    return request


def key_of(payload: Mapping[str, Any]) -> str:
    """Return a text that is equal for equal requests."""
    return json.dumps({name: payload[name] for name in _NAMES if name in payload}, sort_keys=True)
