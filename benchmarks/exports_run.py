"""Runs one export against one server, each in a process of its own, and puts together what both saw."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self
from urllib.parse import urlsplit

import requests
from exports_process import Measured
from exports_secrets import BACKEND
from exports_server import LOGIN, PAGE_SIZE, PASSWORD
from workplace import BENCHMARKS, HTTP_CONN, ORG_CONN

# isort: split
from process_session import ProcessSession, poll_until

READY = "READY "
LONGEST = 300
"""Seconds for one export."""


@dataclass(frozen=True)
class Run:
    """One export: what its process measured, and what the server counted meanwhile."""

    measured: Measured
    token_requests: int
    api_requests: int
    connections: int
    server_seconds: float


class ExportServer:
    """`exports_server.py` on a free port of the loopback address. A context manager: leaving it ends the process.

    Args:
        root: a folder for its log and for what the exports write.
        pages: how many pages of devices it has.
        latency: milliseconds before an answer of the API.
        token_latency: milliseconds before a token.
    """

    def __init__(self, root: Path, *, pages: int, latency: float, token_latency: float = 0.0) -> None:
        self.pages, self._root = pages, root
        options = {"--pages": pages, "--latency": latency, "--token-latency": token_latency}
        command = [sys.executable, "-u", str(BENCHMARKS / "exports_server.py")]
        command += [str(part) for option in options.items() for part in option]
        log = root / f"server-{pages}-{latency:g}.log"
        log.unlink(missing_ok=True)
        self._session = ProcessSession("the server of pages", command, env=os.environ, log=log)
        self.url = self._wait_ready()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.stop()

    def run(self, way: str) -> Run:
        """Export everything in a new process.

        Raises:
            RuntimeError: it failed, or did not fetch everything.
        """
        before = self._stats()
        with TemporaryDirectory(dir=self._root) as folder:
            done = subprocess.run(
                [
                    sys.executable,
                    str(BENCHMARKS / "exports_process.py"),
                    way,
                    self.url,
                    str(self.pages),
                    folder,
                    str(self._root / f"{way}.modules"),
                ],
                env={**os.environ, **self.connections(), "PYTHONPYCACHEPREFIX": str(self._root / "bytecode")},
                capture_output=True,
                text=True,
                timeout=LONGEST,
                check=False,
            )
        if done.returncode:
            raise RuntimeError(f"{way} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        measured = Measured(**json.loads(done.stdout.splitlines()[-1]))
        after = self._stats()
        seen = {name: after[name] - before[name] for name in after}
        if measured.records != self.pages * PAGE_SIZE or seen["refused"]:
            raise RuntimeError(
                f"{way}: {measured.records} records of {self.pages * PAGE_SIZE}, {seen['refused']} refused"
            )
        return Run(measured, seen["token_requests"], seen["api_requests"], seen["connections"], seen["cpu_seconds"])

    def _stats(self) -> dict[str, Any]:
        with requests.Session() as http:
            http.trust_env = False  # loopback: no proxies, no netrc
            answer = http.get(f"{self.url}/_stats", timeout=10)
            answer.raise_for_status()
            return dict(answer.json())

    def connections(self) -> dict[str, str]:
        """Return the environment in which Airflow's connections lead here, and who asks for them is counted."""
        address = urlsplit(self.url)
        connection = {
            "host": address.hostname,
            "port": address.port,
            "schema": address.scheme,
            "login": LOGIN,
            "password": PASSWORD,
        }
        # In memory: outside a task there is no Variable to share the token through.
        ours = {**connection, "conn_type": "orgauth", "extra": {"cache": "memory"}}
        return {
            f"AIRFLOW_CONN_{ORG_CONN.upper()}": json.dumps(ours),
            f"AIRFLOW_CONN_{HTTP_CONN.upper()}": json.dumps({**connection, "conn_type": "http"}),
            "AIRFLOW__SECRETS__BACKEND": BACKEND,
        }

    def _wait_ready(self) -> str:
        for _ in poll_until("the server of pages does not say READY", timeout=60, pause=0.05):
            for line in self._session.log.read_text(errors="replace").splitlines():
                if line.startswith(READY):
                    return line.removeprefix(READY).strip()
            self._session.check_running()
        raise AssertionError("poll_until ends with a return or an exception")
