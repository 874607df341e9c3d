"""An Airflow 2.11 whose Variables plain processes can read and write, as tasks do there: through the database.

On Airflow 3 a process that is no task has no Variables at all (only a supervised task reaches them, over the task API),
so the rig runs on 2.11. Import this before Airflow is imported.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import sqlite3
import sys
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from workplace import ORG_CONN

# isort: split
from airflow_home import AirflowHome

NEEDED = (
    "airflow.models.variable",
    "cryptography.fernet",
    "airflow_provider_orgauth.cache.store_choice",
    "airflow_provider_orgauth.client.api_errors",
    "airflow_provider_orgauth.client.session",
    "airflow_provider_orgauth.client.token_source",
    "airflow_provider_orgauth.hooks.connection",
    "airflow_provider_orgauth.hooks.masking",
    "airflow_provider_orgauth.hooks.orgauth",
)
"""What a first call imports. Imported once, before forking: children that each did it would measure imports."""


def prepare(root: Path, database: str | None) -> None:
    """Make an Airflow home in `root`, this process's own, and import all that a call needs.

    Args:
        root: an empty folder.
        database: the SQLAlchemy URL of an empty or migrated database; None: SQLite, which lets readers read on
            while one process writes.
    """
    home = AirflowHome(root, python=Path(sys.executable), log_level="WARNING")
    if database is None:
        with contextlib.closing(sqlite3.connect(home.database)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
        database = f"sqlite:///{home.database}?timeout=30"
    home.env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = database
    home.env["AIRFLOW__METRICS__TIMER_UNIT_CONSISTENCY"] = "True"  # else 2.11 warns of the old unit
    home.migrate()
    os.environ.update(home.env)
    _import_everything()


def put_connection(connection: Mapping[str, Any], **extra: Any) -> None:
    """Let this process, and all that are forked from it, find the emulator."""
    os.environ[f"AIRFLOW_CONN_{ORG_CONN.upper()}"] = json.dumps({**connection, "extra": extra})


def as_a_task(latency: tuple[float, float] = (0, 0), trace: Callable[[float, str], None] | None = None) -> None:
    """Talk to the database as a task's process does: a connection for each transaction, and none from the parent.

    Args:
        latency: each statement takes a random time between these two, in seconds, on top.
        trace: told of each statement that reads or writes a Variable: its seconds, and the statement with its values.
    """
    from airflow import settings
    from sqlalchemy import event

    settings.dispose_orm()
    settings.configure_orm(disable_connection_pool=True)

    def before(_connection: Any, _cursor: Any, _statement: str, _values: Any, context: Any, _many: bool) -> None:
        context.orgauth_began = time.perf_counter()
        if latency[1]:
            time.sleep(random.uniform(*latency))

    def after(_connection: Any, _cursor: Any, statement: str, values: Any, context: Any, _many: bool) -> None:
        if trace is not None:
            trace(time.perf_counter() - context.orgauth_began, f"{statement} {values}")

    event.listen(settings.engine, "before_cursor_execute", before)
    event.listen(settings.engine, "after_cursor_execute", after)


def forget_tokens() -> None:
    """Delete the Variables: the next call is on a cold cache."""
    from airflow.models.variable import Variable
    from airflow.utils.session import create_session

    with create_session() as session:
        session.query(Variable).filter(Variable.key.startswith("orgauth_", autoescape=True)).delete(
            synchronize_session=False
        )


def _import_everything() -> None:
    for module in NEEDED:
        import_module(module)
    as_a_task()
