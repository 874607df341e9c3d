"""The emulator of the Organization API as a process of its own, and the connection that leads to it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import requests
from process_session import ProcessSession, poll_until

READY = "READY "


class EmulatorProcess:
    """`python -m airflow_provider_orgauth.emulator` on a free port of the loopback address.

    A context manager: leaving it ends the process.

    Args:
        log: the file that receives its output.
        *options: further command-line options of the emulator.
    """

    def __init__(self, log: Path, *options: str) -> None:
        command = [sys.executable, "-u", "-m", "airflow_provider_orgauth.emulator", "--port", "0", *options]
        self._session = ProcessSession("the emulator", command, env=os.environ, log=log)
        self.url = self._wait_ready()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.stop()

    def connection(self) -> dict[str, Any]:
        """Return a connection to the emulator in Airflow's JSON form."""
        # In here, so that `make` can say what is missing before the package is installed.
        from airflow_provider_orgauth.emulator import CLIENT_ID, CLIENT_SECRET

        parts = urlsplit(self.url)
        return {
            "conn_type": "orgauth",
            "host": parts.hostname,
            "port": parts.port,
            "schema": parts.scheme,
            "login": CLIENT_ID,
            "password": CLIENT_SECRET,
        }

    def stats(self) -> dict[str, Any]:
        """Return what the emulator counted: the parsed answer of `GET /_stats`."""
        with requests.Session() as http:
            http.trust_env = False  # loopback: no proxies, no netrc
            answer = http.get(f"{self.url}/_stats", timeout=10)
            answer.raise_for_status()
            return dict(answer.json())

    def _wait_ready(self) -> str:
        for _ in poll_until("the emulator does not say READY", timeout=30, pause=0.05):
            for line in self._session.log.read_text(errors="replace").splitlines():
                if line.startswith(READY):
                    return line.removeprefix(READY).strip()
            self._session.check_running()
        raise AssertionError("poll_until ends with a return or an exception")
