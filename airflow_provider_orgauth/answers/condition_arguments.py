"""The sensor's arguments about its condition: checked when the DAG is parsed, and made into one when the task runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from airflow_provider_orgauth.answers.handlers import check_handler
from airflow_provider_orgauth.answers.templates import has_template
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.waiting.condition import Condition, Handler, Test
from airflow_provider_orgauth.waiting.import_path import imported, is_import_path
from airflow_provider_orgauth.waiting.looked_at import looks_at_nothing

ARGUMENTS = ("until", "fail_if", "value", "waiting_statuses")

LOWEST_STATUS, HIGHEST_STATUS = 200, 599

_ABOUT_CREDENTIALS = frozenset({401, 407})
"""Statuses that say nothing of what is waited for: the token, or a proxy's password, is not accepted."""

_FOLLOWED = frozenset({301, 302, 303, 307, 308})
"""Statuses that no look ends with."""

_GIVE = "Give a JMESPath expression, a function, its import path (package.module:function), or status codes."


_APART = (
    ("until", "fail_if"),
    *(("waiting_statuses", other) for other in ("until", "fail_if", "when")),
)
"""Arguments that have no status code in common."""


def check_condition(arguments: Mapping[str, Any]) -> None:
    """Check those of ``ARGUMENTS`` that are given, as far as that needs no import; a mapped task has not all yet.

    :param arguments: also ``when``, of a watcher.
    :raises ConfigurationError: naming the argument.
    """
    for name, value in arguments.items():
        if has_template(value):
            raise ConfigurationError(
                name, "is not templated", advice="Write a function: it may take what the context has, by name."
            )
        _CHECKS[name](name, value)
    _check_together({name: _statuses_in(value) for name, value in arguments.items() if name != "value"})


def condition_of(arguments: Mapping[str, Any], context: Mapping[str, Any]) -> Condition:
    """Return the condition, with import paths replaced by their functions.

    :param arguments: all of ``ARGUMENTS``.
    :param context: of the task, whose values a function may name.
    :raises ConfigurationError: naming the argument.
    """
    check_condition(arguments)
    statuses = _statuses_in(arguments["waiting_statuses"])
    fail_if, value = arguments["fail_if"], arguments["value"]
    return Condition(
        _test("until", arguments["until"], context),
        None if fail_if is None else _test("fail_if", fail_if, context),
        None if value is None else _handler("value", value, context),
        statuses,
    )


def _test(name: str, value: Any, context: Mapping[str, Any]) -> Test:
    return _statuses_in(value) if _is_about_statuses(value) else _handler(name, value, context)


def _handler(name: str, value: Any, context: Mapping[str, Any]) -> Handler:
    handler: Handler = imported(name, value) if isinstance(value, str) and is_import_path(value) else value
    check_handler(name, handler, context)
    return handler


def _check_test(name: str, value: Any) -> None:
    if _is_about_statuses(value):
        _check_statuses(name, value)
    else:
        _check_handler(name, value)
    if isinstance(value, str) and not is_import_path(value) and looks_at_nothing(value):
        raise ConfigurationError(
            name,
            f"is the same of every answer ({value[:200]!r})",
            advice="Name a field of the answer, as in status == 'FINISH'.",
        )


def _check_handler(name: str, value: Any) -> None:
    if isinstance(value, str) and is_import_path(value):
        return
    if not isinstance(value, str) and not callable(value):
        raise ConfigurationError(name, f"is {type(value).__name__}", advice=_GIVE)
    check_handler(name, value)


def _check_statuses(name: str, value: Any) -> None:
    for one in _each(value):
        if not isinstance(one, int) or isinstance(one, bool) or not LOWEST_STATUS <= one <= HIGHEST_STATUS:
            raise ConfigurationError(
                name,
                f"has something that is no status code from {LOWEST_STATUS} to {HIGHEST_STATUS}",
                advice="Write one, such as 404, or several: {200, 204}.",
            )
        if one in _FOLLOWED:
            raise ConfigurationError(
                name, f"names {one}, a redirect", advice="Redirects are followed: name what the answer behind it says."
            )
        if one in _ABOUT_CREDENTIALS:
            raise ConfigurationError(
                name, f"names {one}, which is about the credentials", advice="Such an answer always fails the task."
            )
    if name != "waiting_statuses" and not _statuses_in(value):
        raise ConfigurationError(name, "has no status code in it", advice=_GIVE)


def _check_waiting_statuses(name: str, value: Any) -> None:
    if not _is_about_statuses(value):
        raise ConfigurationError(name, f"is {type(value).__name__}", advice="Write status codes, such as 404 or {404}.")
    _check_statuses(name, value)


def _check_together(sets: Mapping[str, frozenset[int]]) -> None:
    for one, other in _APART:
        both = sets.get(one, frozenset()) & sets.get(other, frozenset())
        if both:
            raise ConfigurationError(
                one, f"has {min(both)}, and {other} has it too", advice="An answer can mean one thing only."
            )


def _is_about_statuses(value: Any) -> bool:
    return isinstance(value, int | list | tuple | set | frozenset | range) and not isinstance(value, bool)


def _each(value: Any) -> Any:
    return (value,) if isinstance(value, int) else value


def _statuses_in(value: Any) -> frozenset[int]:
    return frozenset(_each(value)) if _is_about_statuses(value) else frozenset()


def _unless_none(check: Callable[[str, Any], None]) -> Callable[[str, Any], None]:
    return lambda name, value: None if value is None else check(name, value)


_CHECKS: dict[str, Callable[[str, Any], None]] = {
    "until": _check_test,
    "fail_if": _unless_none(_check_test),
    "value": _unless_none(_check_handler),
    "waiting_statuses": _check_waiting_statuses,
    "when": _unless_none(_check_test),  # of a watcher
}
