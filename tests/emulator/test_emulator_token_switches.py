"""The switches of the token endpoint: what the documents leave open."""

from __future__ import annotations

import json

import pytest
from emulator_client import basic

ODD_ID, ODD_SECRET = "käufer 1", "100%25 ge+heim:ü"


def test_token_lifetime(client, emulator):
    emulator.settings(token_lifetime=7)
    answer = client.token().json()
    assert answer["expires_in"] == 7
    emulator.advance(8)
    assert client.profile_with(answer["access_token"]).status_code == 401


def test_refresh_lifetime(client, emulator):
    emulator.settings(refresh_lifetime=1000)
    access, refresh = client.tokens()
    emulator.advance(999)
    assert client.profile_with(access).status_code == 401
    assert client.refresh(refresh).status_code == 200


def test_no_refresh_token_for_client_credentials(client, emulator):
    emulator.settings(issue_refresh_token=False)
    assert "refresh_token" not in client.token().json()


def test_rotation_none_leaves_the_refresh_token_out_and_the_old_one_good(client, emulator):
    emulator.settings(rotation="none")
    _, refresh = client.tokens()
    for _ in range(3):
        emulator.advance(200)  # beyond the first lifetime: each use prolongs it
        answer = client.refresh(refresh)
        assert answer.status_code == 200
        assert "refresh_token" not in answer.json()


def test_rotation_same_repeats_the_refresh_token(client, emulator):
    emulator.settings(rotation="same")
    _, refresh = client.tokens()
    assert [client.refresh(refresh).json()["refresh_token"] for _ in range(2)] == [refresh, refresh]


def test_reuse_revokes_the_family_and_only_the_family(client, emulator):
    emulator.settings(revoke_family=True)
    access, refresh = client.tokens()
    other, _ = client.tokens()
    second = client.refresh(refresh).json()
    assert client.refresh(refresh).json()["error"] == "invalid_grant"
    assert client.profile_with(access).status_code == 401
    assert client.profile_with(second["access_token"]).status_code == 401
    assert client.refresh(second["refresh_token"]).json()["error"] == "invalid_grant"
    assert client.profile_with(other).status_code == 200


@pytest.mark.parametrize("rotation", ["new", "same", "none"])
def test_a_refresh_kills_the_old_access_token(client, emulator, rotation):
    emulator.settings(refresh_kills_access=True, rotation=rotation)
    first, refresh = client.tokens()
    answer = client.refresh(refresh).json()
    assert client.profile_with(first).status_code == 401
    assert client.profile_with(answer["access_token"]).status_code == 200
    client.refresh(answer.get("refresh_token", refresh))
    assert client.profile_with(answer["access_token"]).status_code == 401


def test_one_living_token(client, emulator):
    emulator.settings(one_living_token=True)
    first, refresh = client.tokens()
    second, _ = client.tokens()
    assert client.profile_with(first).status_code == 401
    assert client.profile_with(second).status_code == 200
    third = client.refresh(refresh).json()["access_token"]
    assert client.profile_with(second).status_code == 401
    assert client.profile_with(third).status_code == 200


def test_second_secret(client, emulator):
    second = basic(emulator.client_id, "another")
    assert client.token(header=second).json()["error"] == "invalid_client"
    assert client.token(header=basic(emulator.client_id, "")).json()["error"] == "invalid_client"
    assert "second_secret" not in emulator.settings(second_secret="another").public()
    assert client.token(header=second).status_code == 200
    assert client.token().status_code == 200
    emulator.settings(client_secret="another", second_secret="")
    assert client.token(header=second).status_code == 200


def test_rfc_status(client, emulator):
    emulator.settings(rfc_status=True)
    answer = client.token(header=basic(emulator.client_id, "wrong"))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert answer.json()["error"] == "invalid_client"
    assert client.token(grant_type="password").status_code == 400


@pytest.mark.parametrize(("grants_in", "query", "body"), [("query", 200, 400), ("body", 400, 200), ("both", 200, 200)])
def test_where_grants_are_read(client, emulator, grants_in, query, body):
    emulator.settings(grants_in=grants_in)
    grant = {"grant_type": "client_credentials"}
    everything = {**grant, "client_id": emulator.client_id, "client_secret": emulator.client_secret}
    assert client.token(**grant).status_code == query
    assert client.token(header=None, **everything).status_code == query
    assert client.token(data=grant).status_code == body
    assert client.token(header=None, data=everything).status_code == body


