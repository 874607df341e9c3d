"""What can be known of ``job`` without an answer: checked when the DAG is parsed, as far as it is constant.

When the task runs, all of it is checked again, before anything is sent. Each error names the field, as ``job.poll``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from airflow_provider_orgauth.answers.condition_arguments import ARGUMENTS, check_condition, condition_of
from airflow_provider_orgauth.answers.handlers import check_handler
from airflow_provider_orgauth.client.request_validation import TOKEN
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.operators.combinations import ABOUT_LISTS, check_combinations, is_list
from airflow_provider_orgauth.operators.job import NAMES, Job, JobFields
from airflow_provider_orgauth.operators.job_field_errors import of_job, within
from airflow_provider_orgauth.operators.job_requests import KEYS, PLACE_OF_ID, names_id
from airflow_provider_orgauth.waiting.condition import Condition

Check = Callable[[Mapping[str, Any]], None]
"""Checks the arguments of a request, by the names of the operator's attributes."""

REQUESTS = ("poll", "result", "find", "cancel")

_POLLED = ("GET", "HEAD")

_EXAMPLE_ID = "7"


def fields_of(job: Any) -> dict[str, Any]:
    """Return the fields of a job that is a :class:`Job` or a dict, as far as they are given.

    :raises ConfigurationError: it is neither, or has a field that there is none of.
    """
    if isinstance(job, Job):
        return JobFields.of(job)
    if not isinstance(job, Mapping):
        raise ConfigurationError("job", f"is {type(job).__name__}", advice="Give a Job, or a dict of its fields.")
    for name in job:
        if name not in NAMES:
            raise ConfigurationError(
                "job", f"has no field {str(name)[:100]!r}", advice=f"Its fields are {', '.join(NAMES)}."
            )
    return {name: value for name, value in job.items() if value is not None}


def check_job(
    job: Any,
    check_request: Check,
    is_open: Callable[[Any], bool] = lambda _: False,
    *,
    arguments: Mapping[str, Any],
) -> None:
    """Check a job, as far as it is constant.

    :param check_request: checks a request of its own, but for what only a job has.
    :param is_open: tells whether a value is known only when the task runs: a template, another task's output.
    :param arguments: of the operator, as far as they are known: some are about what comes of the job.
    :raises ConfigurationError: naming the field, as ``job.poll``.
    """
    fields = fields_of(job)
    if "until" not in fields:
        raise ConfigurationError("job", "has no until", advice="Write what shows that it is done: status == 'DONE'.")
    known = {name: value for name, value in fields.items() if isinstance(value, Mapping) or not is_open(value)}
    for name in REQUESTS:
        if name in known:
            _check_request(name, known[name], check_request, is_open)
    with of_job():
        check_condition({name: known[name] for name in ARGUMENTS if name in known})
    for name, check in _CHECKS.items():
        if name in known:
            check(name, known[name])
    _check_download(known, arguments)
    _check_ids(fields)
    _check_key(known.get("key_header"), arguments.get("headers"))
    _check_result(known, arguments)


def condition_of_job(job: Job, context: Mapping[str, Any], value: Callable[..., Any]) -> Condition:
    """Return when the wait for a job ends, when the task runs.

    :param value: what to return of the answer.
    :raises ConfigurationError: naming the field.
    """
    about = {name: getattr(job, name, None) for name in ARGUMENTS}
    with of_job():
        return condition_of({**about, "value": value}, context)


