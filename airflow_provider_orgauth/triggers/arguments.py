"""The arguments of the trigger, as Airflow stores them: JSON, in plain text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from airflow_provider_orgauth.exceptions import ConfigurationError

VERSION = 1
"""A triggerer may be older or newer than the worker that deferred. Those of version 1 keep their meaning for ever."""

DEFAULTS: dict[str, Any] = {
    "org_conn_id": "orgauth_default",
    "fail_if": None,
    "value": None,
    "waiting_statuses": (),
    "poke_interval": 60.0,
    "exponential_backoff": False,
    "max_wait": None,
    "deadline": None,
    "next_look": None,
    "looks": 0,
    "value_by_worker": False,
    "resume": None,
    "v": VERSION,
}
"""Of all arguments but ``request`` and ``until``."""


def as_json(value: Any) -> Any:
    """Return what an argument is in JSON: status codes are a list."""
    return sorted(value) if isinstance(value, set | frozenset | tuple | range) else value


def is_default(name: str, value: Any) -> bool:
    """Return whether an argument is as by default, in whatever form it is given."""
    return name in DEFAULTS and as_json(value) == as_json(DEFAULTS[name])


_NUMBERS = ("poke_interval", "max_wait", "deadline", "next_look", "looks")


def check_options(option: Mapping[str, Any]) -> None:
    """Check what the triggerer reckons with: a row may be of another version, or broken.

    :param option: all of ``DEFAULTS``.
    :raises ConfigurationError: naming the argument.
    """
    if option["v"] != VERSION:
        raise ConfigurationError(
            "v", f"is {option['v']}, which this triggerer does not know", advice="Upgrade the triggerer."
        )
    for name in _NUMBERS:
        value = option[name]
        if value is None and DEFAULTS[name] is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ConfigurationError(name, "is no number", advice="Write seconds, such as 60.")
    if not isinstance(option["org_conn_id"], str):
        raise ConfigurationError("org_conn_id", "is no text", advice="Write the id of a connection.")
