"""Airflow 3 with all its components running: an AirflowHome that has a scheduler, a UI and a REST API."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import requests
from airflow_home import AirflowHome
from process_session import ProcessSession, poll_until, stop_all

COMPONENTS = {
    "api-server": ("api-server",),
    # the API server reads the logs from the same disk: no log servers, and no ports for them
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}
HEALTH_NAMES = {"scheduler": "scheduler", "dag-processor": "dag_processor", "triggerer": "triggerer"}


class AirflowServer(AirflowHome):
    """A temporary Airflow 3, on loopback, that anyone may use without a login.

    A context manager: leaving it ends every process.

    Args:
        root: an existing, empty folder; becomes AIRFLOW_HOME. The caller removes it.
        python: the interpreter of a virtual environment that has Airflow 3.
        dags: DAG files to copy into the DAG folder.
        env: further environment variables for every process.
        port: of the UI and the REST API; a free one unless said.
        log_level: of Airflow and all its tasks.
    """

    def __init__(
        self,
        root: Path,
        *,
        python: Path,
        dags: Iterable[Path] = (),
        env: Mapping[str, str] | None = None,
        port: int | None = None,
        log_level: str = "DEBUG",
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._sessions: list[ProcessSession] = []
        self._http = requests.Session()
        self._http.trust_env = False  # loopback: no proxies, no netrc
        super().__init__(
            root,
            python=python,
            dags=dags,
            env={**_server_environment(self.url, self.port), **(env or {})},
            log_level=log_level,
        )

    def start(self, *, triggerer: bool = True, timeout: float = 180) -> Self:
        """Start all components, each in a session of its own, and wait until Airflow calls them healthy.

        Raises:
            RuntimeError: a component ended by itself; the message ends with its log.
            TimeoutError: not healthy after `timeout` seconds.
        """
        names = [name for name in COMPONENTS if triggerer or name != "triggerer"]
        for name in names:
            self._start_one(name, COMPONENTS[name])
        self._wait_healthy([HEALTH_NAMES[name] for name in names if name in HEALTH_NAMES], timeout)
        return self

    def start_standalone(self, timeout: float = 180) -> Self:
        """Start everything with `airflow standalone` instead: what a person who tries Airflow would type."""
        self._start_one("standalone", ("standalone",))
        self._wait_healthy(list(HEALTH_NAMES.values()), timeout)
        return self

    def stop(self) -> None:
        """End every process that was started here."""
        stop_all(self._sessions)
        self._sessions.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def check_running(self) -> None:
        """Raise RuntimeError with the end of its log if a component has ended by itself."""
        for session in self._sessions:
            session.check_running()

    def api(self, method: str, path: str, **arguments: Any) -> Any:
        """Call the REST API as an admin and return the parsed answer (None if empty).

        Args:
            method: the HTTP method.
            path: below `/api/v2`, with a leading slash.
            **arguments: as in `requests.request`.

        Raises:
            RuntimeError: any status of 400 or more; the message has the answer's text.
        """
        for _ in poll_until(f"{method} {path}: the database is busy", 60):
            answer = self._http.request(method, f"{self.url}/api/v2{path}", timeout=30, **arguments)
            # SQLite has one writer at a time, and a busy machine lets it wait too long: then nothing was written.
            if not (answer.status_code == 500 and "Database error" in answer.text):
                break
        if answer.status_code >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:2000]}")
        return answer.json() if answer.content else None

    def put_connection(self, conn_id: str, **fields: Any) -> None:
        """Create or replace a connection through the REST API (milliseconds; the CLI takes seconds).

        Args:
            conn_id: its name.
            **fields: the REST API's: conn_type, host, port, schema, login, password, extra (a JSON string).
        """
        body = {"connection_id": conn_id, **fields}
        create = {"action": "create", "entities": [body], "action_on_existence": "overwrite"}
        done = self.api("PATCH", "/connections", json={"actions": [create]})
        if errors := done["create"]["errors"]:
            raise RuntimeError(f"connection {conn_id} was refused: {errors}")

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None = None, *, timeout: float = 60) -> str:
        """Start a run of a DAG and return its run id; waits until the DAG file has been parsed.

        Raises:
            RuntimeError: a DAG file cannot be imported; the message has Airflow's stack trace.
            TimeoutError: no DAG of that name after `timeout` seconds.
        """
        for _ in poll_until(f"no DAG {dag_id}", timeout):
            if self.query("SELECT 1 FROM serialized_dag WHERE dag_id = ?", dag_id):
                break
            self.check_import_errors()
            self.check_running()
        # Paused until now, so that a scheduled DAG does not run by itself in somebody else's test.
        self.api("PATCH", f"/dags/{quote(dag_id)}", json={"is_paused": False})
        body = {"logical_date": None, "conf": dict(conf or {})}
        run = self.api("POST", f"/dags/{quote(dag_id)}/dagRuns", json=body)
        return str(run["dag_run_id"])

    def check_import_errors(self) -> None:
        """Raise RuntimeError with Airflow's stack trace if a DAG file could not be imported."""
        for error in self.query("SELECT filename, stacktrace FROM import_error"):
            raise RuntimeError(f"{error['filename']} cannot be imported:\n{error['stacktrace']}")

    def _start_one(self, name: str, arguments: tuple[str, ...]) -> None:
        log = self.logs_folder / "components" / f"{name}.log"
        command = [*self.airflow, *arguments]
        self._sessions.append(ProcessSession(f"airflow {name}", command, env=self.env, log=log))

    def _wait_healthy(self, names: list[str], timeout: float) -> None:
        for _ in poll_until("Airflow is not healthy", timeout):
            self.check_running()
            try:
                health = self.api("GET", "/monitor/health")
            except (requests.RequestException, RuntimeError):
                continue  # not listening yet, or its database is busy
            if all((health.get(name) or {}).get("status") == "healthy" for name in names):
                break
        token = self._http.get(f"{self.url}/auth/token", timeout=30)
        token.raise_for_status()
        self._http.headers["Authorization"] = f"Bearer {token.json()['access_token']}"


def is_free(port: int) -> bool:
    """Tell whether a server could listen on this TCP port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """Return a TCP port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _server_environment(url: str, port: int) -> dict[str, str]:
    return {
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(16),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        # `standalone` does serve logs: not on the ports of another Airflow on this machine
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        # two cores: a few forked workers are enough, one process parses the DAG files, and one serves (3.0 has four)
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        # new files are noticed in a second, unchanged ones are not parsed again
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "1",
        "AIRFLOW__DAG_PROCESSOR__BUNDLE_REFRESH_CHECK_INTERVAL": "1",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "600",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
    }
