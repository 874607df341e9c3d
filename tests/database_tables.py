"""The tables of Airflow's database that a test in one process needs: of Variables and connections, and of teams."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def database_tables() -> Iterator[None]:
    """Have them, empty; afterwards they are gone, as tests that have no database need it."""
    from airflow import settings
    from airflow.models import Connection, Variable
    from airflow.models.base import Base

    tables = [Variable.__table__, Connection.__table__]
    if "team" in Base.metadata.tables:
        tables.append(Base.metadata.tables["team"])
    Base.metadata.create_all(settings.engine, tables=tables)
    try:
        yield
    finally:
        settings.Session.remove()
        Base.metadata.drop_all(settings.engine, tables=tables)