def test_grants_in_a_body_of_json(client, emulator):
    emulator.settings(grants_in="json")
    grant = {"grant_type": "client_credentials"}
    everything = {**grant, "client_id": emulator.client_id, "client_secret": emulator.client_secret}
    assert client.token(**grant).status_code == 400
    assert client.token(data=grant).status_code == 400
    assert client.token(json_text=json.dumps(grant)).status_code == 200
    assert client.token(header=None, json_text=json.dumps(everything)).status_code == 200
    assert client.token(json_text='{"grant_type": "a", "grant_type": "b"}').status_code == 400
    for other in ("[]", "null", "{", '{"grant_type": 1}', "[" * 100_000):
        assert client.token(json_text=other).json()["error"] == "invalid_request"
    assert emulator.stats()["credentials_in"]["json"] == 1
    assert emulator.stats()["grant_params_in"]["json"] == 3


def test_a_parameter_in_both_places_is_refused_where_both_are_read(client, emulator):
    emulator.settings(grants_in="both")
    grant = {"grant_type": "client_credentials"}
    assert client.token(data=grant, **grant).json()["error"] == "invalid_request"
    emulator.settings(grants_in="body")
    assert client.token(data=grant, **grant).status_code == 200


@pytest.mark.parametrize(("decoding", "percent", "raw"), [("both", 200, 200), ("percent", 200, 400), ("raw", 400, 200)])
def test_basic_decoding(client, emulator, decoding, percent, raw):
    emulator.settings(basic_decoding=decoding, client_id=ODD_ID, client_secret=ODD_SECRET)
    assert client.token(header=basic(ODD_ID, ODD_SECRET, percent=True)).status_code == percent
    assert client.token(header=basic(ODD_ID, ODD_SECRET)).status_code == raw


def test_a_space_may_be_a_plus_where_the_header_is_decoded(client, emulator):
    emulator.settings(client_id="a b", client_secret="c")
    for decoding in ("both", "percent"):
        emulator.settings(basic_decoding=decoding)
        assert client.token(header=basic("a+b", "c")).status_code == 200


def test_required_scope(client, emulator):
    without = client.tokens()[0]
    emulator.settings(required_scope="api")
    assert client.token().json()["error"] == "invalid_scope"
    answer = client.token(grant_type="client_credentials", scope="openid api").json()
    assert client.profile_with(answer["access_token"]).status_code == 200
    assert client.profile_with(without).status_code == 403
    refreshed = client.refresh(answer["refresh_token"]).json()
    assert client.profile_with(refreshed["access_token"]).status_code == 200


def test_token_answer_is_laid_over(client, emulator):
    emulator.settings(token_answer={"expires_in": "300", "refresh_token": None, "extra": [1]})
    answer = client.token().json()
    assert (answer["expires_in"], answer["refresh_token"], answer["extra"]) == ("300", None, [1])
    assert client.profile_with(answer["access_token"]).status_code == 200


def test_chunked_answers(client, emulator):
    emulator.settings(chunked=True)
    answer = client.token()
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert len(answer.json()["access_token"]) == 40


def test_token_rate_limit(client, emulator):
    emulator.settings(token_rate_limit=2)
    assert [client.token().status_code for _ in range(3)] == [200, 200, 429]
    emulator.advance(60)
    assert client.token().status_code == 200
    assert emulator.stats()["token_requests_by_outcome"] == {"issued": 3, "rate_limited": 1}


def test_revoke_one_all_and_refresh_tokens(client, emulator):
    first, refresh = client.tokens()
    second, _ = client.tokens()
    assert emulator.revoke(first) == 1
    assert [client.profile_with(token).status_code for token in (first, second)] == [401, 200]
    assert emulator.revoke() == 1
    assert client.profile_with(second).status_code == 401
    assert client.refresh(refresh).status_code == 200
    _, refresh = client.tokens()
    emulator.revoke(refresh_tokens=True)
    assert client.refresh(refresh).json()["error"] == "invalid_grant"


def test_the_length_of_tokens(client, emulator):
    emulator.settings(token_length=1200)
    access, refresh = client.tokens()
    assert [len(access), len(refresh)] == [1200, 1200]
    assert client.profile_with(access).status_code == 200
    assert client.refresh(refresh).status_code == 200
