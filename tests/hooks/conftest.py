"""A hook on the emulator, whose time the test holds."""

from __future__ import annotations

import json

import pytest

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook


@pytest.fixture
def make_hook(orgauth_emulator, monkeypatch, clockwork):
    """Return a function that makes a hook on the emulator; keywords are fields of the connection's extra."""

    def make(**extra) -> OrgAuthHook:
        conn_id = orgauth_emulator.set_connection(monkeypatch, **{"cache": "memory", **extra})
        return OrgAuthHook(conn_id, clock=clockwork.clock, sleep=clockwork.sleep)

    return make


@pytest.fixture
def hook(make_hook):
    return make_hook()


@pytest.fixture
def connect(orgauth_emulator, monkeypatch, clockwork):
    """Return a function that makes a hook on a connection with other standard fields than the emulator's."""

    def make(extra=None, **changes) -> OrgAuthHook:
        connection = json.loads(orgauth_emulator.connection_json(**{"cache": "memory", **(extra or {})})) | changes
        monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps(connection))
        return OrgAuthHook(clock=clockwork.clock, sleep=clockwork.sleep)

    return make


@pytest.fixture
def hook_on(monkeypatch, clockwork):
    """Return a function that makes a hook on a hostile server; keywords are fields of the connection's extra."""

    def make(server, schema="http", **extra) -> OrgAuthHook:
        extra = {"cache": "memory", "timeout": 10, "max_attempts": 1, **extra}
        about = {"conn_type": "orgauth", "host": "127.0.0.1", "port": server.port, "schema": schema, "extra": extra}
        monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps(about | {"login": "id", "password": "s3cr3t"}))
        return OrgAuthHook(clock=clockwork.clock, sleep=clockwork.sleep)

    return make
