"""Servers that each fail in one way, and all that is logged."""

from __future__ import annotations

import io
import json
import logging

import pytest
from broken_servers import running_servers


@pytest.fixture(scope="module")
def servers():
    with running_servers() as servers:
        yield servers


@pytest.fixture
def connect(servers, monkeypatch):
    """Return a function that restarts a server and lets Airflow find it as ``hunted``."""

    def make(name, **extra):
        emulator = servers.restart(name)
        connection = {
            "conn_type": "orgauth",
            "host": servers.address(name),
            "login": emulator.client_id,
            "password": servers.password(name),
            "extra": {"cache": "memory", **extra},
        }
        monkeypatch.setenv("AIRFLOW_CONN_HUNTED", json.dumps(connection))
        return emulator

    return make


@pytest.fixture
def said():
    """Everything that is logged, by any library, at DEBUG level, with tracebacks: before Airflow masks anything."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)
