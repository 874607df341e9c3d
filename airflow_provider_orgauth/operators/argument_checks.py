"""What can be known of the operator's arguments without an answer: checked before anything is sent.

What is constant is checked when the DAG is parsed. What is not (a template, another task's output, an argument that a
mapped task gets later) is checked with all the rest when the task runs, before its first request.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from airflow_provider_orgauth.answers.handlers import check_handler
from airflow_provider_orgauth.answers.templates import has_template
from airflow_provider_orgauth.client.endpoint import check_endpoint
from airflow_provider_orgauth.client.query import form_of
from airflow_provider_orgauth.client.request_validation import check_headers, check_method
from airflow_provider_orgauth.client.settings import check_max_concurrency
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.exports.field_names import dropped_of, key_of, names_of
from airflow_provider_orgauth.exports.location import location_of
from airflow_provider_orgauth.operators.combinations import check_combinations
from airflow_provider_orgauth.operators.time_format import check_time_format

log = logging.getLogger(__name__)

Check = Callable[[str, Any], Any]


def check_constant(arguments: Mapping[str, Any], *, templated: Sequence[str], template_ext: Sequence[str] = ()) -> None:
    """Check arguments while the DAG is parsed, as far as they are constant. Nothing is looked up.

    :param arguments: those that are known, by the names of the operator's attributes.
    :param templated: the names of those that Airflow renders.
    :param template_ext: endings of texts that name a file with a template.
    :raises ConfigurationError: naming the argument.
    :raises ForeignOriginError: the endpoint is no path, and no URL.
    """

    def is_open(name: str, value: Any) -> bool:
        return is_output(value) or (name in templated and _has_template(value, template_ext))

    job = arguments.get("job")
    if job is not None and not _resolves(job):
        from airflow_provider_orgauth.operators.job_checks import check_job

        check_job(
            job,
            lambda request: check_constant(request, templated=tuple(request)),
            is_open=lambda value: is_output(value) or _has_template(value, ()),
            arguments=arguments,
        )
    known = {name: value for name, value in arguments.items() if not is_output(value) and name != "job"}
    for name, value in known.items():
        if name in _BY_ENTRY and isinstance(value, Mapping):
            some = {key: one for key, one in value.items() if not is_open(name, key) and not is_open(name, one)}
            _check(name, some)
        elif not is_open(name, value):
            if _has_template(value, ()) and name in _NAMES:
                raise ConfigurationError(name, "is not templated", advice="Write the name itself.")
            _check(name, value)
    if isinstance(known.get("query"), str) and is_open("query", known["query"]):
        del known["query"]  # with render_template_as_native_obj, a dict is going to come of that text
    check_combinations(_as_written(known), has_job=job is not None)


def check_all(arguments: Mapping[str, Any], context: Mapping[str, Any]) -> None:
    """Check all arguments when the task runs: nothing in them is going to change any more.

    :raises ConfigurationError: naming the argument.
    :raises ForeignOriginError: the endpoint is no path, and no URL.
    """
    job = arguments.get("job")
    if job is not None:
        from airflow_provider_orgauth.operators.job_checks import check_job

        check_job(job, lambda request: check_all(request, context), arguments=arguments)
    for name, value in arguments.items():
        if name != "job":
            _check(name, value)
    for name in _HANDLERS:
        if arguments.get(name) is not None:
            check_handler(name, arguments[name], context)
    _warn_of_none(arguments.get("query"))
    check_combinations(_as_written(arguments), has_job=job is not None)


def is_output(value: Any) -> bool:
    """Return whether this is, or holds, what is known only at run time: another task's output, a mapped value."""
    if isinstance(value, Mapping):
        return any(map(is_output, value.values()))
    if isinstance(value, list | tuple | set):
        return any(map(is_output, value))
    return _resolves(value)


def _resolves(value: Any) -> bool:
    # Airflow's ResolveMixin, of both its major versions.
    return hasattr(value, "iter_references") and hasattr(value, "resolve")


def _has_template(value: Any, template_ext: Sequence[str]) -> bool:
    if isinstance(value, Mapping):
        return any(_has_template(one, template_ext) for pair in value.items() for one in pair)
    if isinstance(value, list | tuple | set):
        return any(_has_template(one, template_ext) for one in value)
    # An object whose class names templated fields is rendered too.
    return has_template(value, template_ext) or hasattr(value, "template_fields")


