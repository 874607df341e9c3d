"""What can be known of the sensor's arguments without an answer: those of its request, and of its condition.

As the operator's, they are checked when the DAG is parsed as far as they are constant, and all when the task runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from airflow_provider_orgauth.answers import condition_arguments
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.operators import argument_checks as of_operator
from airflow_provider_orgauth.waiting.condition import Condition

REQUEST = ("endpoint", "method", "query", "json", "data", "headers", "org_conn_id", "max_result_bytes")
"""The names of the arguments that mean what they mean in the operator."""


def values_of(sensor: object) -> dict[str, Any]:
    """Return what is checked of a sensor, by the names of its attributes."""
    return {name: getattr(sensor, name) for name in (*REQUEST, *condition_arguments.ARGUMENTS)}


def known_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is checked of the arguments of a mapped task that all of its instances have."""
    return {name: given[name] for name in (*REQUEST, *condition_arguments.ARGUMENTS) if name in given}


def check_constant(arguments: Mapping[str, Any], *, templated: Sequence[str], template_ext: Sequence[str]) -> None:
    """Check arguments while the DAG is parsed, as far as they are constant. Nothing is looked up or imported.

    :param arguments: those that are known.
    :raises ConfigurationError: naming the argument.
    :raises ForeignOriginError: the endpoint is no path, and no URL.
    """
    _check_data(arguments.get("data"))
    of_operator.check_constant(_only(arguments, REQUEST), templated=templated, template_ext=template_ext)
    condition_arguments.check_condition(_only(arguments, condition_arguments.ARGUMENTS))


def check_all(arguments: Mapping[str, Any], context: Mapping[str, Any]) -> Condition:
    """Check all arguments when the task runs, and return the condition that they make.

    :raises ConfigurationError: naming the argument.
    :raises ForeignOriginError: the endpoint is no path, and no URL.
    """
    _check_data(arguments.get("data"))
    of_operator.check_all(_only(arguments, REQUEST), context)
    return condition_arguments.condition_of(_only(arguments, condition_arguments.ARGUMENTS), context)


def _check_data(data: Any) -> None:
    """Refuse a body that is read up by the first look.

    :raises ConfigurationError: naming ``data``.
    """
    if hasattr(data, "read") or hasattr(data, "__next__"):
        raise ConfigurationError(
            "data", "can be read once, and each look sends it", advice="Give a mapping, a text or bytes."
        )


def _only(arguments: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: arguments[name] for name in names if name in arguments}
