"""pytest fixtures for testing DAGs without an account. Installed with the package; needs its extra ``emulator``.

::

    def test_my_dag(orgauth_connection, orgauth_emulator):
        my_dag.test()
        assert orgauth_emulator.stats()["token_requests"] == 1

pytest imports this module in every session on the machine: it imports nothing that a test may not need.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from airflow_provider_orgauth.emulator.handle import Emulator


@pytest.fixture
def orgauth_emulator_settings() -> dict[str, Any]:
    """Return the settings of ``orgauth_emulator``; override it in a module, a class or a conftest to change them."""
    return {}


@pytest.fixture
def orgauth_emulator(orgauth_emulator_settings: dict[str, Any]) -> Iterator[Emulator]:
    """Yield a running emulator of the Organization API with fresh state, on a free port of the loopback address."""
    from airflow_provider_orgauth.emulator import running_emulator
    from airflow_provider_orgauth.emulator.missing import EmulatorExtraMissing, require_aiohttp

    try:
        require_aiohttp()
    except EmulatorExtraMissing as error:
        raise pytest.UsageError(str(error)) from None
    with running_emulator(**orgauth_emulator_settings) as emulator:
        yield emulator


@pytest.fixture
def orgauth_connection(orgauth_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let Airflow find the emulator as connection ``orgauth_default``; the value is that connection's id."""
    return orgauth_emulator.set_connection(monkeypatch)
