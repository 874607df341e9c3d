"""The Test button: one token request, one sentence, nothing left behind."""

import json
import socket
import threading
import time

import pytest

from airflow_provider_orgauth.cache import memory
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook


@pytest.fixture
def tried(connect):
    """Return a function that presses Test on a connection and returns the outcome."""

    def press(extra=None, **changes):
        worked, message = connect(extra, **changes).test_connection()
        assert "\n" not in message
        return worked, message

    return press


def test_it_works(tried, orgauth_emulator):
    worked, message = tried()

    assert worked
    assert message == (
        f"client_credentials grant works at {orgauth_emulator.url}/oauth2/token: "
        "a token for 300 s, with a refresh token."
    )
    assert orgauth_emulator.stats()["token_requests"] == 1
    assert orgauth_emulator.stats()["api_requests"] == 0


def test_it_says_when_there_is_no_refresh_token(tried, orgauth_emulator):
    orgauth_emulator.settings(issue_refresh_token=False, token_lifetime=86400)

    assert tried()[1].endswith("a token for 86400 s, without a refresh token.")


def test_nothing_is_read_and_nothing_is_left(tried, orgauth_emulator, caplog):
    """Also with the Variable cache, where no Variable can be read: the cache is not touched."""
    assert tried({"cache": "variable"})[0]
    assert tried({"cache": "xcom"})[0]

    assert memory.TOKENS == {}
    assert "not shared" not in caplog.text
    assert orgauth_emulator.stats()["token_requests"] == 2


def test_it_does_not_make_anyone_wait_for_retries(tried, orgauth_emulator, clockwork):
    orgauth_emulator.fault("status", "/oauth2/token", status=503)
    worked, message = tried()

    assert not worked
    assert "503" in message
    assert clockwork.slept == []


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"kind": "html"}, "Check Server address and Token endpoint"),
        ({"kind": "html", "status": 404}, "Check Server address and Token endpoint"),
        ({"kind": "empty"}, "the answer is empty"),
        (
            {"kind": "status", "status": 403, "body": '{"error": {"message": "Platform API scope is not enabled."}}'},
            "enable the API scope",
        ),
        ({"kind": "status", "status": 403, "body": ""}, "Check Client secret"),
        ({"kind": "status", "status": 401, "body": ""}, "Check Client ID and Client secret"),
        (
            {"kind": "redirect", "status": 308, "headers": {"Location": "https://lon1.example/oauth2/token?a=b"}},
            "another region: set Server address to lon1.example.",
        ),
        ({"kind": "reset"}, "closed the connection"),
        ({"kind": "truncate"}, "broke off"),
        ({"kind": "raw", "status": 200, "body": "x" * 70_000}, "longer than 64 KiB"),
    ],
    ids=lambda value: json.dumps(value)[:60] if isinstance(value, dict) else "",
)
def test_each_failure_says_what_to_change(tried, orgauth_emulator, fault, said):
    orgauth_emulator.fault(fault.pop("kind"), "/oauth2/token", **fault)
    worked, message = tried()

    assert not worked
    assert said in message
    assert orgauth_emulator.client_secret not in message


def test_wrong_credentials_and_placements(tried, orgauth_emulator):
    assert "Check Client ID and Client secret" in tried(password="wrong")[1]
    assert "Check Client ID and Client secret" in tried(login="wrong")[1]
    assert "'Send grant parameters in' to query" in tried({"grant_params_in": "body"})[1]
    assert "Token endpoint" in tried({"oauth_path": "/nothing/here"})[1]


def test_a_host_that_does_not_exist_or_does_not_listen(tried):
    assert "does not resolve" in tried(host="no-such-host.invalid", schema="https", port=443)[1]
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert "refused" in tried(port=closed.getsockname()[1])[1]


def test_a_server_that_speaks_no_tls(tried):
    assert "the port answers, but not in TLS" in tried(schema="https")[1]


def test_a_server_that_sends_a_byte_now_and_then(tried):
    """The deadline holds for the whole answer, not for each byte of it."""
    stop = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def drip():
        peer, _ = listener.accept()
        with peer:
            peer.recv(4096)
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while not stop.wait(0.05):
                try:
                    peer.send(b" ")
                except OSError:
                    return

    thread = threading.Thread(target=drip)
    thread.start()
    started = time.monotonic()
    worked, message = tried({"timeout": 0.5}, port=listener.getsockname()[1])
    stop.set()
    thread.join()
    listener.close()

    assert not worked
    assert "no answer within 0.5 s" in message
    assert time.monotonic() - started < 10


def test_a_server_that_does_not_answer(tried, orgauth_emulator):
    orgauth_emulator.fault("slow", "/oauth2/token", delay=60)

    assert "no answer within 0.3 s" in tried({"timeout": 0.3})[1]


def test_an_endless_answer_is_read_no_further_than_64_kib(tried):
    listener, asked, sent = socket.create_server(("127.0.0.1", 0)), [], []

    def pour():
        peer, _ = listener.accept()
        with peer:
            asked.append(peer.recv(4096))
            peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            try:
                while len(sent) < 100_000:  # 100 MB: enough to see that nobody wants them
                    peer.sendall(b"400\r\n" + b"x" * 1024 + b"\r\n")
                    sent.append(1)
            except OSError:
                return

    thread = threading.Thread(target=pour)
    thread.start()
    worked, message = tried(port=listener.getsockname()[1])
    thread.join()
    listener.close()

    assert not worked
    assert "longer than 64 KiB" in message
    assert len(sent) < 100_000
    assert b"Accept-Encoding: identity" in asked[0]  # or 64 KiB on the wire could be anything in memory


def test_a_connection_that_is_not_there():
    worked, message = OrgAuthHook("no_such_connection").test_connection()

    assert not worked
    assert "no_such_connection" in message


def test_a_wrong_field_is_said_without_a_request(tried, orgauth_emulator):
    worked, message = tried({"timeout": "soon"})

    assert not worked
    assert message.startswith("timeout (Timeout (s)): is 'soon'.")
    assert orgauth_emulator.stats()["token_requests"] == 0
