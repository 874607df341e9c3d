"""A real object store, started once. Its software is in .venv-exports, where `make test-exports` runs this folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest

_HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(_HERE.parents[1] / "scripts"), str(_HERE.parent / "kills"), str(_HERE)]

from lossy_proxy import LossyProxy  # noqa: E402  they are on the path only now
from s3_filesystem import filesystem  # noqa: E402
from s3_server import S3Server  # noqa: E402

from airflow_provider_orgauth.exports.s3_sink import S3Sink  # noqa: E402

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
def clock() -> list[float]:
    """What the sinks of attempts measure by: seconds, which only the test lets pass."""
    return [0.0]


@pytest.fixture
def proxy(s3) -> Iterator[LossyProxy]:
    with LossyProxy(s3.endpoint) as proxy:
        yield proxy


@pytest.fixture
def attempt(s3, key, clock) -> Callable[..., S3Sink]:
    """Return a function that makes the sink of an attempt, with a file system of its own, as a process has one.

    Its keywords are those of `filesystem`, and `key`, where it is not the test's.
    """
    once = {"retries": {"total_max_attempts": 1}}

    def make(key: str = key, **changes) -> S3Sink:
        fs = filesystem(s3, **{"config_kwargs": once, **changes})
        fs.retries = 3
        return S3Sink(fs, f"{s3.bucket}/{key}", timer=lambda: clock[0])

    return make


@pytest.fixture
def remote(attempt, proxy) -> S3Sink:
    """The sink of an attempt whose requests go through the proxy."""
    return attempt(endpoint_url=proxy.endpoint)


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
