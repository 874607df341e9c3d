"""Triggerers of a running Airflow, which a test starts, kills and stops one by one."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Mapping

import psutil
from cryptography.fernet import Fernet
from harness import AirflowHome, ProcessSession, poll_until

SOON: Mapping[str, str] = {
    # Another triggerer takes the waits of one that was not heard of for so many seconds.
    "AIRFLOW__TRIGGERER__JOB_HEARTBEAT_SEC": "1",
    "AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": "3",
    "AIRFLOW__SCHEDULER__TRIGGER_TIMEOUT_CHECK_INTERVAL": "1",
    # At its first look-up, a triggerer's supervisor makes an API server for itself, and does nothing else meanwhile:
    # for seconds, or the better part of a minute on a busy machine. It must not take its runner for stuck then.
    "AIRFLOW__TRIGGERER__RUNNER_HEALTH_CHECK_THRESHOLD": "0",
}
"""For an Airflow whose triggerers are killed: the environment in which that is noticed at once."""


def _everyone(session: ProcessSession) -> list[int]:
    return session.members()


def _supervisor(session: ProcessSession) -> list[int]:
    return [session.pid]


def _runner(session: ProcessSession) -> list[int]:
    """Return the child that runs the triggers' code, and what it may have started; 2.11 has a thread instead."""
    children = [child.pid for child in psutil.Process(session.pid).children(recursive=True)]
    return children or [session.pid]


PATIENCE_SECONDS = 180
"""With a triggerer that has to begin on a busy machine."""

VICTIMS: Mapping[str, Callable[[ProcessSession], list[int]]] = {
    "both": _everyone,
    "runner": _runner,
    "supervisor": _supervisor,
}
"""Who of a triggerer is killed: the supervisor has the database, the runner, its child, the code of the triggers."""


def arguments_of_triggers(airflow: AirflowHome) -> str:
    """Return the arguments of all triggers, as they are before encryption: 2.11 encrypts them, 3 those of watchers."""
    fernet = Fernet(airflow.fernet_key)
    kept = [str(row["kwargs"]) for row in airflow.query('SELECT "kwargs" FROM "trigger"')]
    return "\n".join(fernet.decrypt(one).decode() if one.startswith("gAAAA") else one for one in kept)


class Triggerers:
    """All triggerers of an Airflow, each in a session of its own. A context manager: leaving it ends them."""

    def __init__(self, airflow: AirflowHome) -> None:
        self._airflow = airflow
        self._sessions: list[ProcessSession] = []

    def __enter__(self) -> Triggerers:
        return self

    def __exit__(self, *_: object) -> None:
        for session in self._sessions:
            session.stop()

    @property
    def running(self) -> list[ProcessSession]:
        """Those that have neither ended nor been killed."""
        return [session for session in self._sessions if session.pid in session.members()]

    def start(self) -> ProcessSession:
        """Start one more. It takes some seconds until it works."""
        name = f"triggerer-{len(self._sessions) + 1}"
        log = self._airflow.logs_folder / "components" / f"{name}.log"
        command = [*self._airflow.airflow, "triggerer", "--skip-serve-logs"]
        self._sessions.append(ProcessSession(f"airflow {name}", command, env=self._airflow.env, log=log))
        return self._sessions[-1]

    def keep(self, number: int) -> list[ProcessSession]:
        """Start or stop some until so many run; return them."""
        for session in self.running[number:]:
            session.stop()
        while len(self.running) < number:
            self.start()
        return self.running

    def until_at_work(self, number: int) -> None:
        """Wait until Airflow knows that so many run."""
        for _ in poll_until(f"not {number} triggerers are at work", PATIENCE_SECONDS):
            rows = self._airflow.query(
                "SELECT count(*) AS number FROM job WHERE job_type = 'TriggererJob' AND state = 'running'"
                " AND julianday(latest_heartbeat) > julianday('now') - 3 / 86400.0"
            )
            if rows[0]["number"] >= number:
                return

    def kill(self, session: ProcessSession, victim: str = "both") -> None:
        """Kill with SIGKILL a key of ``VICTIMS``; whoever of it is left a moment later, too.

        No end of a triggerer is orderly here: one that has lost its half must not come to its senses.
        """
        for pid in VICTIMS[victim](session):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        session.stop()
