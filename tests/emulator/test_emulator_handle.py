"""``running_emulator`` and ``Emulator``: starting, failing to start, TLS, and the connection that leads there."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import threading
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import requests
from emulator_client import Client

from airflow_provider_orgauth.emulator import CLIENT_ID, CLIENT_SECRET, running_emulator


def test_it_ends_with_its_context_even_while_a_client_is_stalled():
    before = set(threading.enumerate())
    with running_emulator(devices=1) as emulator:
        emulator.fault("stall", "/profile", delay=600)
        client = Client(emulator).login()
        client.send("GET", "/api/v1/organization/profile", stream=True)
    assert set(threading.enumerate()) <= before
    with pytest.raises(ConnectionRefusedError), socket.create_connection((emulator.host, emulator.port)):
        pass


def test_two_are_independent():
    with running_emulator(devices=1) as one, running_emulator(devices=1, seed=2) as other:
        access, _ = Client(one).tokens()
        Client(other).tokens()
        assert one.port != other.port
        assert Client(other).profile_with(access).status_code == 401
        assert Client(one).profile_with(access).status_code == 200


def test_it_says_why_it_does_not_start():
    with pytest.raises(ValueError, match="no setting lifetime"), running_emulator(lifetime=5):
        pass
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="address already in use"), running_emulator(port=port):
            pass


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    command = ["openssl", "req", *kind, *subject, "-keyout", key, "-out", cert]
    subprocess.run(command, check=True, capture_output=True)
    return key, cert


def test_tls(certificate):
    key, cert = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with running_emulator(devices=1, ssl_context=context) as emulator:
        assert emulator.url.startswith("https://127.0.0.1:")
        assert json.loads(emulator.connection_json())["schema"] == "https"
        client = Client(emulator, verify=str(cert)).login()
        assert client.get("/profile").status_code == 200
        with pytest.raises(requests.exceptions.SSLError):
            Client(emulator).token()
        emulator.fault("reset", "/profile")
        with pytest.raises(requests.ConnectionError, match="Connection aborted"):  # ssl shows the RST as an end
            client.get("/profile")
        emulator.fault("truncate", "/profile")
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            client.get("/profile")
        assert client.get("/profile").status_code == 200
        assert emulator.stats()["connections"] == 3


def test_ipv6():
    if not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6 on this machine")
    with running_emulator(devices=1, host="::1") as emulator:
        assert emulator.url == f"http://[::1]:{emulator.port}"
        assert Client(emulator).token().status_code == 200


def test_the_connection_in_json(emulator):
    assert json.loads(emulator.connection_json()) == {
        "conn_type": "orgauth",
        "host": "127.0.0.1",
        "port": emulator.port,
        "schema": "http",
        "login": CLIENT_ID,
        "password": CLIENT_SECRET,
    }
    extra = {"cache": "memory", "expiry_margin": 5}
    assert json.loads(emulator.connection_json(**extra))["extra"] == extra


def test_the_connection_as_uri(emulator):
    emulator.settings(client_id="a:b@c/d", client_secret="%41 ü?")
    parts = urlsplit(emulator.connection_uri(max_attempts=2))
    assert (parts.scheme, parts.hostname, parts.port, parts.path) == ("orgauth", "127.0.0.1", emulator.port, "/http")
    assert (unquote(parts.username), unquote(parts.password)) == ("a:b@c/d", "%41 ü?")
    assert json.loads(parse_qs(parts.query)["__extra__"][0]) == {"max_attempts": 2}
    assert "?" not in emulator.connection_uri()


def test_set_connection(emulator, monkeypatch):
    assert emulator.set_connection(monkeypatch, "my_org", cache="memory") == "my_org"
    assert os.environ["AIRFLOW_CONN_MY_ORG"] == emulator.connection_json(cache="memory")
    monkeypatch.undo()
    assert "AIRFLOW_CONN_MY_ORG" not in os.environ


def test_its_repr_shows_no_secret(emulator):
    assert repr(emulator) == f"Emulator('{emulator.url}')"
    assert CLIENT_SECRET not in repr(emulator.settings())


def test_issued_tokens_come_in_the_order_of_issue(emulator):
    client = Client(emulator)
    access, refresh = client.tokens()
    emulator.advance(100)
    second = client.refresh(refresh).json()["access_token"]
    (first_token, first_end), (second_token, second_end) = emulator.issued()
    assert (first_token, second_token) == (access, second)
    assert 100 <= second_end - first_end < 130
