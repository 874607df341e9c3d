"""A real statsd_exporter with our mapping, and a real Prometheus with our rules, which reads from it every second."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import requests
import yaml
from monitoring_files import MAPPING, RULES

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))

from airflow_server import free_port
from process_session import ProcessSession, poll_until

PROGRAMS = ("statsd_exporter", "prometheus", "promtool")
PATIENCE_SECONDS = 60


def missing_programs() -> list[str]:
    """Return which programs are not on the path."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


class PrometheusStack:
    """Both programs, running.

    :ivar statsd_port: of the exporter: where metrics go, by UDP.
    """

    def __init__(self, folder: Path) -> None:
        self.statsd_port, self._exporter_port, self._port = free_port(), free_port(), free_port()
        self._http = requests.Session()
        self._http.trust_env = False
        self._folder = folder
        exporter = [
            *("statsd_exporter", f"--statsd.mapping-config={MAPPING}", "--statsd.listen-tcp="),
            f"--statsd.listen-udp=127.0.0.1:{self.statsd_port}",
            f"--web.listen-address=127.0.0.1:{self._exporter_port}",
        ]
        prometheus = [
            *("prometheus", f"--config.file={self._configured()}", f"--storage.tsdb.path={folder / 'data'}"),
            f"--web.listen-address=127.0.0.1:{self._port}",
        ]
        self._sessions = [
            ProcessSession(command[0], command, env=os.environ, log=folder / f"{command[0]}.log")
            for command in (exporter, prometheus)
        ]

    def wait_ready(self) -> None:
        """Wait until Prometheus has read from the exporter."""
        for _ in poll_until("Prometheus does not read from statsd_exporter", PATIENCE_SECONDS):
            for session in self._sessions:
                session.check_running()
            with suppress(requests.RequestException):
                if self.values("up == 1"):
                    return

    def stop(self) -> None:
        """End both."""
        for session in self._sessions:
            session.stop()

    def get(self, path: str, **params: str) -> Any:
        """Return the data of an answer of Prometheus' API."""
        answer = self._http.get(f"http://127.0.0.1:{self._port}/api/v1/{path}", params=params, timeout=30)
        said = answer.json()
        assert said["status"] == "success", said
        return said["data"]

    def values(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """Return the labels and the value of each series that an expression has now."""
        return [(one["metric"], float(one["value"][1])) for one in self.get("query", query=expression)["result"]]

    def _configured(self) -> Path:
        target = {"targets": [f"127.0.0.1:{self._exporter_port}"]}
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(RULES)],
            "scrape_configs": [{"job_name": "statsd", "static_configs": [target]}],
        }
        file = self._folder / "prometheus.yml"
        file.write_text(yaml.safe_dump(config))
        return file


@contextmanager
def prometheus_stack(folder: Path) -> Iterator[PrometheusStack]:
    """Run both while the context lasts."""
    stack = PrometheusStack(folder)
    try:
        stack.wait_ready()
        yield stack
    finally:
        stack.stop()
