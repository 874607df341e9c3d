"""The server of the connection, another one that must never learn a secret, and a hook between them."""

from __future__ import annotations

import json

import pytest
from known_secrets import CLIENT_ID, SECRET, secrets_in
from recording_server import recording_server

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

ENVIRONMENT = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC")


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch, tmp_path):
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def server():
    with recording_server() as running:
        yield running


@pytest.fixture
def evil():
    """Another server on this machine: reached as 127.0.0.1 and as localhost. At the end it knows no secret."""
    with recording_server() as running:
        yield running
        assert not secrets_in(bytes(running.raw))


@pytest.fixture
def connect(server, monkeypatch, clockwork):
    """Return a function that makes a hook on the server; keywords are fields of the connection."""

    def make(extra=None, **fields) -> OrgAuthHook:
        about = {"conn_type": "orgauth", "host": server.url, "login": CLIENT_ID, "password": SECRET, **fields}
        about["extra"] = {"cache": "memory", "max_attempts": 1, "timeout": 5, **(extra or {})}
        monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps(about))
        return OrgAuthHook(clock=clockwork.clock, sleep=clockwork.sleep)

    return make


@pytest.fixture
def hook(connect):
    return connect()
