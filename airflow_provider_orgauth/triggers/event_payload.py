"""What a wait in the triggerer ends with: the payload of its event, as JSON.

::

    {"v": 1, "state": "met", "value": …, "seen": "200, done = true", "polls": 12}
    {"v": 1, "state": "look", "why": "value is a function", "polls": 3}
    {"v": 1, "state": "error", "error": {"type": "ApiForbiddenError", "message": "…"}, "polls": 3}
    {"v": 1, "state": "timeout", "last": "The last answer was: 200, done = false.", "polls": 60}

Each has ``resume`` besides, where the trigger was given that: what the task needs to go on. It comes back with the
event because ``airflow dags test`` of Airflow 3.3 loses what is deferred with.
"""

from __future__ import annotations

import json
from typing import Any

from airflow_provider_orgauth.exceptions import OrgAuthError
from airflow_provider_orgauth.triggers.error_payload import payload_of

VERSION = 1

MET, LOOK, ERROR, TIMEOUT = "met", "look", "error", "timeout"

MAX_VALUE_BYTES = 64 * 1024
"""Of a value, as JSON: it goes through a message, a row of Airflow's database, and the worker's arguments."""


def met(value: Any, seen: str) -> dict[str, Any]:
    """Return the payload of a wait whose condition holds; a value that does not fit is left to the worker."""
    try:
        # As Airflow's messages have it: msgpack takes no number beyond 64 bits, JSON no NaN.
        size = len(json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8"))
    except (TypeError, ValueError, RecursionError):
        return look("the value is no plain JSON")
    if size > MAX_VALUE_BYTES:
        return look(f"the value has {size:,} bytes, too many for an event")
    if has_large_number(value):
        return look("a number in the value has more than 64 bits")
    return {"v": VERSION, "state": MET, "value": value, "seen": seen}


def look(why: str) -> dict[str, Any]:
    """Return the payload that leaves the next look to the worker.

    :param why: for the task's log.
    """
    return {"v": VERSION, "state": LOOK, "why": why}


def failed(error: OrgAuthError) -> dict[str, Any]:
    """Return the payload of a wait that an error has ended."""
    return {"v": VERSION, "state": ERROR, "error": payload_of(error)}


def timed_out(last: str) -> dict[str, Any]:
    """Return the payload of a wait whose time is over.

    :param last: what was last seen, as sentences.
    """
    return {"v": VERSION, "state": TIMEOUT, "last": last}


def has_large_number(value: Any) -> bool:
    """Return whether a whole number beyond 64 bits is in it."""
    if isinstance(value, dict):
        return any(map(has_large_number, value.values()))
    if isinstance(value, list | tuple):
        return any(map(has_large_number, value))
    return isinstance(value, int) and not -(2**63) <= value < 2**64
