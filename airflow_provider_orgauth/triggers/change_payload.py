"""What a watcher tells of: the payload of its event, as JSON.

::

    {"v": 1, "change": "9f86d081884c7d65", "id": 17, "key": "OFFLINE", "fields": {"name": "Pump 17"}}

``id`` is there with ``records``, ``key`` with ``key``, ``fields`` with ``fields``. ``change`` is the same when a change
is told again, and another for each other change. What does not fit is left out, and ``left_out`` says what.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from airflow_provider_orgauth.exceptions import OrgAuthError
from airflow_provider_orgauth.triggers.event_payload import has_large_number
from airflow_provider_orgauth.triggers.watched import Found, Watched

log = logging.getLogger(__name__)

VERSION = 1

MAX_BYTES = 64 * 1024
"""Of an event, as JSON: it goes through messages, rows of Airflow's database, and the web."""


def payload_of(watched: Watched, found: Found, change: str) -> dict[str, Any]:
    """Return the payload of a change."""
    payload: dict[str, Any] = {"v": VERSION, "change": change}
    if watched.records is not None:
        payload["id"] = found.id
    if watched.key is not None:
        payload["key"] = found.key
    if watched.fields:
        try:
            payload["fields"] = watched.shown_fields(found)
        except OrgAuthError as error:
            log.error("An event has no fields: %s", error)  # noqa: TRY400  its text is all there is to know
            payload["left_out"] = ["fields"]
    for name in ("fields", "key", "id"):
        if (problem := _problem(payload)) and payload.pop(name, None) is not None:
            payload["left_out"] = [*payload.get("left_out", ()), name]
            log.error("An event goes without its %s: %s.", name, problem)
    return payload


def _problem(payload: dict[str, Any]) -> str:
    try:
        size = len(json.dumps(payload, ensure_ascii=False, allow_nan=False).encode("utf-8"))
    except (TypeError, ValueError, RecursionError):
        return "something in it is no plain JSON"
    if size > MAX_BYTES:
        return f"with them, it has {size:,} bytes, and {MAX_BYTES:,} is the most"
    return "a number in it has more than 64 bits" if has_large_number(payload) else ""
