"""Watchers on the emulator."""

from __future__ import annotations

import pytest
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS
from watchings import Watching


@pytest.fixture
def watching(orgauth_emulator, monkeypatch):
    if not AIRFLOW_V_3_0_PLUS:
        pytest.skip("Airflow 2 has no AssetWatcher")
    orgauth_emulator.set_connection(monkeypatch, cache="memory")
    return Watching(orgauth_emulator)
