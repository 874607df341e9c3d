"""A hook on the emulator, whose time the test holds."""

from __future__ import annotations

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
    import json

    def make(extra=None, **changes) -> OrgAuthHook:
        connection = json.loads(orgauth_emulator.connection_json(**{"cache": "memory", **(extra or {})})) | changes
        monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps(connection))
        return OrgAuthHook(clock=clockwork.clock, sleep=clockwork.sleep)

    return make
