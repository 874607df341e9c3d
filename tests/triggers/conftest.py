"""Waits in a triggerer on the emulator."""

from __future__ import annotations

import pytest
from trigger_runs import API

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook


@pytest.fixture
def connected(orgauth_emulator, monkeypatch):
    """Return the emulator, which is the connection."""
    orgauth_emulator.set_connection(monkeypatch, cache="memory", max_attempts=1)
    return orgauth_emulator


@pytest.fixture
def ship(connected):
    """Return a function that makes a shipment that goes by these steps; those who look are counted from then on."""
    hook = OrgAuthHook()

    def create(*steps):
        connected.script_shipments(*steps)
        hook.run(f"{API}/shipment/create", method="POST", json={"deviceIds": [1, 2]})

    return create


@pytest.fixture
def look_ups(monkeypatch):
    """Count how often a connection is looked up."""
    found = []
    get = OrgAuthHook.get_connection

    def counted(conn_id):
        found.append(conn_id)
        return get(conn_id)

    monkeypatch.setattr(OrgAuthHook, "get_connection", staticmethod(counted))
    return found
