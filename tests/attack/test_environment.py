"""What the machine's environment may change: proxies are honoured, ``.netrc`` never is."""

import sys
from pathlib import Path

import pytest
from known_secrets import BASIC, secrets_in
from recording_server import ACCESS, http, recording_server

from airflow_provider_orgauth.exceptions import OrgAuthError

sys.path.insert(0, str(Path(__file__).parent.parent / "hooks"))
from tls import Authority


def test_a_proxy_for_plain_http_sees_everything(connect, server, monkeypatch):
    """Plain http has no secrets from a proxy: one more reason why it has to be allowed. The server gets nothing."""
    with recording_server() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        connect().run("/probe")

        assert [request.target.partition("?")[0] for request in proxy.requests] == [
            f"{server.url}/oauth2/token",
            f"{server.url}/probe",
        ]
        assert [request.all("authorization") for request in proxy.requests] == [
            [f"Basic {BASIC}"],
            [f"Bearer {ACCESS}"],
        ]
    assert not server.raw


@pytest.mark.parametrize("exempt", ["127.0.0.1", "*"])
def test_no_proxy_keeps_the_proxy_out(connect, server, evil, monkeypatch, exempt):
    monkeypatch.setenv("http_proxy", evil.url)
    monkeypatch.setenv("no_proxy", exempt)
    connect().run("/probe")

    assert len(server.requests) == 2
    assert evil.connections == 0


def test_a_proxy_for_https_is_asked_for_a_tunnel_and_told_no_secret(connect, evil, monkeypatch):
    evil.answer = lambda request: http(502, "no tunnel")
    monkeypatch.setenv("https_proxy", evil.url.replace("://", "://me:s3cr3t-part@"))
    with pytest.raises(OrgAuthError) as caught:
        connect(host="https://127.0.0.1:9").run("/probe")

    assert evil.requests
    assert {request.line.rpartition(" ")[0] for request in evil.requests} == {"CONNECT 127.0.0.1:9"}
    assert all(not request.all("authorization") for request in evil.requests)
    assert "s3cr3t-part" not in str(caught.value)


def test_netrc_takes_no_tokens_place(connect, server, monkeypatch, tmp_path):
    netrc = tmp_path / ".netrc"
    netrc.write_text("default login evil password evil\n")
    monkeypatch.setenv("NETRC", str(netrc))
    normal = server.answer
    server.answer = lambda request: http(302, "", Location="/next") if request.target == "/probe" else normal(request)
    connect().run("/probe")

    grant, call, redirected = server.requests
    assert grant.all("authorization") == [f"Basic {BASIC}"]
    assert call.all("authorization") == redirected.all("authorization") == [f"Bearer {ACCESS}"]


def test_from_https_to_http_on_the_same_host_nothing_is_sent(connect, evil, tmp_path):
    authority = Authority(tmp_path)
    with recording_server(authority.server_context("127.0.0.1")) as secure:
        normal = secure.answer
        secure.answer = lambda request: (
            normal(request) if request.is_grant else http(307, "", Location=f"http://127.0.0.1:{evil.port}/x")
        )
        with pytest.raises(OrgAuthError, match="leads to http://127") as caught:
            connect({"verify": str(authority.bundle)}, host=secure.url).run("/probe")

    assert evil.connections == 0
    assert not secrets_in(str(caught.value))


def test_the_environments_bundle_does_not_replace_the_connections(connect, tmp_path, monkeypatch):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    ours, theirs = Authority(tmp_path / "a"), Authority(tmp_path / "b")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(theirs.bundle))
    with recording_server(theirs.server_context("127.0.0.1")) as impostor:
        with pytest.raises(OrgAuthError, match="certificate"):
            connect({"verify": str(ours.bundle)}, host=impostor.url).run("/probe")
        assert not impostor.raw
