"""Whether a sensor goes to the triggerer, as far as that is known when the DAG is parsed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.triggers.request_payload import check_part


def is_deferrable(wanted: bool | None, arguments: Mapping[str, Any]) -> bool:
    """Return whether a sensor goes to the triggerer, as far as that is known when the DAG is parsed.

    :param wanted: None: as Airflow's configuration says, unless the arguments do not allow it.
    :param arguments: of the sensor.
    :raises ConfigurationError: it is wanted, and an argument does not allow it.
    """
    from airflow_provider_orgauth.compat import conf

    if wanted is None and conf.getboolean("operators", "default_deferrable", fallback=False):
        try:
            _check(arguments)
        except ConfigurationError:
            return False
        return True
    if wanted:
        _check(arguments)
    return bool(wanted)


def _check(arguments: Mapping[str, Any]) -> None:
    for name in ("until", "fail_if"):
        if callable(arguments.get(name)):
            raise ConfigurationError(
                name,
                "is a function, and cannot go to the triggerer",
                advice="Write its import path (package.module:function), or JMESPath; or wait with deferrable=False.",
            )
    headers = arguments.get("headers")
    if isinstance(headers, Mapping):
        check_part("headers", {name: value if isinstance(value, str) else "" for name, value in headers.items()})
