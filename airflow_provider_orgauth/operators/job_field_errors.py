"""Errors about a part of a job name its field, as the user wrote it: ``job.until``, ``job.poll``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airflow_provider_orgauth.exceptions import ConfigurationError, ForeignOriginError


@contextmanager
def of_job() -> Iterator[None]:
    """Let an error about ``until`` be one about ``job.until``."""
    problem: ConfigurationError | None = None
    try:
        yield
    except ConfigurationError as error:
        problem = ConfigurationError(f"job.{error.field}", _problem(error), advice=error.advice)
    if problem is not None:
        raise problem


@contextmanager
def within(field: str) -> Iterator[None]:
    """Let an error about an argument of a request be one about the request."""
    problem: ConfigurationError | None = None
    try:
        yield
    except ConfigurationError as error:
        problem = ConfigurationError(field, f"{error.field} {_problem(error)}", advice=error.advice)
    except ForeignOriginError as error:
        problem = ConfigurationError(field, f"endpoint {error.problem}", advice=error.advice)
    if problem is not None:
        raise problem


def _problem(error: ConfigurationError) -> str:
    return error.message.removeprefix(f"{error.field}: ").removesuffix(".")
