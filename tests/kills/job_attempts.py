"""Attempts of a task with a job, in processes that are killed without warning."""

from __future__ import annotations

import multiprocessing
import os
import signal
from types import SimpleNamespace

from export_runs import StateFile

API = "/api/v1/organization"

JOB = {
    "id": "id",
    "poll": {"endpoint": f"{API}/job", "params": {"jobId": "{id}"}},
    "until": "status == 'DONE'",
    "poke_interval": 0.05,
}

FIND = {"endpoint": f"{API}/jobs", "params": {"reference": "run 1", "page": 0}, "id": "content[0].id"}

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(
    ["airflow_provider_orgauth.operators.org_api", "airflow_provider_orgauth.operators.job_run"]
)


class DeadlyStateFile(StateFile):
    """Kills its process instead of the write with this number, from 1; 0: none."""

    def __init__(self, path, deadly_write) -> None:
        super().__init__(path)
        self._left = deadly_write

    def set(self, key, value):
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        super().set(key, value)


def _attempt(environment, state, number, deadly_write, job, results):
    os.environ.update(environment)
    from airflow_provider_orgauth.operators.org_api import OrgApiOperator

    body = {"reference": "run 1"}
    operator = OrgApiOperator(
        task_id="t", endpoint=f"{API}/job/create", method="POST", json=body, job=JOB | job, retries=3
    )
    ti = SimpleNamespace(try_number=number, max_tries=3, dag_id="d", task_id="t", run_id="r", map_index=-1)
    store = DeadlyStateFile(state, deadly_write)
    try:
        results.put(operator.execute({"ti": ti, "task": operator, "task_state_store": store}))
    except Exception as error:
        results.put(error)


class Attempt:
    """One attempt, in a process of its own.

    :param state: the file with what Airflow keeps between the attempts.
    :param deadly_write: the process kills itself instead of this write to it.
    """

    def __init__(self, environment, state, number, *, deadly_write=0, **job) -> None:
        self._results = _processes.SimpleQueue()
        arguments = (environment, state, number, deadly_write, job, self._results)
        self._process = _processes.Process(target=_attempt, args=arguments)
        self._process.start()

    def kill(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.join(60)

    def was_killed(self) -> bool:
        """Wait for its end, and tell whether it was killed."""
        self._process.join(60)
        return self._process.exitcode == -signal.SIGKILL

    def outcome(self):
        """Wait for its end, and return what the task returned or raised."""
        found = self._results.get()
        self._process.join(60)
        return found
