"""Refuse that two task instances of a DAG run write one file: the later would replace the other's.

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
from typing import Any

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.exports.location import dataset_name
from airflow_provider_orgauth.oauth.text_redaction import one_line

log = logging.getLogger(__name__)

ADVICE = (
    "Give each a file of its own, with {{ ti.map_index }}, {{ task.task_id }} or what differs between them in the path."
)


@contextmanager
def claimed_file(location: str, context: Mapping[str, Any], writers: list[str]) -> Iterator[None]:
    """Hold the claim to a place while a file is written there; it stays where that succeeds.

    :param location: a path or URL.
    :param writers: the ids of the tasks that may write there too; with none, no claim is looked for.
    :raises ConfigurationError: another task instance of this run has claimed it.
    """
    ti = context.get("ti")
    if ti is None or not writers:
        yield
        return
    place = _identity(location)
    key = f"orgauth_file_{hashlib.sha256(place.encode()).hexdigest()[:16]}"
    others = _claim(ti, key, place, writers)
    if others:
        _push(ti, key, None)
        raise ConfigurationError(
            "output_path",
            f"{one_line(place)!r} is written by {_said(others[0], ti)} in this DAG run too",
            advice=ADVICE,
        )
    try:
        yield
    except BaseException:
        _push(ti, key, None)
        raise


def itself(ti: Any) -> set[str]:
    """Return the id of a task if there are several instances of it in a run, by their map index; else nothing."""
    return {ti.task_id} if getattr(ti, "map_index", -1) >= 0 else set()


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
