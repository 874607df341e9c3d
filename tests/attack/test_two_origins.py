"""A token endpoint on another server: each of the two servers sees what is meant for it, and nothing else."""

import asyncio
import base64
import json
import time
from email.utils import formatdate

import pytest
from known_secrets import BASIC, SECRET
from recording_server import http, recording_server, token_answer

from airflow_provider_orgauth import compat
from airflow_provider_orgauth.cache import memory
from airflow_provider_orgauth.exceptions import TokenEndpointError
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

HEADERS = {"X-Team": "0f-d3fault-headers", "X-Api-Key": "s3cr3t-0f-th3-api-key"}
JSON = "Content-Type: application/json"


class Issuer:
    """A token endpoint that numbers its tokens and sets a cookie: ``acc3ss-1-issuer`` with ``r3fresh-1-issuer``."""

    def __init__(self, server):
        self.server, self.issued = server, 0
        server.answer = self.answer

    def answer(self, request):
        self.issued += 1
        access, refresh = (f"{kind}-{self.issued}-issuer" for kind in ("acc3ss", "r3fresh"))
        return token_answer(access, refresh_token=refresh).replace(b"\r\n", b"\r\nSet-Cookie: issu3r=c00kie\r\n", 1)

    @property
    def url(self):
        return f"{self.server.url}/realms/main/token"


@pytest.fixture
def issuer():
    with recording_server() as running:
        yield Issuer(running)


@pytest.fixture(params=["127.0.0.1", "localhost"])
def token_url(request, issuer):
    """The token endpoint on another port, and on another host besides."""
    return issuer.url.replace("127.0.0.1", request.param)


def api(server, *, good=lambda token: True, date=None):
    """Let the server answer with its cookie: 401 to a token that is not ``good``; two pages of one record each."""

    def answer(request):
        (sent,) = request.all("authorization")
        more = [JSON, "Set-Cookie: ap1=c00kie", *([f"Date: {date}"] if date else [])]
        if not good(sent.removeprefix("Bearer ")):
            return http(401, "{}", *more)
        page = 1 if "page=1" in request.target else 0
        return http(200, json.dumps({"content": [{"id": page}], "totalElements": 2}), *more)

    server.answer = answer


def pages(hook):
    style = {"type": "page_number", "size": 1}
    return [record["id"] for record in hook.paginate("/list", pagination=style)]


def assert_apart(server, issuer):
    """Assert that neither server got what is for the other one."""
    to_issuer, to_api = bytes(issuer.server.raw), bytes(server.raw)
    for kept in (b"acc3ss-", b"0f-d3fault", b"s3cr3t-0f", b"ap1=", b"issu3r=", b"X-Team", b"Bearer", b"Cookie:"):
        assert kept not in to_issuer, kept
    for kept in (SECRET, BASIC, "r3fresh-", "issu3r=", "Basic ", "grant_type"):
        assert kept.encode() not in to_api, kept
    assert {request.target.partition("?")[0] for request in issuer.server.requests} == {"/realms/main/token"}


@pytest.mark.parametrize("placement", ["query", "body", "json"])
@pytest.mark.parametrize("client_auth", ["header", "header_raw", "params"])
def test_each_server_sees_its_own_kind_only(connect, server, issuer, token_url, placement, client_auth):
    api(server, good=lambda token: token != "acc3ss-1-issuer")
    extra = {"oauth_path": token_url, "headers": HEADERS, "grant_params_in": placement, "client_auth": client_auth}
    hook = connect(extra)

    assert hook.run("/first").status_code == 200  # after a 401 and a refresh
    assert hook.run("/second").status_code == 200
    assert pages(hook) == [0, 1]
    assert asyncio.run(hook.run_async("/third")).status_code == 200
    assert hook.get_conn().get("/fourth").status_code == 200
    operator = OrgApiOperator(task_id="t", endpoint="/fifth", pagination=False)
    assert operator.execute({})["totalElements"] == 2

    grant, refresh = issuer.server.requests
    assert issuer.issued == 2
    assert b"client_credentials" in grant.head + grant.body
    assert b"r3fresh-1-issuer" in refresh.head + refresh.body
    assert b"acc3ss-2-issuer" in server.raw
    assert all(request.all("x-team") for request in server.requests)
    assert_apart(server, issuer)


def test_a_users_own_session_and_a_token_for_other_clients(connect, server, issuer, token_url):
    import requests

    api(server, good=lambda token: token != "acc3ss-1-issuer")
    hook = connect({"oauth_path": token_url})

    assert requests.get(f"{server.url}/own", auth=hook.auth, timeout=5).status_code == 200
    assert hook.get_access_token() == "acc3ss-2-issuer"
    # The token is for the API: the token endpoint gets none, even if somebody asks it something.
    requests.get(f"{issuer.server.url}/realms/main/token", auth=hook.auth, timeout=5)
    assert b"acc3ss-" not in issuer.server.raw
    with pytest.raises(Exception, match="is not on"):
        hook.run(issuer.url)