def _check_request(name: str, written: Any, check_request: Check, is_open: Callable[[Any], bool]) -> None:
    field = f"job.{name}"
    if not isinstance(written, Mapping):
        raise ConfigurationError(
            field, f"is {type(written).__name__}", advice='Write a request: {"endpoint": "/api/…/{id}"}.'
        )
    keys = (*KEYS, "id") if name == "find" else KEYS
    for key in written:
        if key not in keys:
            raise ConfigurationError(field, f"has {str(key)[:100]!r}", advice=f"It may have {', '.join(keys)}.")
    if name == "find":
        for key in ("endpoint", "id"):
            if written.get(key) is None:
                raise ConfigurationError(
                    field, f"has no {key}", advice="Write the request, and a JMESPath expression as id."
                )
        if not is_open(written["id"]):
            _check_expression(f"{field}.id", written["id"])
    method = written.get("method")
    if name == "poll" and isinstance(method, str) and not is_open(method) and method.upper() not in _POLLED:
        raise ConfigurationError(field, f"method is {method[:20]}", advice="Jobs are polled with GET or HEAD.")
    about = {("query" if key == "params" else key): value for key, value in written.items() if key != "id"}
    endpoint = about.get("endpoint")
    if isinstance(endpoint, str):
        about["endpoint"] = endpoint.replace(PLACE_OF_ID, _EXAMPLE_ID)
    with within(field):
        check_request({key: value for key, value in about.items() if value is not None})


def _check_key(header: Any, headers: Any) -> None:
    if (
        isinstance(headers, Mapping)
        and header is not None
        and header.lower() in {str(name).lower() for name in headers}
    ):
        raise ConfigurationError(
            "job.key_header", "is in headers too", advice="Leave it out there: each submission gets a key of its own."
        )


def _check_result(known: Mapping[str, Any], arguments: Mapping[str, Any]) -> None:
    """Check the request whose answer is the list, or the file, that the operator's other arguments ask for."""
    if "download" in known:
        return
    name = "result" if "result" in known else "poll"
    written = known.get(name, {})
    about = {name: arguments[name] for name in (*ABOUT_LISTS, "output_path") if name in arguments}
    with within(f"job.{name}"):
        check_combinations({"method": "GET", "data": None, "params": None, **about, **written})


def _check_download(known: Mapping[str, Any], arguments: Mapping[str, Any]) -> None:
    if "download" not in known:
        return
    if "output_path" in arguments and arguments["output_path"] is None:
        raise ConfigurationError("job.download", "has no file to go to", advice="Give the operator an output_path.")
    if is_list(*(arguments.get(name) for name in ABOUT_LISTS)):
        raise ConfigurationError(
            "job.download", "is one file, and the operator's other arguments are about a list", advice="Leave one out."
        )


def _check_ids(fields: Mapping[str, Any]) -> None:
    for name in REQUESTS:
        if name == "find" and names_id(fields.get(name)):
            raise ConfigurationError("job.find", "has {id} in it", advice="It is asked where no id is known.")
        if names_id(fields.get(name)) and "id" not in fields:
            raise ConfigurationError(
                f"job.{name}", "has {id} in it, and job.id is not given", advice='Write where the id is: id="jobId".'
            )
    if "find" in fields and ("id" not in fields or "poll" not in fields):
        raise ConfigurationError(
            "job.find", "needs job.id and job.poll", advice="What it finds is an id, and no Location."
        )


def _check_expression(field: str, value: Any) -> None:
    if not isinstance(value, str):
        raise ConfigurationError(field, f"is {type(value).__name__}", advice="Give a JMESPath expression as a text.")
    check_handler(field, value)


def _check_seconds(field: str, value: Any) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < float("inf"):
        raise ConfigurationError(field, "is no number of seconds above 0", advice="Write seconds, such as 30.")


def _check_header(field: str, value: Any) -> None:
    if not isinstance(value, str) or not TOKEN.fullmatch(value):
        raise ConfigurationError(field, "is no name of a header", advice="Write one such as Idempotency-Key.")


_CHECKS: dict[str, Callable[[str, Any], None]] = {
    "id": lambda name, value: _check_expression(f"job.{name}", value),
    "download": lambda name, value: _check_expression(f"job.{name}", value),
    "key_header": lambda name, value: _check_header(f"job.{name}", value),
    "poke_interval": lambda name, value: _check_seconds(f"job.{name}", value),
    "timeout": lambda name, value: _check_seconds(f"job.{name}", value),
}
