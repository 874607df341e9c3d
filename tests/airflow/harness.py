"""Real Airflows for tests: 3.3 with all its components, and 2.11 in the virtual environment that it needs.

`ORGAUTH_AIRFLOW_PYTHON` names the interpreter of another Airflow, from 2.11 on: the tests of what waits run with that.

What a home can do is written where the demo finds it too: `scripts/airflow_home.py` and `scripts/airflow_server.py`.
Import from here, so that tests need not know where that is.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "scripts"))

from airflow_home import AirflowHome, DagRun  # noqa: E402  they are on the path only now
from airflow_server import AirflowServer, free_port  # noqa: E402
from process_session import ProcessSession, poll_until  # noqa: E402

__all__ = [
    "PROJECT",
    "Airflow211",
    "AirflowHome",
    "AirflowServer",
    "DagRun",
    "ProcessSession",
    "dag_files",
    "free_port",
    "poll_until",
    "python211",
    "python_under_test",
    "version_under_test",
    "why_no_airflow211",
]


class Airflow211(AirflowHome):
    """Airflow 2.11 with SequentialExecutor: one task at a time, each in a process of its own.

    `dags_test` needs nothing running; `trigger` needs `start`. A context manager: leaving it ends every process.
    """

    def __init__(
        self,
        root: Path,
        *,
        python: Path | None = None,
        dags: Iterable[Path] = (),
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._scheduler: ProcessSession | None = None
        own = {
            "AIRFLOW__CORE__EXECUTOR": "SequentialExecutor",  # all that 2.11 allows over SQLite
            # unpausing takes the CLI seconds, and a test adds only the DAGs that it wants to run
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__SCHEDULER__DAG_DIR_LIST_INTERVAL": "1",
            "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        }
        super().__init__(root, python=python or python211(), dags=dags, env={**own, **(env or {})})

    def start(self, *, triggerer: bool = False) -> Self:
        """Start the scheduler, which also parses the DAG files and runs the tasks. There is no triggerer of its own."""
        if triggerer:
            raise ValueError("start it with Triggerers")
        log = self.logs_folder / "components" / "scheduler.log"
        command = [*self.airflow, "scheduler", "--skip-serve-logs"]
        self._scheduler = ProcessSession("airflow scheduler", command, env=self.env, log=log)
        return self

    def stop(self) -> None:
        """End the scheduler and its tasks."""
        if self._scheduler is not None:
            self._scheduler.stop()
            self._scheduler = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def put_connection(self, conn_id: str, **fields: Any) -> None:
        """Create a connection; takes what AirflowServer's method does."""
        self.connections_add(conn_id, fields)

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None = None, *, timeout: float = 60) -> str:
        """Start a run of a DAG once the scheduler has parsed it, and return its run id."""
        for _ in poll_until(f"no DAG {dag_id}", timeout):
            if self.query("SELECT 1 FROM serialized_dag WHERE dag_id = ?", dag_id):
                break
            for error in self.query("SELECT filename, stacktrace FROM import_error"):
                raise RuntimeError(f"{error['filename']} cannot be imported:\n{error['stacktrace']}")
            if self._scheduler is not None:
                self._scheduler.check_running()
        run_id = f"test__{uuid4()}"
        self.cli("dags", "trigger", dag_id, "--run-id", run_id, "--conf", json.dumps(dict(conf or {})))
        return run_id


# Metadata, not an import: Airflow finds the provider by its entry point, which a mere copy on the path has not.
_CHECK = "import airflow; from importlib.metadata import version; version('airflow-provider-orgauth')"


def dag_files() -> list[Path]:
    """Return the DAGs that users copy (example_dags/) and those of the tests (tests/airflow/dags/)."""
    folders = (PROJECT / "example_dags", PROJECT / "tests" / "airflow" / "dags")
    return [file for folder in folders for file in sorted(folder.glob("*.py"))]


def python_under_test() -> Path:
    """Return the interpreter of the Airflow that is tested: `ORGAUTH_AIRFLOW_PYTHON`, or this one."""
    return Path(os.environ.get("ORGAUTH_AIRFLOW_PYTHON", sys.executable))


@functools.cache
def version_under_test() -> tuple[int, int]:
    """Return the version of the Airflow that is tested, such as (3, 3)."""
    code = "from importlib.metadata import version; print(version('apache-airflow'))"
    command = [python_under_test(), "-P", "-c", code]
    major, minor, *_ = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split(".")
    return int(major), int(minor)


def python211() -> Path:
    """Return where an interpreter with Airflow 2.11 should be: `ORGAUTH_AIRFLOW211_PYTHON` or `.venv-airflow211`."""
    return Path(os.environ.get("ORGAUTH_AIRFLOW211_PYTHON", PROJECT / ".venv-airflow211" / "bin" / "python"))


def why_no_airflow211() -> str | None:
    """Return why tests on Airflow 2.11 cannot run, or None if they can."""
    python = python211()
    if not python.exists():
        return f"no Airflow 2.11 at {python}: `make setup` installs it where Python 3.11 or 3.12 is"
    done = subprocess.run(
        [python, "-P", "-c", _CHECK],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return f"{python} lacks Airflow or this package: {done.stderr.strip().splitlines()[-1]}"
    return None
