"""The arguments of the watcher: as Airflow stores them, and what can be wrong with them before there is an answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from airflow_provider_orgauth.triggers.arguments import VERSION, as_json

DEFAULTS: dict[str, Any] = {
    "org_conn_id": "orgauth_default",
    "when": None,
    "key": None,
    "records": None,
    "record_id": "id",
    "fields": None,
    "waiting_statuses": (),
    "poke_interval": 60.0,
    "tell_first": False,
}
"""Of all arguments but ``request``."""

MAPPINGS = ("request", "fields")
"""Arguments that are mappings, or may be."""

REQUEST_PARTS = ("endpoint", "method", "params", "json", "data", "headers")


def stored(request: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments as JSON that is equal for equal arguments, in whatever order a DAG has them.

    By the order of its keys, too, Airflow tells whether it knows a watcher. What is as by default is not stored: rows
    of one version are read by others, and one more argument would make each watcher a new one.
    """
    given = {name: as_json(value) for name, value in options.items() if value != DEFAULTS.get(name, ...)}
    arguments: dict[str, Any] = canonical({"v": VERSION, "request": request, **given})
    return arguments


def kept(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments as they are given to Airflow, which keeps them; 3.2 damages mappings, and gets JSON text.

    It encodes a mapping under the Python names of its two marks, and does not know them again: neither in the
    triggerer, nor when it compares the watchers of a DAG with those that it has, which it then replaces each time.
    """
    from airflow import __version__

    if not __version__.startswith("3.2."):
        return dict(arguments)
    return {name: json.dumps(value) if isinstance(value, Mapping) else value for name, value in arguments.items()}


def read(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return what :func:`kept` was given. Any Airflow may have kept it: who upgrades has the rows of the one before."""
    return {name: _mapping_in(value) if name in MAPPINGS else value for name, value in arguments.items()}


def _mapping_in(value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith("{"):
        return value
    try:
        return json.loads(value)
    except ValueError:  # whoever takes it says that it is none
        return value


def canonical(value: Any) -> Any:
    """Return JSON with all keys in order; what is no JSON comes back as it is, for whoever refuses it."""
    try:
        return json.loads(json.dumps(value, sort_keys=True))
    except (TypeError, ValueError, RecursionError):
        return value


def check(request: Any, options: Mapping[str, Any]) -> None:
    """Check the arguments that a DAG gives. Nothing is looked up.

    :param options: all of ``DEFAULTS``, and whatever else was given.
    :raises ConfigurationError: naming the argument.
    :raises ForeignOriginError: the endpoint is no path, and no URL.
    """
    from airflow_provider_orgauth.answers.condition_arguments import check_condition
    from airflow_provider_orgauth.answers.handlers import check_handler
    from airflow_provider_orgauth.exceptions import ConfigurationError

    _refuse_unknown("OrgApiEventTrigger", options, tuple(DEFAULTS))
    _check_request(request)
    when = options["when"]
    if callable(when):
        raise ConfigurationError("when", "is a function", advice="Write a JMESPath expression, or status codes.")
    check_condition({"when": when, "waiting_statuses": as_json(options["waiting_statuses"])})
    if options["records"] is not None and not isinstance(when, str | None):
        raise ConfigurationError("when", "is a status code, and records have none", advice="Write JMESPath.")
    if when is options["key"] is options["records"] is None:
        raise ConfigurationError(
            "when", "is missing, as are key and records", advice="Say what is watched with one of them, at least."
        )
    for name, expression in _expressions(options):
        _refuse_template(name, expression)
        _refuse_import_path(name, expression)
        check_handler(name, expression)
    interval = options["poke_interval"]
    if isinstance(interval, bool) or not isinstance(interval, int | float) or not 0 < interval < float("inf"):
        raise ConfigurationError("poke_interval", "is no number of seconds above 0", advice="Write one, such as 60.")


def _expressions(options: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name in ("key", "records", "record_id"):
        if options[name] is not None:
            yield name, options[name]
    if isinstance(options["when"], str):
        yield "when", options["when"]
    for _, expression in fields_of(options["fields"]).items():
        yield "fields", expression


def fields_of(fields: Any) -> dict[str, Any]:
    """Return the expressions of an event's fields, by their names; of a list, an expression is its own name.

    :raises ConfigurationError: it is neither a mapping nor a list.
    """
    from airflow_provider_orgauth.exceptions import ConfigurationError

    if fields is None:
        return {}
    if isinstance(fields, Mapping):
        return {str(name): expression for name, expression in fields.items()}
    if isinstance(fields, list | tuple):
        return {str(expression): expression for expression in fields}
    raise ConfigurationError(
        "fields", f"is {type(fields).__name__}", advice='Write {"name": "a JMESPath expression"}, or a list of names.'
    )


def _check_request(request: Any) -> None:
    from airflow_provider_orgauth.triggers.request_payload import check_request, request_of

    check_request(request)
    for name, value in request.items():
        _refuse_template(str(name), value)
    request_of(request)
    _refuse_unknown("request", request, REQUEST_PARTS)


def _refuse_unknown(what: str, given: Mapping[str, Any], known: tuple[str, ...]) -> None:
    from airflow_provider_orgauth.exceptions import ConfigurationError

    for name in given:
        if name not in known:
            meant = get_close_matches(str(name), known, n=1)
            said = f"Did you mean {meant[0]}?" if meant else f"There are {', '.join(known)}."
            raise ConfigurationError(str(name), f"is no argument of {what}", advice=said)


def _refuse_template(name: str, value: Any) -> None:
    from airflow_provider_orgauth.answers.templates import has_template
    from airflow_provider_orgauth.exceptions import ConfigurationError

    if has_template(value):
        raise ConfigurationError(name, "has a template, and a watcher has no task to take values from")


def _refuse_import_path(name: str, value: Any) -> None:
    from airflow_provider_orgauth.exceptions import ConfigurationError
    from airflow_provider_orgauth.waiting.import_path import is_import_path

    if isinstance(value, str) and is_import_path(value):
        raise ConfigurationError(name, "is the import path of a function", advice="Write a JMESPath expression.")
