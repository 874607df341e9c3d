"""The operator's arguments, in the parts in which they are used: values that do not change while a task runs.

The code that uses a part does not know the operator, so that it can be tested without one. ``argument_checks.py``
checks each argument, and ``combinations.py`` has those that do not go together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from airflow_provider_orgauth.answers.request_arguments import Arguments


@dataclass(frozen=True, repr=False, eq=False)
class AnswerArguments(Arguments):
    """What is done with an answer, and how much of it is returned."""

    response_check: str | Callable[..., Any] | None
    response_filter: str | Callable[..., Any] | None
    log_response: bool
    do_xcom_push: bool
    max_result_bytes: int


@dataclass(frozen=True, repr=False, eq=False)
class ListArguments(Arguments):
    """Which list it is, and how its pages follow each other."""

    pagination: Any
    records: str | None
    max_concurrency: int


@dataclass(frozen=True, repr=False, eq=False)
class IntervalArguments(Arguments):
    """Since when, until when: how that is asked for, and whether the records keep to it."""

    since: str | None
    until: str | None
    watermark: str | None
    time_format: str
    time_field: str | None
    require_fields: bool


@dataclass(frozen=True, repr=False, eq=False)
class FileArguments(Arguments):
    """Where a file is written, and the outlets whose asset events get the manifest."""

    org_conn_id: str
    output_path: str
    outlets: Iterable[Any]


@dataclass(frozen=True, repr=False, eq=False)
class ExportArguments(FileArguments):
    """What of the records is written to a file."""

    fields: Sequence[str] | None
    drop_fields: Sequence[str] | None
    unique_by: str | Sequence[str] | None
    strict: bool
    require_fields: bool
    time_field: str | None
