"""An Organization API on loopback: for the demo, for tests, and for users' own DAG tests without an account.

As a process: ``python -m airflow_provider_orgauth.emulator --port 8089``. In Python, without pytest::

    from airflow_provider_orgauth.emulator import running_emulator

    with running_emulator(token_lifetime=60) as emulator:
        print(emulator.url, emulator.connection_json())

In pytest: the fixtures ``orgauth_emulator`` and ``orgauth_connection`` of ``emulator.pytest_plugin``.

It stands alone: it imports neither Airflow nor any other part of this provider, so what it says about a client is
not colored by that client's own code. What the vendor documents is its default; what the documents leave open is a
setting. aiohttp, its web framework, is an optional extra and is imported when an emulator starts.
"""

from __future__ import annotations

from airflow_provider_orgauth.emulator.faults import Fault
from airflow_provider_orgauth.emulator.handle import Emulator, running_emulator
from airflow_provider_orgauth.emulator.missing import EmulatorExtraMissing
from airflow_provider_orgauth.emulator.settings import CLIENT_ID, CLIENT_SECRET, Settings

__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "Emulator",
    "EmulatorExtraMissing",
    "Fault",
    "Settings",
    "running_emulator",
]
