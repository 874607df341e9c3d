"""A DAG of 20 tasks on a real Airflow with LocalExecutor: token requests of each run on a cold cache."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from airflow_server import AirflowServer
from figures import Figures, Spread
from workplace import BENCHMARKS, emulator

DAG_ID, TASKS, RUNS = "bench_fleet", 20, 3
# The scripts run four tasks at a time; here every task gets a process at once.
ALL_AT_ONCE = {"AIRFLOW__CORE__PARALLELISM": str(TASKS), "AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG": str(TASKS)}


def measure(root: Path) -> Figures:
    """Run the DAG again and again; before each run the shared Variable is deleted. Then once with it."""
    home = root / "fleet"
    home.mkdir()
    dags = [BENCHMARKS / "dags" / f"{DAG_ID}.py"]
    tokens: list[int] = []
    most: list[int] = []
    seconds: list[float] = []
    with (
        emulator(root, "fleet") as api,
        AirflowServer(home, python=Path(sys.executable), dags=dags, env=ALL_AT_ONCE, log_level="INFO") as airflow,
    ):
        airflow.migrate()
        airflow.start(triggerer=False)
        airflow.put_connection("orgauth_default", conn_type="orgauth", **_address(api.connection()))
        for warm in [False] * RUNS + [True]:
            if not warm:
                _forget(airflow)
            before = api.stats()
            run_id = airflow.trigger(DAG_ID)
            state = airflow.wait(DAG_ID, run_id)
            after = api.stats()
            calls = after["api_requests"] - before["api_requests"]
            if state != "success" or calls != TASKS:
                raise RuntimeError(f"run {len(tokens)}: {state}, {calls} calls; {airflow.task_states(DAG_ID, run_id)}")
            tokens.append(after["token_requests"] - before["token_requests"])
            at_once, duration = _overlap(airflow, run_id)
            most.append(at_once)
            seconds.append(duration)
    return Figures(
        f"A DAG of {TASKS} tasks that start together, Airflow with LocalExecutor and SQLite",
        ("runs", "token requests", "tasks at once", "seconds: median (lowest to highest)"),
        [
            (f"{RUNS} on a cold cache", tokens[:-1], most[:-1], Spread.of(seconds[:-1])),
            ("then 1 with the shared token", tokens[-1:], most[-1:], Spread.of(seconds[-1:])),
        ],
        [
            "The seconds are Airflow's own: from the first task's start to the last one's end.",
        ],
    )


def _address(connection: dict[str, object]) -> dict[str, object]:
    return {name: connection[name] for name in ("host", "port", "schema", "login", "password")}


def _forget(airflow: AirflowServer) -> None:
    for key in airflow.variables():
        airflow.api("DELETE", f"/variables/{quote(key, safe='')}")


def _overlap(airflow: AirflowServer, run_id: str) -> tuple[int, float]:
    """Return how many tasks ran at one moment at most, and the seconds from the first start to the last end."""
    rows = airflow.query(
        "SELECT start_date, end_date FROM task_instance WHERE dag_id = ? AND run_id = ?", DAG_ID, run_id
    )
    times = [tuple(datetime.fromisoformat(row[name]) for name in ("start_date", "end_date")) for row in rows]
    # At one and the same moment ends come first.
    changes = sorted([(start, 1) for start, _ in times] + [(end, -1) for _, end in times])
    running = most = 0
    for _, change in changes:
        running += change
        most = max(most, running)
    return most, (changes[-1][0] - changes[0][0]).total_seconds()
