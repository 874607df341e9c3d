"""The state of a task that its next attempt finds, and what identifies that task and attempt."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import partial
from typing import Any

from airflow_provider_orgauth.cache.seal import Seal, UnreadableRecordError
from airflow_provider_orgauth.exports.cannot_resume import CannotResumeError

STATE_KEY = "orgauth_export"


class TaskState:
    """A value in Airflow's task state store (3.3), which outlives an attempt of the task and goes when it succeeds.

    Airflow neither encrypts nor masks it. The position is sealed: a cursor or a link may hold a credential.

    :param seal: of the connection's client.
    """

    def __init__(self, store: Any, seal: Seal) -> None:
        self._store = store
        self._seal = seal

    def load(self) -> Mapping[str, Any] | None:
        """Return what an earlier attempt saved, or None.

        :raises CannotResumeError: it cannot be read, for instance as the connection was changed since.
        """
        found = self._store.get(STATE_KEY)
        if not isinstance(found, Mapping) or "position" not in found:
            return found  # the caller checks whether it is of any use
        try:
            position = self._seal.open(found["position"])
        except UnreadableRecordError as unreadable:
            raise CannotResumeError(f"what an earlier attempt left cannot be read: {unreadable}") from None
        if position is None:
            raise CannotResumeError("the connection's server, client or secret was changed after an earlier attempt")
        return {**found, "position": json.loads(position)}

    def save(self, state: Mapping[str, Any]) -> None:
        """Keep it for the next attempt."""
        sealed = {"position": self._seal.close(json.dumps(state["position"]))} if "position" in state else {}
        self._store.set(STATE_KEY, {**state, **sealed})

    def clear(self) -> None:
        """Delete what was saved."""
        self._store.delete(STATE_KEY)


def task_state(context: Mapping[str, Any], seal: Callable[[], Seal]) -> TaskState | None:
    """Return this task's state, or None where there is none to have: before Airflow 3.3, and outside of a task.

    :param seal: gives the seal of the connection's client: where it is not needed, it need not be made.
    """
    store = context.get("task_state_store")
    return None if store is None else TaskState(store, seal())


def attempt_of(context: Mapping[str, Any]) -> int:
    """Return which attempt of the task this is, from 1; outside of a task, the first."""
    number = getattr(context.get("ti"), "try_number", 1)
    return number if isinstance(number, int) else 1


def digest_of(value: Any) -> str:
    """Return a digest of a JSON value, or of what can be written as one."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=_said).encode()).hexdigest()


def _said(value: Any) -> Any:
    # No repr where there may be a function in it: that has an address, which another process does not share.
    if is_dataclass(value) and not isinstance(value, type):
        return [type(value).__qualname__, {field.name: getattr(value, field.name) for field in fields(value)}]
    if isinstance(value, partial):
        return [value.func, value.args, value.keywords]
    if callable(value):
        named = value if hasattr(value, "__qualname__") else type(value)
        return f"{named.__module__}.{named.__qualname__}"
    return repr(value)
