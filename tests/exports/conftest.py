"""A real object store, started once. Its software is in .venv-exports, where `make test-exports` runs this folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest

_HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(_HERE.parents[1] / "scripts"), str(_HERE.parent / "kills"), str(_HERE)]

from s3_server import S3Server  # noqa: E402  scripts/ is on the path only now

PAGES = 60
"""Of a thousand devices, 340 bytes each: four parts, the smallest that S3 takes."""

NEEDED = ("boto3", "s3fs", "pyarrow", "zstandard")


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """A running object store with one bucket, which the tests share: each has keys of its own."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if not (Path(sys.prefix) / "bin" / "weed").exists():
        missing.append("weed")
    if missing:
        reason = f"no {', '.join(missing)} in this virtual environment: `make test-exports` has one of its own"
        (pytest.fail if os.environ.get("ORGAUTH_EXPORTS_REQUIRED") else pytest.skip)(reason)

    # Not pytest's folder: its path may be too long for a socket.
    root = Path(tempfile.mkdtemp(prefix="orgauth-s3-"))
    try:
        with S3Server(root) as server:
            yield server
    finally:
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def connection() -> Iterator[str]:
    """The connection to a server that gives devices as fast as anyone takes them."""
    server = Path(__file__).parents[2] / "benchmarks" / "exports_server.py"
    command = [sys.executable, str(server), "--pages", str(PAGES), "--latency", "30"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            url = process.stdout.readline().removeprefix("READY ").strip()
            yield json.dumps(
                {
                    "conn_type": "orgauth",
                    "host": url,
                    "port": urlsplit(url).port,
                    **_client(),
                    "extra": {"cache": "memory"},
                }
            )
        finally:
            process.kill()


def _client() -> dict[str, str]:
    sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
    from exports_server import LOGIN, PASSWORD

    return {"login": LOGIN, "password": PASSWORD}
