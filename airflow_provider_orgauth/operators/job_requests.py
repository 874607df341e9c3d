"""The requests about a job: what is written in the DAG, with the job's id and place put in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from airflow_provider_orgauth.answers.request_arguments import RequestArguments
from airflow_provider_orgauth.exceptions import ConfigurationError

PLACE_OF_ID = "{id}"

KEYS = ("endpoint", "method", "params", "json", "data", "headers")
"""Of a request that is written as a dict."""


@dataclass(frozen=True, slots=True)
class Handle:
    """How a job that runs is found again.

    :param id: as the server gave it; None: it has its location only.
    :param location: the URL that ``Location`` led to, on the connection's server; None: there was none.
    :param began: epoch seconds, when it was submitted or found.
    """

    id: str | int | None
    location: str | None
    began: float


def names_id(written: Any) -> bool:
    """Return whether ``{id}`` is in a request, at whatever place."""
    if isinstance(written, Mapping):
        return any(names_id(one) for pair in written.items() for one in pair)
    if isinstance(written, list | tuple):
        return any(map(names_id, written))
    return isinstance(written, str) and PLACE_OF_ID in written


def request_of(
    field: str, written: Mapping[str, Any], handle: Handle | None, *, method: str = "GET"
) -> RequestArguments:
    """Return a request about a job.

    :param field: of :class:`~.job.Job`, for an error.
    :param handle: None: the request is not about a known job, and has no ``{id}``.
    :param method: where the request says none.
    :raises ConfigurationError: it has no endpoint, and the server gave no ``Location``.
    """
    filled = written if handle is None or handle.id is None else _filled(written, handle.id)
    endpoint = filled.get("endpoint") or (handle.location if handle is not None else None)
    if endpoint is None:
        raise ConfigurationError(
            f"job.{field}", "has no endpoint, and the server gave no Location", advice="Write the endpoint."
        )
    return RequestArguments(
        endpoint=endpoint,
        method=filled.get("method") or method,
        params=filled.get("params"),
        json=filled.get("json"),
        data=filled.get("data"),
        headers=filled.get("headers"),
    )


def _filled(written: Mapping[str, Any], job_id: str | int) -> dict[str, Any]:
    text = str(job_id)
    filled = {key: _with_id(value, job_id if key == "json" else text, text) for key, value in written.items()}
    if "endpoint" in written:
        filled["endpoint"] = str(written["endpoint"]).replace(PLACE_OF_ID, quote(text, safe=""))
    return filled


def _with_id(value: Any, alone: str | int, text: str) -> Any:
    """Put the id in: as ``alone`` where it is all of a value, so that in JSON a number stays one."""
    if value == PLACE_OF_ID:
        return alone
    if isinstance(value, str):
        return value.replace(PLACE_OF_ID, text)
    if isinstance(value, Mapping):
        return {_with_id(key, text, text): _with_id(one, alone, text) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_with_id(one, alone, text) for one in value]
    return value
