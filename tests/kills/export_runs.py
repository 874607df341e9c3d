"""Exports in processes that are killed: at random moments, without warning; and what they leave behind."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import psutil

DEVICES = "/api/v1/organization/devices"
SIZE = 50

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(
    [
        "airflow_provider_orgauth.operators.download_result",
        "airflow_provider_orgauth.operators.export_result",
        "airflow_provider_orgauth.hooks.pages",
        "airflow.providers.amazon.aws.fs.s3",
        "s3fs",
    ]
)


class StateFile:
    """Stands for Airflow's task state store, which is in a database that outlives the task's process."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, key):
        return self._values().get(key)

    def set(self, key, value):
        self._replace({**self._values(), key: value})

    def delete(self, key):
        left = {name: value for name, value in self._values().items() if name != key}
        if left:
            self._replace(left)
        else:
            self.path.unlink(missing_ok=True)

    def _values(self):
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def _replace(self, values):
        beside = self.path.with_suffix(f".{os.getpid()}")
        beside.write_text(json.dumps(values))
        beside.replace(self.path)


Moment = tuple[str, int]
"""An event of which Python tells an audit hook right before it happens, such as ``os.rename``, and its number, from 1.

See https://docs.python.org/3/library/audit_events.html. Of renames, those to the final name count.
"""


def _stop_before(moment: Moment, path: str) -> None:
    """Stop this process at that moment of an export to ``path``."""
    name, left = moment

    def see(event, arguments):
        nonlocal left
        if event == name and (event != "os.rename" or str(arguments[1]) == path):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGSTOP)

    sys.addaudithook(see)


def _export(environment, state, began, results, arguments):
    os.environ.update(environment)
    from airflow.providers.common.compat.sdk import ObjectStoragePath

    from airflow_provider_orgauth.exports import background_encoder, checkpoints, local_sink
    from airflow_provider_orgauth.operators.org_api import OrgApiOperator

    # A list that is read in a second stands for one that takes an hour.
    checkpoints.SAVE_INTERVAL_SECONDS = 0.03
    stops_before, keeps_state = arguments.pop("stops_before", None), arguments.pop("keeps_state", True)
    if not arguments.pop("is_small"):
        local_sink.LocalSink.cut_bytes = 5_000
        background_encoder.PIECE_BYTES = 20_000
    run_id = arguments.pop("run_id", "run")
    task = SimpleNamespace(dag_id="dag", task_id="export", run_id=run_id, map_index=-1)
    operator = OrgApiOperator(task_id="export", **{"endpoint": DEVICES, "pagination": {"size": SIZE}, **arguments})
    ObjectStoragePath(arguments["output_path"]).fs.exists("/nothing")  # what is slow once is not what is killed
    began.set()
    if stops_before:
        _stop_before(stops_before, arguments["output_path"])
    results.put(operator.execute({"ti": task, "task_state_store": StateFile(state) if keeps_state else None}))


class Attempt:
    """One attempt, in a process that is stopped and goes on."""

    def __init__(self, process, results) -> None:
        self._process, self._results = process, results

    def is_stopped(self) -> bool:
        """Wait until it is stopped or has ended, and tell which."""
        deadline = time.monotonic() + 60
        while self._process.is_alive():
            try:
                if psutil.Process(self._process.pid).status() == psutil.STATUS_STOPPED:
                    return True
            except psutil.NoSuchProcess:
                break
            assert time.monotonic() < deadline
            time.sleep(0.005)
        return False

    def stop(self) -> bool:
        """Stop it where it is; tell whether it had not ended before."""
        os.kill(self._process.pid, signal.SIGSTOP)
        return self.is_stopped()

    def kill(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.join(60)

    def go_on(self):
        """Let it go on to its end; return its manifest, or None where it failed."""
        if self._process.is_alive():
            os.kill(self._process.pid, signal.SIGCONT)
        self._process.join(120)
        return self._results.get(timeout=10) if self._process.exitcode == 0 else None


class Runs:
    """Tries of one task, each in a process of its own.

    :param environment: variables with the connections.
    :param state: where the task's state is kept.
    :param is_small: the file is too small for the point at which a folder's can be taken over: none comes. Otherwise
        there are many, as in a file of gigabytes.
    """

    def __init__(self, environment: dict[str, str], state: Path, *, is_small: bool = False, **arguments) -> None:
        self._environment = environment
        self._state = state
        self._arguments = {"is_small": is_small, **arguments}
        self._processes = []

    def complete(self):
        """Run one try to its end and return the manifest."""
        process, results = self._start()
        process.join(120)
        assert process.exitcode == 0
        return results.get(timeout=10)

    def begin(self, *, stops_before: Moment | None = None, keeps_state: bool = True) -> Attempt:
        """Begin one attempt.

        :param stops_before: it stops itself at that moment; None: at none.
        :param keeps_state: whether it finds a state store.
        """
        return Attempt(*self._start(stops_before=stops_before, keeps_state=keeps_state))

    def killed(self, after: float) -> bool:
        """Run one try and kill it ``after`` seconds; tell whether it was still at it."""
        process, results = self._start()
        time.sleep(after)  # the moment is what is tested: nothing else tells it
        process.kill()
        process.join(60)
        results.close()
        return process.exitcode == -signal.SIGKILL  # else it was complete before

    def end(self) -> None:
        """Kill what still runs: a process that is stopped would be waited for without end."""
        for process in self._processes:
            process.kill()
            process.join(60)

    def saved_pages(self) -> int:
        """Return after how many pages the next try goes on."""
        values = json.loads(self._state.read_text()) if self._state.exists() else {}
        state = values.get("orgauth_export", {})
        return state.get("tally", state.get("spooled", {"pages": 0}))["pages"]

    def _start(self, **more):
        began, results = _processes.Event(), _processes.Queue()
        arguments = (self._environment, self._state, began, results, {**self._arguments, **more})
        process = _processes.Process(target=_export, args=arguments, daemon=True)
        process.start()
        self._processes.append(process)
        assert began.wait(60)
        return process, results
