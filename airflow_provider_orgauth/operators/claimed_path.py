"""Which task instances of a DAG run may write one file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.hooks.file_claims import ADVICE, claimed_file, itself


def check_one_file_each(output_path: Any) -> None:
    """Refuse, when the DAG is parsed, one constant path for all instances of a mapped task.

    :raises ConfigurationError: naming ``output_path``.
    """
    from airflow_provider_orgauth.answers.templates import has_template
    from airflow_provider_orgauth.operators.argument_checks import is_output

    if output_path is None or is_output(output_path) or has_template(str(output_path)):
        return
    raise ConfigurationError("output_path", "is one file for all instances of a mapped task", advice=ADVICE)


def claimed(output_path: str | None, context: Mapping[str, Any], writing: type[Any]) -> AbstractContextManager[None]:
    """Hold the claim to an ``output_path`` while it is written; it stays where that succeeds.

    :param output_path: None: no file is written, and nothing claimed.
    :param writing: the class of the operators that write files.
    :raises ConfigurationError: on entering, another task instance of this run has claimed it.
    """
    writers = [] if output_path is None else _writers(context, writing)
    return claimed_file(str(output_path), context, writers)


def _writers(context: Mapping[str, Any], writing: type[Any]) -> list[str]:
    """Return the ids of the tasks that may write the same file: this one, if it is mapped, and others of the DAG."""
    ti = context.get("ti")
    if ti is None:
        return []
    tasks = getattr(context.get("dag"), "tasks", ())
    others = {task.task_id for task in tasks if task.task_id != ti.task_id and _may_write(task, writing)}
    return sorted(itself(ti) | others)


def _may_write(task: Any, writing: type[Any]) -> bool:
    """Return whether a task of a DAG, mapped or not, is one of these operators with ``output_path``."""
    kind = getattr(task, "operator_class", type(task))
    if not (isinstance(kind, type) and issubclass(kind, writing)):
        return False
    if kind is type(task):
        return getattr(task, "output_path", None) is not None
    if kind is not writing:
        return True  # a class of the user's own may choose the path itself, once it is made
    mapped = getattr(task.expand_input, "value", None)
    given = (task.partial_kwargs, *_default_args(task))
    return not isinstance(mapped, Mapping) or "output_path" in mapped or any("output_path" in some for some in given)


def _default_args(task: Any) -> Iterator[Mapping[str, Any]]:
    """Yield what a mapped task gets when it is expanded, besides its own arguments: of its DAG and its groups."""
    place = getattr(task, "dag", None)
    group = getattr(task, "task_group", None)
    while place is not None:
        yield getattr(place, "default_args", None) or {}
        place, group = group, getattr(group, "task_group", None)
