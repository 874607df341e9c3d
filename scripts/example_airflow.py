"""What the demo and `make ui` share: an emulated Organization API and a throw-away Airflow that is connected to it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from airflow_server import AirflowServer
from emulator_process import EmulatorProcess
from process_session import ended_by_signals

PROJECT = Path(__file__).resolve().parents[1]
EXAMPLE_DAGS = PROJECT / "example_dags"
CONN_ID = "orgauth_default"


def say(sentence: str) -> None:
    """Tell the person in front of the screen, at once also when the output goes through a pipe."""
    print(sentence, flush=True)


@contextmanager
def example_airflow(
    dags: Iterable[Path], *, port: int | None = None
) -> Iterator[tuple[EmulatorProcess, AirflowServer]]:
    """Yield the running emulator and an Airflow that has the connection and the DAGs but is not started.

    Whatever ends the block, Ctrl-C and SIGTERM included, ends every process and removes every file.
    """
    with ended_by_signals(), tempfile.TemporaryDirectory(prefix="orgauth-") as folder:
        root = Path(folder).resolve()
        home = root / "airflow"
        home.mkdir()
        with EmulatorProcess(root / "emulator.log") as emulator:
            say(f"An emulated Organization API answers at {emulator.url}.")
            with AirflowServer(home, python=Path(sys.executable), dags=dags, port=port, log_level="INFO") as server:
                say("Creating a throw-away Airflow 3.3 with a SQLite database ...")
                server.migrate()
                say(f"Making the connection {CONN_ID} with `airflow connections add` ...")
                server.connections_add(CONN_ID, emulator.connection())
                try:
                    yield emulator, server
                finally:
                    say("\nEnding every process and removing every file ...")
