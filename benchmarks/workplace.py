"""What the benchmarks work with: the emulator, connections to it, and a folder that goes away."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

BENCHMARKS = Path(__file__).resolve().parent
sys.path.insert(0, str(BENCHMARKS.parent / "scripts"))

from emulator_process import EmulatorProcess  # noqa: E402  it is on the path only now

if TYPE_CHECKING:
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

ORG_CONN, HTTP_CONN = "bench_orgauth", "bench_http"
PROFILE = "/api/v1/organization/profile"
"""The endpoint that is called: a small answer, so that the client's own work shows."""


@contextmanager
def workplace() -> Iterator[Path]:
    """Yield an empty folder that is AIRFLOW_HOME for this process and its children, and remove it in the end.

    Airflow must not have been imported before: it reads its home only once.
    """
    with tempfile.TemporaryDirectory(prefix="orgauth-bench-") as folder:
        root = Path(folder).resolve()
        for name in [name for name in os.environ if name.startswith("AIRFLOW") or name.lower().endswith("_proxy")]:
            del os.environ[name]
        os.environ["AIRFLOW_HOME"] = str(root / "home")
        os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "WARNING"
        yield root


@contextmanager
def emulator(root: Path, name: str) -> Iterator[EmulatorProcess]:
    """Yield an emulator in a process of its own; ORG_CONN and HTTP_CONN lead to it, from environment variables.

    ORG_CONN shares its token in memory: outside a task there is no Variable to share it through.
    """
    with EmulatorProcess(root / f"{name}.log") as running:
        connection = running.connection()
        for conn_id, more in (
            (ORG_CONN, {"extra": {"cache": "memory"}}),
            (HTTP_CONN, {"conn_type": "http"}),
        ):
            os.environ[f"AIRFLOW_CONN_{conn_id.upper()}"] = json.dumps({**connection, **more})
        yield running


def cold_hook() -> OrgAuthHook:
    """Return a hook as a new process would make it: no token is known."""
    from airflow_provider_orgauth.cache import memory
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

    memory.TOKENS.clear()
    return OrgAuthHook(ORG_CONN)