def test_the_token_endpoint_is_followed_nowhere(connect, server, issuer, evil):
    issuer.server.answer = lambda request: http(307, "", f"Location: {evil.url}/realms/main/token?x=1")

    with pytest.raises(TokenEndpointError, match="Set Token endpoint to where the redirect points") as caught:
        connect({"oauth_path": issuer.url}).run("/probe")

    assert f"{evil.url}/realms/main/token" in str(caught.value)
    assert "x=1" not in str(caught.value)
    assert evil.connections == server.connections == 0


def test_two_apis_of_one_client_never_share_a_token(connect, server, issuer):
    """Whoever may write a connection to a server of his own must not get there what others' tokens are good for."""
    with recording_server() as other:
        api(server)
        api(other)
        for target in (server, other, server, other):
            connect({"oauth_path": issuer.url}, host=target.url).run("/probe")

        assert issuer.issued == 2
        assert b"acc3ss-1" in server.raw
        assert b"acc3ss-2" in other.raw
        assert b"acc3ss-2" not in server.raw
        assert b"acc3ss-1" not in other.raw


class Variables:
    """Airflow's, for one process."""

    def __init__(self):
        self.texts = {}

    def get(self, key, default=None):
        return self.texts.get(key, default)

    def set(self, key, value, description=None):
        self.texts[key] = value


def test_no_store_hands_a_token_of_one_api_to_another(connect, server, issuer, monkeypatch):
    """Neither the Variables nor the host's files: who finds his own token there uses it, in a process of his own."""
    monkeypatch.setattr(compat, "Variable", Variables(), raising=False)
    with recording_server() as other:
        api(server)
        api(other)
        for target in (server, other, server, other):
            memory.TOKENS.clear()  # as in a new process
            connect({"oauth_path": issuer.url, "cache": "variable"}, host=target.url).run("/probe")

        assert issuer.issued == 2
        assert b"acc3ss-2" not in server.raw
        assert b"acc3ss-1" not in other.raw
        shared = [name for name in compat.Variable.texts if name.startswith("orgauth_shared_")]
        assert len(shared) == 2


def test_a_401_of_the_api_says_nothing_of_the_time_at_the_token_endpoint(connect, server, issuer, token_url):
    api(server, good=lambda token: token != "acc3ss-1-issuer", date=formatdate(time.time() + 3600, usegmt=True))
    hook = connect({"oauth_path": token_url})

    for _ in range(3):
        hook.run("/probe")

    assert issuer.issued == 2


def test_the_test_button_asks_there(connect, server, issuer, token_url):
    worked, said = connect({"oauth_path": token_url, "headers": HEADERS}).test_connection()

    assert (worked, said.partition(":")[0]) == (True, "client_credentials grant works at http")
    assert f"works at {token_url}: a token for 300 s, with a refresh token." in said
    assert not server.raw
    assert_apart(server, issuer)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (http(404, ""), "Check Token endpoint."),
        (http(200, "<html>", "Content-Type: text/html"), "Check Token endpoint: something other"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "Check Token endpoint, and that this machine can reach it"),
    ],
    ids=["404", "html", "half"],
)
def test_the_test_button_names_the_field_with_the_address(connect, server, issuer, answer, said):
    issuer.server.answer = lambda request: answer
    worked, message = connect({"oauth_path": issuer.url, "timeout": 1}).test_connection()

    assert not worked
    assert said in message
    assert "Server address" not in message


def test_the_secret_is_sent_to_a_token_endpoint_with_a_name_of_its_own(connect, server, issuer):
    """Host, port and path are those that were typed: the API's have no part in them."""
    connect({"oauth_path": issuer.url, "scope": "https://api.example/.default"}).get_access_token()

    (grant,) = issuer.server.requests
    assert grant.all("host") == [f"127.0.0.1:{issuer.server.port}"]
    assert grant.all("authorization") == [f"Basic {BASIC}"]
    assert base64.b64decode(BASIC).decode().endswith(SECRET)


def test_a_connection_that_moves_its_api_gets_a_new_token(connect, server, issuer, monkeypatch):
    """The hook of a long-lived process notices, and what it had is not used for the new API."""
    api(server)
    hook = connect({"oauth_path": issuer.url})
    hook.run("/probe")
    connect({"oauth_path": issuer.url}, host=server.url.replace("127.0.0.1", "localhost"))

    assert not hook.is_up_to_date()
    OrgAuthHook().run("/probe")
    assert issuer.issued == 2
