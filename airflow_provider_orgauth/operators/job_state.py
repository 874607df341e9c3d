"""What an attempt of a task tells the next one about its job: that it is going to submit one, and which it is.

It is in Airflow's task state store (3.3), which keeps it when a task succeeds or is cleared. A cleared task is to
submit a job of its own: Airflow raises ``max_tries`` then, and only then, which is how a retry is told apart. It does
not where a task is cleared while it runs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_orgauth.cache.seal import Seal, UnreadableRecordError
from airflow_provider_orgauth.operators.job_requests import Handle

log = logging.getLogger(__name__)

STATE_KEY = "orgauth_job"

VERSION = 1


@dataclass(frozen=True, slots=True)
class Saved:
    """What an earlier attempt of this task left.

    :param key: of the submission that was to be sent.
    :param handle: of the job; None: what became of the submission is not known.
    :param interval: from when to when it asked, as :meth:`~.interval.Interval.to_dict`.
    """

    key: str
    handle: Handle | None
    interval: Mapping[str, str]


class JobState:
    """What is kept of a job. Without a store, before Airflow 3.3, nothing is.

    :param store: Airflow's, which neither encrypts nor masks: a location is sealed, for its query may be a credential.
    :param seal: gives the seal of the connection's client.
    :param generation: of the task's attempts: the same until the task is cleared.
    """

    def __init__(self, store: Any, seal: Callable[[], Seal], generation: int | None) -> None:
        self._store = store
        self._seal = seal
        self._generation = generation

    @property
    def is_kept(self) -> bool:
        """Whether there is a store."""
        return self._store is not None

    def load(self) -> Saved | None:
        """Return what an earlier attempt left, or None; what is of no use to anybody is an unknown submission."""
        found = None if self._store is None else self._store.get(STATE_KEY)
        if found is None:
            return None
        if not isinstance(found, Mapping) or found.get("v") != VERSION:
            return Saved("", None, {})
        if found.get("generation") != self._generation:
            log.info("The task was cleared: the job %s of an earlier run is left alone.", found.get("id") or "")
            return None
        return Saved(str(found.get("intent", "")), self._handle_in(found), found.get("interval") or {})

    def intend(self, key: str, interval: Mapping[str, str]) -> None:
        """Note that a submission is going to be sent."""
        if self._store is not None:
            self._store.set(STATE_KEY, self._record(key, interval))

    def submitted(self, key: str, handle: Handle, interval: Mapping[str, str]) -> None:
        """Note which job it has become. Where that fails, this attempt goes on, and a next one has the intent."""
        if self._store is None:
            return
        about: dict[str, Any] = {"id": handle.id, "began": handle.began}
        if handle.location is not None:
            about["location"] = self._seal().close(handle.location)
        try:
            self._store.set(STATE_KEY, {**self._record(key, interval), **about})
        except Exception as error:
            log.warning("Job %s could not be noted for a next attempt: %s.", handle.id or "", type(error).__name__)

    def clear(self) -> None:
        """Forget it: there is no such job."""
        if self._store is not None:
            self._store.delete(STATE_KEY)

    def _record(self, key: str, interval: Mapping[str, str]) -> dict[str, Any]:
        return {"v": VERSION, "intent": key, "generation": self._generation, "interval": dict(interval)}

    def _handle_in(self, found: Mapping[str, Any]) -> Handle | None:
        if "began" not in found:
            return None
        location = None
        if "location" in found:
            try:
                location = self._seal().open(found["location"])
            except UnreadableRecordError:
                log.warning("The job's location cannot be read: it was cut or changed.")
            if location is None:  # the connection's server, client or secret was changed since
                return None
        return Handle(found.get("id"), location, float(found["began"]))


def job_state(context: Mapping[str, Any], seal: Callable[[], Seal]) -> JobState:
    """Return what this task keeps of its job."""
    most_tries = getattr(context.get("ti"), "max_tries", None)
    return JobState(context.get("task_state_store"), seal, most_tries if isinstance(most_tries, int) else None)


def is_a_retry(context: Mapping[str, Any]) -> bool:
    """Return whether an earlier attempt may have sent something since the task was last cleared.

    ``max_tries`` is the number of the last attempt before that (0 at first), and the retries.
    """
    ti, task = context.get("ti"), context.get("task")
    number, most, retries = (getattr(ti, "try_number", 1), getattr(ti, "max_tries", 0), getattr(task, "retries", 0))
    if not all(isinstance(one, int) for one in (number, most, retries)):
        return True
    return bool(number > most - retries + 1)
