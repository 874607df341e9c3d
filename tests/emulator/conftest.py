"""An emulator of a test's own, and a client of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from emulator_client import Client

from airflow_provider_orgauth.emulator import Emulator, running_emulator


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with running_emulator(devices=120) as running:
        yield running


@pytest.fixture
def client(emulator: Emulator) -> Client:
    return Client(emulator)
