"""A fleet: Airflow 3 with CeleryExecutor, Redis, PostgreSQL, and workers that are hosts of their own.

A worker has its own home, temporary and log folders and no way to the database: the only things that two workers share
are the DAG files, the queue, and what Airflow's API server gives to tasks.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

from airflow_server import AirflowServer
from fleet_services import PostgreSQL, Redis
from process_session import ProcessSession, poll_until

SLOTS = 4
"""Tasks that a worker runs at a time."""


class Worker:
    """One Celery worker's folders and its process.

    Args:
        name: of the worker; not two in one fleet.
        root: its folder: home, AIRFLOW_HOME, temporary files and logs are in it.
    """

    def __init__(self, name: str, root: Path) -> None:
        self.name = name
        self.root = root
        self.tmp, self.logs = root / "tmp", root / "logs"
        self.log = root / "worker.log"

    def environment(self, of_the_fleet: dict[str, str]) -> dict[str, str]:
        """Return the fleet's environment with everything in it that belongs to one host exchanged."""
        for folder in (self.tmp, self.logs, self.root / "airflow"):
            folder.mkdir(parents=True)
        own = {
            "HOME": str(self.root),
            "TMPDIR": str(self.tmp),
            "AIRFLOW_HOME": str(self.root / "airflow"),
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(self.logs),
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "DEBUG",  # the hunt for secrets wants everything that is ever written
        }
        # Tasks go through the API server: a worker knows of no database.
        database = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
        return {**{name: value for name, value in of_the_fleet.items() if name != database}, **own}

    def task_logs(self) -> list[Path]:
        """Return the log files of the tasks that ran here: one file per try."""
        return sorted(self.logs.glob("dag_id=*/**/attempt=*.log"))

    def errors(self) -> list[str]:
        """Return the lines of level error that tasks have logged here."""
        lines = [line for log in self.task_logs() for line in log.read_text(errors="replace").splitlines()]
        return [line for line in lines if '"level":"error"' in line or '"level":"critical"' in line]

    def dump_everything(self) -> bytes:
        """Return all bytes of all files of this host, for a hunt for secrets."""
        files = [file for file in sorted(self.root.rglob("*")) if file.is_file() and not file.is_symlink()]
        return b"\n".join(file.read_bytes() for file in files)


class FleetAirflow(AirflowServer):
    """A temporary Airflow 3 whose tasks run on Celery workers.

    Args:
        root: an existing, empty folder; becomes AIRFLOW_HOME of all but the workers. The caller removes it.
        python: the interpreter of a virtual environment that has Airflow 3 with Celery, Redis and PostgreSQL.
        dags: DAG files to copy into the DAG folder.
        redis: a running one.
        postgres: a running one, empty.
        workers: how many.
    """

    def __init__(
        self,
        root: Path,
        *,
        python: Path,
        dags: Iterable[Path] = (),
        redis: Redis,
        postgres: PostgreSQL,
        workers: int = 2,
    ) -> None:
        self._postgres = postgres
        self.workers = [Worker(f"worker{number}", root / f"worker{number}") for number in range(1, workers + 1)]
        env = {
            "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
            "AIRFLOW__CORE__PARALLELISM": "100",
            "AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG": "100",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": postgres.url(),
            "AIRFLOW__CELERY__BROKER_URL": redis.url,
            "AIRFLOW__CELERY__RESULT_BACKEND": redis.url,
            "AIRFLOW__CELERY__WORKER_PREFETCH_MULTIPLIER": "1",  # so that both workers get work
            # A busy machine is no finding: the defaults are 1 and 5 seconds.
            "AIRFLOW__CELERY__OPERATION_TIMEOUT": "30",
            "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
            "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": "3600",
        }
        super().__init__(root, python=python, dags=dags, env=env, log_level="INFO")

    def start(self, *, triggerer: bool = False, timeout: float = 180) -> Self:
        """Start the workers and then everything else, and wait until all are ready."""
        sessions = [self._start_worker(worker) for worker in self.workers]
        super().start(triggerer=triggerer, timeout=timeout)
        for worker, session in zip(self.workers, sessions, strict=True):
            for _ in poll_until(f"{worker.name} is not ready", timeout):
                session.check_running()
                if f"{worker.name}@" in (said := worker.log.read_text(errors="replace")) and " ready." in said:
                    break
        return self

    def query(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        """Read from the database."""
        import psycopg2
        from psycopg2.extras import RealDictCursor

        where = {"host": str(self._postgres.root), "user": self._postgres.owner, "dbname": "postgres"}
        with (
            contextlib.closing(psycopg2.connect(**where)) as database,
            database.cursor(cursor_factory=RealDictCursor) as cursor,
        ):
            cursor.execute(sql.replace("?", "%s"), parameters)
            return [dict(row) for row in cursor.fetchall()]

    def _start_worker(self, worker: Worker) -> ProcessSession:
        command = [*self.airflow, "celery", "worker", "--celery-hostname", f"{worker.name}@%h"]
        command += ["--concurrency", str(SLOTS), "--queues", "default"]
        # Nobody reads the logs through the worker; and two workers need no gossip to share a queue.
        command += ["--skip-serve-logs", "--without-mingle", "--without-gossip"]
        session = ProcessSession(worker.name, command, env=worker.environment(self.env), log=worker.log)
        self._sessions.append(session)
        return session
