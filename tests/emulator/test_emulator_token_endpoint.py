"""The token endpoint as the vendor documents it."""

from __future__ import annotations

import re

import pytest
from emulator_client import basic

from airflow_provider_orgauth.emulator import CLIENT_ID, CLIENT_SECRET

WRONG_SECRET = {
    "error": "invalid_client",
    "error_description": "Client ID is not found or password is wrong.",
}


def test_the_default_client_has_the_documented_shape():
    assert re.fullmatch(r"oa2-client-id_[A-Za-z0-9_-]{32}", CLIENT_ID)
    assert re.fullmatch(r"[A-Za-z0-9_-]{40}", CLIENT_SECRET)


def test_client_credentials_in_header_mode(client):
    answer = client.token(grant_type="client_credentials")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert {**body, "access_token": "", "refresh_token": ""} == {
        "access_token": "",
        "token_type": "Bearer",
        "expires_in": 300,
        "refresh_token": "",
    }
    assert len(body["access_token"]) == 40
    assert body["refresh_token"] not in ("", body["access_token"])
    assert client.profile_with(body["access_token"]).status_code == 200
    assert client.profile_with(body["refresh_token"]).status_code == 401


def test_client_credentials_in_query_mode(client):
    answer = client.token(
        header=None, grant_type="client_credentials", client_id=CLIENT_ID, client_secret=CLIENT_SECRET
    )
    assert client.profile_with(answer.json()["access_token"]).status_code == 200


def test_refresh_in_header_mode_answers_with_a_new_pair(client):
    access, refresh = client.tokens()
    body = client.refresh(refresh).json()
    assert body["access_token"] != access
    assert body["refresh_token"] != refresh
    assert client.profile_with(body["access_token"]).status_code == 200
    assert client.refresh(body["refresh_token"]).status_code == 200


def test_refresh_in_query_mode(client):
    _, refresh = client.tokens()
    answer = client.refresh(refresh, header=None, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    assert answer.status_code == 200


def test_a_refresh_token_is_single_use(client):
    access, refresh = client.tokens()
    second = client.refresh(refresh).json()
    again = client.refresh(refresh)
    assert again.status_code == 400
    assert again.json()["error"] == "invalid_grant"
    # Without family revocation the rest lives on.
    assert client.profile_with(access).status_code == 200
    assert client.refresh(second["refresh_token"]).status_code == 200


def test_both_tokens_die_with_their_lifetime(client, emulator):
    access, refresh = client.tokens()
    emulator.advance(299)
    assert client.profile_with(access).status_code == 200
    emulator.advance(2)
    assert client.profile_with(access).status_code == 401
    assert client.refresh(refresh).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "header",
    [
        basic(CLIENT_ID, "wrong"),
        basic("nobody", CLIENT_SECRET),
        "Basic !!!",
        "Basic /w==",
        "Basic bm9jb2xvbg==",
        f"Bearer {CLIENT_SECRET}",
        None,
    ],
)
def test_other_credentials_are_an_invalid_client(client, header):
    answer = client.token(header=header, grant_type="client_credentials")
    assert answer.status_code == 400
    assert answer.json() == WRONG_SECRET
    assert "WWW-Authenticate" not in answer.headers


def test_a_wrong_secret_in_the_query_is_an_invalid_client(client):
    answer = client.token(header=None, grant_type="client_credentials", client_id=CLIENT_ID, client_secret="wrong")
    assert (answer.status_code, answer.json()) == (400, WRONG_SECRET)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"scope": "all"}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "unknown"}, "invalid_grant"),
        ({"grant_type": ["client_credentials", "client_credentials"]}, "invalid_request"),
        (
            {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
            "invalid_request",
        ),
    ],
)
def test_wrong_requests(client, params, code):
    answer = client.token(**params)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "error_description"}
    assert answer.json()["error"] == code


def test_a_form_body_is_not_read_unless_asked_for(client):
    answer = client.token(data={"grant_type": "client_credentials"})
    assert answer.json()["error"] == "invalid_request"


def test_get_gives_no_token(client):
    answer = client.send("GET", "/oauth2/token", params={"grant_type": "client_credentials"})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_a_refresh_token_is_its_clients_own(client, emulator):
    _, refresh = client.tokens()
    emulator.settings(client_id="another")
    assert client.refresh(refresh).json()["error"] == "invalid_grant"
