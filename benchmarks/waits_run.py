"""Runs scenarios against one server, each peer in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Self

from exports_secrets import BACKEND
from waits_peers import WARM_CONN
from waits_scenario import MEASURED, MOST_WINDOWS, TIMEOUT_SECONDS, Measured, Scenario
from workplace import BENCHMARKS, HTTP_CONN, ORG_CONN

# isort: split
from process_session import ProcessSession, poll_until

READY = "READY "
SLACK_SECONDS = 300
"""For imports, for peers whose loop answers after a quarter of a minute, and for a machine that others use."""


class WaitServer:
    """`waits_server.py` on free ports of the loopback address. A context manager: leaving it ends the process."""

    def __init__(self, root: Path) -> None:
        self._root = root
        command = [sys.executable, "-u", str(BENCHMARKS / "waits_server.py")]
        self._session = ProcessSession("the server", command, env=os.environ, log=root / "waits-server.log")
        self.port, self.control_port = self._wait_ready()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.stop()

    def run(self, scenario: Scenario) -> Measured:
        """Let one peer wait, in a new process.

        Raises:
            RuntimeError: it failed, or the server did; the message ends with its output.
            subprocess.TimeoutExpired: it takes far longer than its scenario says.
        """
        arguments = (f"http://127.0.0.1:{self.port}", str(self.control_port), json.dumps(asdict(scenario)))
        windows = MOST_WINDOWS * scenario.window_seconds
        lasts = scenario.first_seconds + windows + scenario.storm_seconds + scenario.after_seconds
        done = subprocess.run(
            [sys.executable, str(BENCHMARKS / "waits_process.py"), *arguments],
            env={**os.environ, **self._connections(), "PYTHONPYCACHEPREFIX": str(self._root / "bytecode")},
            capture_output=True,
            text=True,
            timeout=lasts + SLACK_SECONDS,
            check=False,
        )
        self._session.check_running()
        if done.returncode:
            raise RuntimeError(f"{scenario} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        # Loggers write there too.
        (line,) = (line for line in done.stdout.splitlines() if line.startswith(MEASURED))
        return Measured.of(json.loads(line.removeprefix(MEASURED)))

    def _connections(self) -> dict[str, str]:
        """Return the environment in which Airflow's connections lead here, and who asks for them is counted."""
        connection = {"host": "127.0.0.1", "port": self.port, "schema": "http", "login": "waits", "password": "secret"}
        # In memory: outside a triggerer there is no Variable to share the token through.
        ours = {**connection, "conn_type": "orgauth", "extra": {"cache": "memory", "timeout": TIMEOUT_SECONDS}}
        return {
            f"AIRFLOW_CONN_{ORG_CONN.upper()}": json.dumps(ours),
            f"AIRFLOW_CONN_{WARM_CONN.upper()}": json.dumps({**ours, "login": "warm"}),
            f"AIRFLOW_CONN_{HTTP_CONN.upper()}": json.dumps({**connection, "conn_type": "http"}),
            "AIRFLOW__SECRETS__BACKEND": BACKEND,
        }

    def _wait_ready(self) -> tuple[int, int]:
        for _ in poll_until("the server does not say READY", timeout=60, pause=0.05):
            for line in self._session.log.read_text(errors="replace").splitlines():
                if line.startswith(READY):
                    api, control = line.removeprefix(READY).split()
                    return int(api), int(control)
            self._session.check_running()
        raise AssertionError("poll_until ends with a return or an exception")
