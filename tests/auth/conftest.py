"""A connection to the emulator, for clients that are not ours."""

from __future__ import annotations

import pytest
from clients import WAYS, Call


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def call(request) -> Call:
    return request.param


@pytest.fixture
def org_conn_id(orgauth_emulator, monkeypatch) -> str:
    return orgauth_emulator.set_connection(monkeypatch, cache="memory")


@pytest.fixture
def api(orgauth_emulator, org_conn_id) -> str:
    return f"{orgauth_emulator.url}/api/v1/organization"
