"""The servers do what `ForeignServer` says of them: plain requests, none of our code."""

from __future__ import annotations

import pytest
import requests
from foreign_oauth import OTHER_TOKEN_TYPE, PLACEMENTS, SERVERS, Client, ForeignServer, ask

pytestmark = pytest.mark.foreign

with_refresh = pytest.mark.parametrize(
    "foreign_server",
    [server for server in SERVERS if server.issues_refresh],
    ids=lambda server: server.name,
    indirect=True,
)


def status_with(server: ForeignServer, access_token: str) -> int:
    headers = {"Authorization": f"Bearer {access_token}"}
    return requests.get(server.api_url + server.resource, headers=headers, timeout=10).status_code


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_placement(foreign_server: ForeignServer, client: Client, placement: str):
    answer = ask(foreign_server, placement, client)

    if placement in foreign_server.accepts:
        assert answer.status_code == 200, answer.text
        assert 3590 <= answer.json()["expires_in"] <= 3600
        assert answer.json()["token_type"] == "Bearer"
        assert bool(answer.json().get("refresh_token")) is foreign_server.issues_refresh
        assert status_with(foreign_server, answer.json()["access_token"]) == 200
    else:
        assert answer.status_code == foreign_server.refusals[placement], answer.text
        assert answer.json()["error"] in ("invalid_request", "invalid_client")


@pytest.mark.parametrize("foreign_server", [OTHER_TOKEN_TYPE], ids=["as-is"], indirect=True)
def test_a_token_type_of_its_own(foreign_server: ForeignServer, client: Client):
    answer = ask(foreign_server, "header+body", client)

    assert (answer.status_code, answer.json()["token_type"]) == (200, "access_token")


@pytest.mark.parametrize("encoded", [True, False], ids=["percent-encoded", "raw"])
def test_basic_with_special_characters(foreign_server: ForeignServer, special_client: Client, encoded: bool):
    answer = ask(foreign_server, "header+body", special_client, encoded=encoded)

    assert (answer.status_code == 200) is (encoded is foreign_server.basic_decodes), answer.text


@pytest.mark.parametrize("encoded", [True, False], ids=["percent-encoded", "raw"])
def test_basic_of_an_ordinary_client_is_the_same_either_way(
    foreign_server: ForeignServer, client: Client, encoded: bool
):
    assert ask(foreign_server, "header+body", client, encoded=encoded).status_code == 200


def test_special_characters_in_the_body(foreign_server: ForeignServer, special_client: Client):
    assert ask(foreign_server, "params+body", special_client).status_code == 200


def test_wrong_secret(foreign_server: ForeignServer, client: Client):
    for placement in sorted(foreign_server.accepts):
        answer = ask(foreign_server, placement, client._replace(secret="wrong"))
        assert (answer.status_code, answer.json()["error"]) == (foreign_server.wrong_secret, "invalid_client")


def test_unknown_scope(foreign_server: ForeignServer, client: Client):
    answer = ask(foreign_server, "header+body", client, scope="nobody-has-this")

    if foreign_server.checks_scope:
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
    else:
        assert answer.status_code == 200


def test_bearer_unknown_and_revoked(foreign_server: ForeignServer, client: Client):
    access_token = ask(foreign_server, "header+body", client).json()["access_token"]
    assert status_with(foreign_server, "nobody-issued-this") == foreign_server.bad_bearer
    assert status_with(foreign_server, access_token) == 200

    foreign_server.revoke(client, access_token)

    assert status_with(foreign_server, access_token) == foreign_server.bad_bearer


@with_refresh
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_refresh_placement(foreign_server: ForeignServer, client: Client, placement: str):
    first = ask(foreign_server, "header+body", client).json()

    answer = ask(foreign_server, placement, client, grant_type="refresh_token", refresh_token=first["refresh_token"])

    if placement in foreign_server.refresh_accepts:
        assert answer.status_code == 200, answer.text
        assert bool(answer.json().get("refresh_token")) is foreign_server.rotates_refresh
        assert status_with(foreign_server, answer.json()["access_token"]) == 200
        ended = status_with(foreign_server, first["access_token"]) != 200
        assert ended is foreign_server.refresh_ends_access
    else:
        assert answer.status_code in (400, 401), answer.text
        assert answer.json()["error"] in ("invalid_request", "invalid_client")


@with_refresh
def test_refresh_token_used_twice(foreign_server: ForeignServer, client: Client):
    first = ask(foreign_server, "header+body", client).json()
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = ask(foreign_server, "header+body", client, **refresh).json()

    again = ask(foreign_server, "header+body", client, **refresh)

    if not foreign_server.rotates_refresh:
        assert again.status_code == 200
        return
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    # Neither server takes the reuse as theft: what the first refresh brought stays good.
    assert status_with(foreign_server, second["access_token"]) == 200
    newest = {"grant_type": "refresh_token", "refresh_token": second["refresh_token"]}
    assert ask(foreign_server, "header+body", client, **newest).status_code == 200


@with_refresh
def test_refresh_token_of_a_revoked_access_token(foreign_server: ForeignServer, client: Client):
    token = ask(foreign_server, "header+body", client).json()
    foreign_server.revoke(client, token["access_token"])

    refresh = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
    answer = ask(foreign_server, "header+body", client, **refresh)

    if foreign_server.revoke_ends_refresh:
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    else:
        assert answer.status_code == 200


def test_what_the_token_endpoint_saw_is_recorded(foreign_server: ForeignServer, client: Client):
    before = len(foreign_server.token_requests())

    for placement in PLACEMENTS:
        ask(foreign_server, placement, client)

    recorded = foreign_server.token_requests()[before:]
    where = {"header+query": "header", "header+body": "header", "params+query": "query", "params+body": "body"}
    assert [(entry["client_auth"], entry["grant_params_in"]) for entry in recorded] == [
        (where[placement], placement.split("+")[1]) for placement in PLACEMENTS
    ]
    assert [entry["status"] for entry in recorded] == [
        foreign_server.refusals.get(placement, 200) for placement in PLACEMENTS
    ]
    assert client.secret not in str(recorded)
