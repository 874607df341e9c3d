"""The hook against OAuth servers that nobody here wrote: every placement, Basic, refusals, refresh, revocation."""

from __future__ import annotations

import json
import logging
import time
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from foreign_oauth import OTHER_TOKEN_TYPE, PLACEMENTS, SERVERS, Client, ForeignServer

from airflow_provider_orgauth.exceptions import ApiForbiddenError, OrgAuthError
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

pytestmark = pytest.mark.foreign

Connect = Callable[..., OrgAuthHook]


def refreshing(*, rotates: bool) -> pytest.MarkDecorator:
    """Run the test with each server that gives refresh tokens of this kind."""
    some = [server for server in SERVERS if server.issues_refresh and server.rotates_refresh is rotates]
    return pytest.mark.parametrize("foreign_server", some, ids=lambda server: server.name, indirect=True)


class Clock:
    """The time, and a way to be later: tokens here live an hour."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def connect(
    foreign_server: ForeignServer,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Connect]:
    """Make a connection as a user would, in the environment, and a hook for it.

    When the test is over, no log record of it, DEBUG included, may hold the secret of a connection made here.
    """
    caplog.set_level(logging.DEBUG)
    clients = []

    def make(client: Client, placement: str, **extra: Any) -> OrgAuthHook:
        clients.append(client)
        client_auth, grant_params_in = placement.split("+")
        if client_auth == "header" and not foreign_server.basic_decodes:
            client_auth = "header_raw"
        connection = {
            "conn_type": "orgauth",
            "host": "127.0.0.1",
            "port": foreign_server.port,
            "schema": "http",
            "login": client.id,
            "password": client.secret,
            "extra": {
                "client_auth": client_auth,
                "grant_params_in": grant_params_in,
                "oauth_path": foreign_server.token_path,
                "cache": "memory",
                **extra,
            },
        }
        monkeypatch.setenv("AIRFLOW_CONN_FOREIGN", json.dumps(connection))
        return OrgAuthHook("foreign", clock=clock)

    yield make
    logged = "\n".join(record.getMessage() for record in caplog.get_records("call"))
    assert "127.0.0.1" in logged, "nothing was captured"
    for client in clients:
        assert_free_of(client, logged)


@pytest.fixture
def token_requests(foreign_server: ForeignServer) -> Callable[[], list[dict[str, Any]]]:
    """What the token endpoint was sent since the test began."""
    before = len(foreign_server.token_requests())
    return lambda: foreign_server.token_requests()[before:]


def assert_free_of(client: Client, text: str) -> None:
    """Fail if the secret is in the text, in any of the forms in which it travels."""
    quoted = [quote(part, safe="") for part in client]
    forms = {client.secret, quote(client.secret), quote(client.secret, safe=""), quote_plus(client.secret)}
    forms |= {b64encode(":".join(pair).encode()).decode() for pair in (client, quoted)}
    assert not [form for form in forms if form in text]


def refused(hook: OrgAuthHook, client: Client) -> OrgAuthError:
    with pytest.raises(OrgAuthError) as caught:
        hook.get_access_token()
    assert_free_of(client, "".join(traceback.format_exception(caught.value)) + repr(caught.value))
    return caught.value


def sent(entries: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(entry["grant_type"], entry["status"]) for entry in entries]


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_placement(foreign_server: ForeignServer, client: Client, connect: Connect, token_requests, placement: str):
    hook = connect(client, placement)

    if placement in foreign_server.accepts:
        assert hook.run(foreign_server.resource).json()["name"]
        assert hook.get_conn().get(foreign_server.resource).status_code == 200
        assert hook.get_access_token()
        expected_status = 200
    else:
        assert refused(hook, client).status == foreign_server.refusals[placement]
        expected_status = foreign_server.refusals[placement]

    client_auth, grant_params_in = placement.split("+")
    assert token_requests() == [
        {
            "grant_type": "client_credentials",
            "grant_params_in": grant_params_in,
            "client_auth": "header" if client_auth == "header" else grant_params_in,
            "status": expected_status,
        }
    ]


@pytest.mark.parametrize("client_auth", ["header", "header_raw"])
def test_basic_with_special_characters(
    foreign_server: ForeignServer, special_client: Client, connect: Connect, client_auth: str
):
    hook = connect(special_client, "header+body", client_auth=client_auth)

    if (client_auth == "header") is foreign_server.basic_decodes:
        assert hook.run(foreign_server.resource).status_code == 200
    else:
        error = refused(hook, special_client)
        assert (error.status, error.error) == (foreign_server.wrong_secret, "invalid_client")
        assert client_auth in str(error), "the user is told what to change"


@pytest.mark.parametrize("client_auth", ["header", "header_raw"])
def test_basic_of_an_ordinary_client_is_the_same_either_way(
    foreign_server: ForeignServer, client: Client, connect: Connect, client_auth: str
):
    assert connect(client, "header+body", client_auth=client_auth).run(foreign_server.resource).status_code == 200


@pytest.mark.parametrize("grant_params_in", ["body", "query"])
def test_special_characters_in_parameters(
    foreign_server: ForeignServer, special_client: Client, connect: Connect, grant_params_in: str
):
    placement = f"params+{grant_params_in}"
    hook = connect(special_client, placement)

    if placement in foreign_server.accepts:
        assert hook.run(foreign_server.resource).status_code == 200
    else:
        refused(hook, special_client)


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_wrong_secret_is_not_tried_again(
    foreign_server: ForeignServer, client: Client, connect: Connect, token_requests, placement: str
):
    wrong = client._replace(secret="wrong-secret_7hK4pL9z")

    error = refused(connect(wrong, placement), wrong)

    expected = (
        foreign_server.wrong_secret if placement in foreign_server.accepts else foreign_server.refusals[placement]
    )
    assert error.status == expected
    assert len(token_requests()) == 1


def test_connection_test_says_what_to_change(foreign_server: ForeignServer, client: Client, connect: Connect):
    wrong = client._replace(secret="wrong-secret_7hK4pL9z")

    worked, words = connect(client, "header+body").test_connection()
    assert worked, words
    assert ("without a refresh token" not in words) is foreign_server.issues_refresh

    worked, words = connect(wrong, "header+body").test_connection()
    assert not worked
    assert "Client secret" in words
    assert_free_of(wrong, words)


@pytest.mark.parametrize(
    "foreign_server", [s for s in SERVERS if s.checks_scope], ids=lambda server: server.name, indirect=True
)
def test_scope(foreign_server: ForeignServer, client: Client, connect: Connect):
    assert connect(client, "header+body", scope="read").run(foreign_server.resource).status_code == 200

    error = refused(connect(client, "header+body", scope="nobody-has-this"), client)
    assert (error.status, error.error) == (400, "invalid_scope")


def test_revoked_token(foreign_server: ForeignServer, client: Client, connect: Connect, token_requests):
    """The server ends the token before its time: a 401 is renewed and replayed, once; a 403 is believed."""
    hook = connect(client, "header+body")
    revoked = hook.get_access_token()
    foreign_server.revoke(client, revoked)

    if foreign_server.bad_bearer == 403:
        with pytest.raises(ApiForbiddenError):
            hook.run(foreign_server.resource)
        assert sent(token_requests()) == [("client_credentials", 200)]
        return
    assert hook.run(foreign_server.resource).status_code == 200
    assert hook.get_access_token() != revoked
    renewal = [("refresh_token", 200)] if foreign_server.issues_refresh else [("client_credentials", 200)]
    if foreign_server.revoke_ends_refresh:
        renewal = [("refresh_token", 400), ("client_credentials", 200)]
    assert sent(token_requests()) == [("client_credentials", 200), *renewal]


def test_expired_token(foreign_server: ForeignServer, client: Client, connect: Connect, clock: Clock, token_requests):
    hook = connect(client, "header+body")
    expired = hook.get_access_token()

    clock.ahead += 3600

    assert hook.run(foreign_server.resource).status_code == 200
    assert hook.get_access_token() != expired
    assert len(token_requests()) == 2


@refreshing(rotates=True)
def test_rotated_refresh_tokens_follow_each_other(
    foreign_server: ForeignServer, client: Client, connect: Connect, clock: Clock, token_requests
):
    hook = connect(client, "params+body")
    hook.get_access_token()

    for _ in range(3):
        # Past the margin, and before the refresh token, which is taken to live as long as the token, has died.
        clock.ahead += 3580
        assert hook.run(foreign_server.resource).status_code == 200

    assert sent(token_requests()) == [("client_credentials", 200), *[("refresh_token", 200)] * 3]


@refreshing(rotates=False)
def test_refresh_answer_without_refresh_token_keeps_the_old_one(
    foreign_server: ForeignServer, client: Client, connect: Connect, clock: Clock, token_requests
):
    hook = connect(client, "header+body")
    hook.get_access_token()

    for _ in range(2):
        foreign_server.revoke(client, hook.get_access_token())
        assert hook.run(foreign_server.resource).status_code == 200

    assert sent(token_requests()) == [("client_credentials", 200), *[("refresh_token", 200)] * 2]


@pytest.mark.parametrize(
    ("foreign_server", "placement"),
    [(s, p) for s in SERVERS if s.issues_refresh for p in sorted(s.accepts - s.refresh_accepts)],
    ids=lambda value: getattr(value, "name", value),
    indirect=["foreign_server"],
)
def test_refused_refresh_is_granted_anew(
    foreign_server: ForeignServer, client: Client, connect: Connect, token_requests, placement: str
):
    """Where a server reads a grant in the query but not a refresh, the task must not notice."""
    hook = connect(client, placement)
    foreign_server.revoke(client, hook.get_access_token())

    assert hook.run(foreign_server.resource).status_code == 200

    assert sent(token_requests()) == [
        ("client_credentials", 200),
        ("refresh_token", 400),
        ("client_credentials", 200),
    ]


@pytest.mark.parametrize("foreign_server", [OTHER_TOKEN_TYPE], ids=["idpy-oidc-as-is"], indirect=True)
def test_a_bearer_token_under_another_name_is_used(foreign_server: ForeignServer, client: Client, connect: Connect):
    """``access_token`` as its type can only mean one that whoever bears it may use: it is bound to nothing."""
    assert connect(client, "header+body").run(foreign_server.resource).json()["name"]
