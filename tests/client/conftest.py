"""An emulator whose time goes with that of the processes: who lets theirs pass lets its pass, too."""

from __future__ import annotations

import pytest

from airflow_provider_orgauth.emulator import running_emulator


@pytest.fixture
def orgauth_emulator(clockwork):
    with running_emulator(clock=clockwork.clock) as emulator:
        yield emulator
