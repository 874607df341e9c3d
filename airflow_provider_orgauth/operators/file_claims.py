"""One file, one task instance: of a DAG run, no two may replace each other's file without a word.

Each task instance that writes a file first pushes an XCom that claims its path, then looks who else has. Of two at the
same time at least one sees the other, whatever the store of the files is; Airflow removes the claims with the run. A
retry is the same task instance, and one that fails takes its claim back, so that a task for that case may write the
file.
"""

from __future__ import annotations

import hashlib
import logging
import posixpath
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.oauth.redaction import one_line
from airflow_provider_orgauth.operators.lineage import dataset_name

if TYPE_CHECKING:
    from airflow_provider_orgauth.operators.org_api import OrgApiOperator

log = logging.getLogger(__name__)

ADVICE = (
    "Give each a file of its own, with {{ ti.map_index }}, {{ task.task_id }} or what differs between them in the path."
)


def check_one_file_each(output_path: Any) -> None:
    """Refuse, when the DAG is parsed, one constant path for all instances of a mapped task.

    :raises ConfigurationError: naming ``output_path``.
    """
    from airflow_provider_orgauth.operators.arguments import has_template, is_output

    if output_path is None or is_output(output_path) or has_template(str(output_path)):
        return
    raise ConfigurationError("output_path", "is one file for all instances of a mapped task", advice=ADVICE)


@contextmanager
def claimed(operator: OrgApiOperator, context: Mapping[str, Any]) -> Iterator[None]:
    """Hold the claim to the operator's ``output_path`` while it is written; it stays where that succeeds.

    :raises ConfigurationError: another task instance of this run has claimed it.
    """
    ti = context.get("ti")
    writers = [] if ti is None or operator.output_path is None else _writers(context, ti)
    if not writers:
        yield
        return
    location = _identity(str(operator.output_path))
    key = f"orgauth_file_{hashlib.sha256(location.encode()).hexdigest()[:16]}"
    others = _claim(ti, key, location, writers)
    if others:
        _push(ti, key, None)
        raise ConfigurationError(
            "output_path",
            f"{one_line(location)!r} is written by {_said(others[0], ti)} in this DAG run too",
            advice=ADVICE,
        )
    try:
        yield
    except BaseException:
        _push(ti, key, None)
        raise


def _writers(context: Mapping[str, Any], ti: Any) -> list[str]:
    """Return the ids of the tasks that may write the same file: this one, if it is mapped, and others of the DAG."""
    tasks = getattr(context.get("dag"), "tasks", ())
    ids = {task.task_id for task in tasks if task.task_id != ti.task_id and _may_write(task)}
    return sorted(ids | ({ti.task_id} if getattr(ti, "map_index", -1) >= 0 else set()))


def _may_write(task: Any) -> bool:
    """Tell whether a task of a DAG, mapped or not, is an ``OrgApiOperator`` with ``output_path``."""
    from airflow_provider_orgauth.operators.org_api import OrgApiOperator

    kind = getattr(task, "operator_class", type(task))
    if not (isinstance(kind, type) and issubclass(kind, OrgApiOperator)):
        return False
    if kind is type(task):
        return task.output_path is not None
    mapped = getattr(task.expand_input, "value", None)
    return "output_path" in task.partial_kwargs or not isinstance(mapped, Mapping) or "output_path" in mapped


def _claim(ti: Any, key: str, location: str, writers: list[str]) -> list[Mapping[str, Any]]:
    """Claim the location, and return the claims of other task instances."""
    own = {"task_id": ti.task_id, "map_index": getattr(ti, "map_index", -1)}
    if not _push(ti, key, {**own, "path": location}):
        return []
    try:
        found = list(ti.xcom_pull(task_ids=writers, key=key) or ())
    except Exception as error:
        _warn(error)
        return []
    claims = [claim for claim in found if isinstance(claim, Mapping) and claim.get("path") == location]
    return [claim for claim in claims if {name: claim.get(name) for name in own} != own]


def _push(ti: Any, key: str, claim: Mapping[str, Any] | None) -> bool:
    try:
        ti.xcom_push(key=key, value=claim or {})
    except Exception as error:
        _warn(error)
        return False
    return True


def _warn(error: Exception) -> None:
    log.warning("Whether another task of this run writes the same file cannot be told (%s).", type(error).__name__)


def _said(claim: Mapping[str, Any], ti: Any) -> str:
    task = "this task" if claim.get("task_id") == ti.task_id else f"task {claim.get('task_id')!r}"
    index = claim.get("map_index", -1)
    return f"map index {index} of {task}" if isinstance(index, int) and index >= 0 else task


def _identity(path: str) -> str:
    """Return the same text for all ways to write a place: without the connection's id, with or without ``file:``."""
    store, name = dataset_name(path)
    return posixpath.normpath(name).replace("//", "/") if store == "file" else f"{store}/{name}"