def _as_written(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Name them as users do: the query is ``params``."""
    return {_WRITTEN.get(name, name): value for name, value in arguments.items()}


def _check(name: str, value: Any) -> None:
    if value is not None or name in _NEVER_NONE:
        _CHECKS[name](_WRITTEN.get(name, name), value)


def _check_json(name: str, value: Any) -> None:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigurationError(
            name,
            f"is no JSON ({type(error).__name__})",
            advice="Write dicts, lists, texts, numbers, True, False, None.",
        ) from None


def _check_endpoint(name: str, value: Any) -> None:
    if "None" in check_endpoint(value).path.split("/"):
        raise ConfigurationError(
            name, "has None in its path", advice="A template, or another task's output, came to nothing there: give it."
        )


def _check_query(name: str, value: Any) -> None:
    if not isinstance(value, str | bytes):
        form_of(name, value)


def _warn_of_none(query: Any) -> None:
    """Warn of a value that is the text ``None``: in a path it is refused, but somebody may search for that name."""
    for name, value in query.items() if isinstance(query, Mapping) else ():
        if value == "None":
            log.warning("params.%s is the text 'None': a template, or another task's output, came to nothing.", name)


def _check_body(name: str, value: Any) -> None:
    if isinstance(value, Mapping | list | tuple):
        form_of(name, value)
    elif isinstance(value, bool | int | float):
        raise ConfigurationError(name, f"is {type(value).__name__}", advice="Give a dict, a text or bytes; or json.")


def _check_pagination(name: str, value: Any) -> None:
    from airflow_provider_orgauth.paging.style_choice import pagination_of

    if value is not False:
        pagination_of(value)


def _check_records(name: str, value: Any) -> None:
    from airflow_provider_orgauth.paging.style_choice import check_records

    check_records(value)


def _check_name(name: str, value: Any) -> None:
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(name, "is no name", advice=f'Write a text such as {name}="{_EXAMPLES[name]}".')


def _check_bool(name: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise ConfigurationError(name, f"is {type(value).__name__}", advice="Write True or False.")


def _check_size(name: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ConfigurationError(name, "is not a whole number from 1", advice="Write bytes, such as 1_000_000.")


_CHECKS: dict[str, Check] = {
    "endpoint": _check_endpoint,
    "method": lambda _, value: check_method(value),
    "query": _check_query,
    "json": _check_json,
    "data": _check_body,
    "headers": lambda _, value: check_headers(value),
    "org_conn_id": _check_name,
    "response_check": check_handler,
    "response_filter": check_handler,
    "pagination": _check_pagination,
    "records": _check_records,
    "output_path": lambda _, value: location_of(value),
    "max_concurrency": lambda _, value: check_max_concurrency(value),
    "fields": names_of,
    "drop_fields": lambda _, value: dropped_of(value),
    "unique_by": lambda _, value: key_of(value),
    "strict": _check_bool,
    "require_fields": _check_bool,
    "since": _check_name,
    "until": _check_name,
    "watermark": _check_name,
    "time_format": lambda _, value: check_time_format(value),
    "time_field": _check_name,
    "log_response": _check_bool,
    "max_result_bytes": _check_size,
    "deferrable": _check_bool,
}
"""Called with the argument's name, as users write it, and its value."""

CHECKED = (*_CHECKS, "job")
"""The names of the arguments that are checked, as the operator's attributes are called."""

_HANDLERS = ("response_check", "response_filter")
_BY_ENTRY = frozenset({"query", "headers", "data"})
"""Of these, one entry may be constant while another is not."""
_NAMES = frozenset({"since", "until", "time_format", "time_field", "fields", "drop_fields", "unique_by"})
"""Airflow does not render these: a template would be taken for a name that no server knows."""
_NEVER_NONE = frozenset(
    {
        "endpoint",
        "method",
        "org_conn_id",
        "max_concurrency",
        "strict",
        "require_fields",
        "time_format",
        "log_response",
        "max_result_bytes",
    }
)
_WRITTEN = {"query": "params"}
_EXAMPLES = {
    "since": "from",
    "until": "to",
    "watermark": "readings",
    "time_field": "at",
    "org_conn_id": "orgauth_default",
}
