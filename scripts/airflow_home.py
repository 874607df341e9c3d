"""A throw-away Airflow: a folder with a SQLite database, DAG files, logs, and the environment that makes it work.

Made for the demo, `make ui` and the tests. Works with the interpreter of any Airflow from 2.11 to 3.3; what only a
running 3.3 can do is in `airflow_server.py`. Nothing of the caller's own Airflow is read or written.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from process_session import poll_until

FINISHED = frozenset({"success", "failed"})


@dataclass(frozen=True)
class DagRun:
    """One finished run of a DAG: its id, its state ("success" or "failed"), and what the command printed."""

    run_id: str
    state: str
    output: str


class AirflowHome:
    """A temporary AIRFLOW_HOME.

    Args:
        root: an existing, empty folder; becomes AIRFLOW_HOME. The caller removes it.
        python: the interpreter of a virtual environment that has Airflow.
        dags: DAG files to copy into the DAG folder.
        env: further environment variables for every process of this home.
        log_level: of Airflow and all its tasks.
    """

    def __init__(
        self,
        root: Path,
        *,
        python: Path,
        dags: Iterable[Path] = (),
        env: Mapping[str, str] | None = None,
        log_level: str = "DEBUG",
    ) -> None:
        self.root = root
        self.python = python
        self.dags_folder = root / "dags"
        self.logs_folder = root / "logs"
        self.database = root / "airflow.db"
        self.fernet_key = base64.urlsafe_b64encode(os.urandom(32)).decode()
        self._cli_calls = 0
        for folder in (self.dags_folder, self.logs_folder, root / "tmp"):
            folder.mkdir(exist_ok=True)
        self.env = {**_environment(self, log_level), **(env or {})}
        self.add_dags(*dags)

    def add_dags(self, *files: Path) -> None:
        """Copy DAG files into the DAG folder; a running Airflow notices them within a few seconds."""
        for file in files:
            shutil.copyfile(file, self.dags_folder / file.name)

    def migrate(self, template: Path | None = None) -> None:
        """Create the database, which takes Airflow several seconds.

        Args:
            template: where an empty migrated database is kept: copied if it exists, else made and put there.
        """
        if template is not None and template.exists():
            shutil.copyfile(template, self.database)
            return
        self.cli("db", "migrate")
        if template is not None:
            shutil.copyfile(self.database, template)

    def cli(self, *arguments: str, timeout: float = 180, check: bool = True) -> str:
        """Run one `airflow` command and return what it printed (both streams).

        The output is kept among the logs, so that a hunt for secrets finds it.

        Raises:
            RuntimeError: the command failed and `check` is true; the message ends with its output.
            subprocess.TimeoutExpired: it took more than `timeout` seconds.
        """
        done = subprocess.run(
            [*self.airflow, *arguments],
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            start_new_session=True,
            check=False,
        )
        self._cli_calls += 1
        log = self.logs_folder / "cli" / f"{self._cli_calls:03}-{'-'.join(arguments[:2])}.log"
        log.parent.mkdir(exist_ok=True)
        log.write_text(done.stdout)
        if check and done.returncode:
            command = " ".join(arguments[:2])  # the other arguments can hold secrets
            raise RuntimeError(f"airflow {command} ended with code {done.returncode}:\n{done.stdout[-4000:]}")
        return done.stdout

    @property
    def airflow(self) -> list[str]:
        """The command line that starts this home's `airflow`."""
        return [str(self.python), "-P", "-m", "airflow"]  # -P: not from the working folder

    def connections_add(self, conn_id: str, connection: Mapping[str, Any] | str) -> None:
        """Make a connection with `airflow connections add`.

        Args:
            conn_id: its name.
            connection: Airflow's JSON form (`{"conn_type": …, "host": …, "extra": {…}}`) or a URI.
        """
        if isinstance(connection, str):
            self.cli("connections", "add", conn_id, "--conn-uri", connection)
        else:
            self.cli("connections", "add", conn_id, "--conn-json", json.dumps(connection))

    def dags_test(self, dag_id: str, conf: Mapping[str, Any] | None = None, *, timeout: float = 180) -> DagRun:
        """Run a whole DAG in one new process with `airflow dags test`; no scheduler is needed."""
        arguments = ["dags", "test", dag_id]
        if conf:
            arguments += ["--conf", json.dumps(conf)]
        output = self.cli(*arguments, timeout=timeout, check=False)
        rows = self.query("SELECT run_id, state FROM dag_run WHERE dag_id = ? ORDER BY id DESC LIMIT 1", dag_id)
        if not rows:
            raise RuntimeError(f"airflow dags test {dag_id} made no run:\n{output[-4000:]}")
        return DagRun(rows[0]["run_id"], rows[0]["state"], output)

    def wait(self, dag_id: str, run_id: str, timeout: float = 120) -> str:
        """Wait until a run has finished and return its state; TimeoutError tells the states of its tasks."""
        state = None
        try:
            for _ in poll_until(f"{dag_id} {run_id}", timeout):
                rows = self.query("SELECT state FROM dag_run WHERE dag_id = ? AND run_id = ?", dag_id, run_id)
                state = rows[0]["state"] if rows else None
                if state in FINISHED:
                    break
        except TimeoutError as late:
            raise TimeoutError(f"{late} is {state}, its tasks {self.task_states(dag_id, run_id)}") from None
        return str(state)

    def task_states(self, dag_id: str, run_id: str) -> dict[str, str | None]:
        """Return the state of each task: `{"task": "success", "mapped[0]": "failed"}`."""
        rows = self.query(
            "SELECT task_id, map_index, state FROM task_instance WHERE dag_id = ? AND run_id = ?", dag_id, run_id
        )
        return {_label(row["task_id"], row["map_index"]): row["state"] for row in rows}

    def task_tries(self, dag_id: str, run_id: str) -> dict[str, int]:
        """Return how often each task was tried: `{"task": 1, "mapped[0]": 2}`."""
        rows = self.query(
            "SELECT task_id, map_index, try_number FROM task_instance WHERE dag_id = ? AND run_id = ?",
            dag_id,
            run_id,
        )
        return {_label(row["task_id"], row["map_index"]): row["try_number"] for row in rows}

    def task_log(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1) -> str:
        """Return a task's log, all its tries one after the other; "" if there is none."""
        folder = self.logs_folder / f"dag_id={dag_id}" / f"run_id={run_id}" / f"task_id={task_id}"
        if map_index >= 0:
            folder /= f"map_index={map_index}"
        return "".join(file.read_text(errors="replace") for file in sorted(folder.glob("attempt=*.log")))

    def xcom_rows(self, dag_id: str | None = None, run_id: str | None = None) -> list[dict[str, Any]]:
        """Return the XCom table: dag_id, run_id, task_id, map_index, key, and `value`, parsed where it is JSON."""
        rows = self.query(
            "SELECT dag_id, run_id, task_id, map_index, key, value FROM xcom"
            " WHERE dag_id = coalesce(?, dag_id) AND run_id = coalesce(?, run_id)",
            dag_id,
            run_id,
        )
        for row in rows:
            row["value"] = _parsed(row["value"])
        return rows

    def variables(self) -> dict[str, str]:
        """Return every Variable as stored: key to value, which Airflow has encrypted with Fernet."""
        return {row["key"]: row["val"] for row in self.query('SELECT "key", val FROM variable')}

    def query(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        """Read from the database, which running processes may be writing to."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(sql, parameters)]

    def dump_everything(self) -> bytes:
        """Return all bytes of the database (with its journals) and of every log file, for a hunt for secrets."""
        files = [*sorted(self.root.glob("airflow.db*")), *sorted(self.logs_folder.rglob("*"))]
        # logs/…/latest are links to folders of the same tree
        return b"\n".join(file.read_bytes() for file in files if file.is_file() and not file.is_symlink())


def _environment(home: AirflowHome, log_level: str) -> dict[str, str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AIRFLOW", "PYTHON", "COVERAGE")) and not name.lower().endswith("_proxy")
    }
    return {
        **inherited,
        # `airflow standalone`, and 2.11's executors, look for `airflow` there
        "PATH": f"{home.python.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONUNBUFFERED": "1",
        "NO_COLOR": "1",
        "AIRFLOW_HOME": str(home.root),
        # lock files and whatever else is temporary go when the home goes
        "TMPDIR": str(home.root / "tmp"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(home.dags_folder),
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__FERNET_KEY": home.fernet_key,
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home.database}",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": log_level,
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home.logs_folder),
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        # nothing leaves this machine
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }


def _label(task_id: str, map_index: int) -> str:
    return task_id if map_index < 0 else f"{task_id}[{map_index}]"


def _parsed(value: Any) -> Any:
    """Return an XCom value: both versions store JSON, 3.x as text, 2.11 in a blob; anything else as it is stored."""
    try:
        return json.loads(value)
    except (ValueError, TypeError):
        return value
