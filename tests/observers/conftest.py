"""Metrics that go to a StatsD server of the test's own, as Airflow's task runner would set them up."""

from __future__ import annotations

import pytest
from statsd_server import StatsdServer, begin_stats

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.observers import guarded


@pytest.fixture
def statsd(monkeypatch):
    """Yield a StatsD server that Airflow's metrics go to, plain: without tags."""
    server = StatsdServer()
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    begin_stats()
    yield server
    server.close()
    monkeypatch.undo()
    begin_stats()


@pytest.fixture(autouse=True)
def _nothing_was_said():
    guarded.WARNED.clear()


@pytest.fixture
def make_hook(orgauth_emulator, monkeypatch, clockwork):
    """Return a function that makes a hook on the emulator; keywords are fields of the connection's extra."""

    def make(sleep=clockwork.sleep, **extra) -> OrgAuthHook:
        conn_id = orgauth_emulator.set_connection(monkeypatch, **{"cache": "memory", **extra})
        return OrgAuthHook(conn_id, clock=clockwork.clock, sleep=sleep)

    return make
