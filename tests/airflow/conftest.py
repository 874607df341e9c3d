"""Airflows that the tests share: each takes about ten seconds to start, so it is started once, when first asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from harness import (
    Airflow211,
    AirflowServer,
    dag_files,
    python_under_test,
    version_under_test,
    why_no_airflow211,
)

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "observers"))

from otlp_server import OtlpServer, otlp_server
from statsd_server import StatsdServer

MakeAirflow = Callable[..., AirflowServer | Airflow211]
MakeAirflow3 = Callable[..., AirflowServer]


@pytest.fixture(scope="session")
def make_airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeAirflow]:
    """Make a fresh Airflow of the version under test, migrated and not started; takes the class's keyword arguments."""
    kind = AirflowServer if version_under_test() >= (3, 0) else Airflow211
    template = tmp_path_factory.mktemp("airflow-template") / "airflow.db"
    with ExitStack() as servers:

        def make(**arguments: object) -> AirflowServer | Airflow211:
            root = tmp_path_factory.mktemp("airflow-home")
            server = kind(root, python=python_under_test(), **arguments)  # type: ignore[arg-type]
            server.migrate(template)
            return servers.enter_context(server)

        yield make


@pytest.fixture(scope="session")
def make_airflow3(make_airflow: MakeAirflow) -> MakeAirflow3:
    """Make a fresh Airflow 3, migrated and not started; takes AirflowServer's keyword arguments."""
    if version_under_test() < (3, 0):
        pytest.skip("ORGAUTH_AIRFLOW_PYTHON has no Airflow 3")
    return make_airflow  # type: ignore[return-value]


@pytest.fixture(scope="session")
def metrics_of_airflow3() -> Iterator[StatsdServer]:
    """Where the metrics of `airflow3` go."""
    server = StatsdServer()
    with server.receiving():
        yield server
    server.close()


@pytest.fixture(scope="session")
def spans_of_airflow3() -> Iterator[OtlpServer]:
    """Where the spans of `airflow3` go."""
    with otlp_server() as server:
        yield server


@pytest.fixture(scope="session")
def airflow3(
    make_airflow3: MakeAirflow3, metrics_of_airflow3: StatsdServer, spans_of_airflow3: OtlpServer
) -> AirflowServer:
    """A running Airflow 3 with the DAGs of example_dags/ and tests/airflow/dags/, logging at DEBUG level.

    Metrics and traces are on: whatever is tested here is observed as well.
    """
    env = {**metrics_of_airflow3.environment, **spans_of_airflow3.environment}
    server = make_airflow3(dags=dag_files(), env=env)
    for copy in server.dags_folder.glob("example_*.py"):
        # Else a run of the last night would begin beside the one that a test starts, and go on in the next test.
        copy.write_text(copy.read_text().replace('schedule="@daily"', "schedule=None"))
    return server.start()


@pytest.fixture(scope="session")
def airflow211(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow211]:
    """A migrated Airflow 2.11 without DAGs: `add_dags`, then `dags_test`, or `start` and `trigger`."""
    if reason := why_no_airflow211():
        # A green CI that skipped these would say that 2.11 works, and nobody tried.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    with Airflow211(tmp_path_factory.mktemp("airflow211-home")) as home:
        home.migrate()
        yield home
