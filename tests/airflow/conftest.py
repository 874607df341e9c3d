"""Airflows that the tests share: each takes about ten seconds to start, so it is started once, when first asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from harness import Airflow211, AirflowServer, dag_files, why_no_airflow211

MakeAirflow3 = Callable[..., AirflowServer]


@pytest.fixture(scope="session")
def make_airflow3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeAirflow3]:
    """Make a fresh Airflow 3, migrated and not started; takes AirflowServer's keyword arguments."""
    template = tmp_path_factory.mktemp("airflow3-template") / "airflow.db"
    with ExitStack() as servers:

        def make(**arguments: object) -> AirflowServer:
            root = tmp_path_factory.mktemp("airflow3-home")
            server = AirflowServer(root, python=Path(sys.executable), **arguments)  # type: ignore[arg-type]
            server.migrate(template)
            return servers.enter_context(server)

        yield make


@pytest.fixture(scope="session")
def airflow3(make_airflow3: MakeAirflow3) -> AirflowServer:
    """A running Airflow 3 with the DAGs of example_dags/ and tests/airflow/dags/, logging at DEBUG level."""
    return make_airflow3(dags=dag_files()).start()


@pytest.fixture(scope="session")
def airflow211(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow211]:
    """A migrated Airflow 2.11 without DAGs: `add_dags`, then `dags_test`, or `start` and `trigger`."""
    if reason := why_no_airflow211():
        # A green CI that skipped these would say that 2.11 works, and nobody tried.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    with Airflow211(tmp_path_factory.mktemp("airflow211-home")) as home:
        home.migrate()
        yield home
