"""Further token parameters on the wire: as typed, at the token endpoint only, and secret where their names say so."""

import json
import logging
from urllib.parse import parse_qsl, urlsplit

import pytest
from known_secrets import CLIENT_ID, SECRET
from recording_server import http, token_answer

from airflow_provider_orgauth.exceptions import ConfigurationError, TokenError
from airflow_provider_orgauth.hooks import masking
from airflow_provider_orgauth.hooks.token_params import checked_params

SECRETS = {"api_key": "k3y-0f-th3-tests", "accountSecret": "acc0unt/+ ~s3cret", "user_pin_secret": 713705}
PLACES = ["query", "body", "json"]


def sent(request):
    """Return the parameters of a token request as a server reads them, in order; numbers as they are written."""
    if request.all("content-type") == ["application/json"]:
        pairs = json.loads(request.body, parse_int=str, parse_float=str, object_pairs_hook=list)
        return [
            (name, one if isinstance(one, str) else json.dumps(one))
            for name, value in pairs
            for one in (value if isinstance(value, list) else [value])
        ]
    return parse_qsl(urlsplit(request.target).query or request.body.decode(), keep_blank_values=True)


@pytest.mark.parametrize("place", PLACES)
def test_they_are_added_to_the_grant(connect, server, place):
    params = {
        "audience": "https://api.example.com/?a=b&grant_type=evil#c",
        "resource": ["https://a.example", "https://b.example"],
        "box_subject_id": 123456789012345678,
        "ratio": 0.5,
        "offline": True,
        "empty": "",
        "name": "é\U0001f511\r\nX-Injected: 1",
    }
    connect({"oauth_params": params, "scope": "a b", "grant_params_in": place}).run("/probe")

    grant, call = server.requests
    assert sent(grant) == [
        ("grant_type", "client_credentials"),
        ("scope", "a b"),
        ("audience", "https://api.example.com/?a=b&grant_type=evil#c"),
        ("resource", "https://a.example"),
        ("resource", "https://b.example"),
        ("box_subject_id", "123456789012345678"),
        ("ratio", "0.5"),
        ("offline", "true"),
        ("empty", ""),
        ("name", "é\U0001f511\r\nX-Injected: 1"),
    ]
    assert not grant.all("x-injected")
    assert "audience" not in call.head.decode()


@pytest.mark.parametrize("place", PLACES)
def test_another_grant_takes_the_place_of_client_credentials(connect, server, place):
    params = {"account_id": "a-1", "grant_type": "account_credentials"}
    hook = connect({"oauth_params": params, "grant_params_in": place, "client_auth": "params"})
    hook.get_access_token()

    (grant,) = server.requests
    assert sent(grant) == [
        ("grant_type", "account_credentials"),
        ("account_id", "a-1"),
        ("client_id", CLIENT_ID),
        ("client_secret", SECRET),
    ]
    assert hook.test_connection()[1].startswith("account_credentials grant works at")


def test_a_refresh_says_for_which_api_the_token_is_and_nothing_else_of_them(connect, server, clockwork):
    server.answer = lambda request: token_answer(f"acc3ss-{len(server.requests)}", refresh_token="r3fresh-1")
    params = {"grant_type": "openapi_2lo", "resource": ["https://a.example", "https://b.example"], "audience": "c"}
    hook = connect({"oauth_params": {**params, **SECRETS}, "grant_params_in": "body"})
    hook.get_access_token()
    clockwork.advance(280)
    hook.get_access_token()

    assert sorted(sent(server.requests[1])) == [
        ("audience", "c"),
        ("grant_type", "refresh_token"),
        ("refresh_token", "r3fresh-1"),
        ("resource", "https://a.example"),
        ("resource", "https://b.example"),
    ]


def test_who_asks_with_other_parameters_has_a_token_of_its_own(connect, server):
    audiences = ["a", "b", ["a"], "a", None, "b"]
    for audience in audiences:
        connect({"oauth_params": {"audience": audience} if audience else {}}).run("/probe")

    assert len(server.requests) - len(server.api) == 4


def test_the_order_in_which_they_were_typed_tells_no_tokens_apart(connect, server):
    for params in ('{"a": "1", "b": "2"}', '{"b": "2", "a": "1"}'):
        connect({"oauth_params": params}).run("/probe")

    assert len(server.requests) == 3


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_among_them_is_in_no_log_and_no_error(connect, server, caplog, place):
    hook = connect({"oauth_params": SECRETS, "grant_params_in": place})
    echo = " ".join(map(str, SECRETS.values()))
    server.answer = lambda request: http(400, json.dumps({"error": "invalid_request", "error_description": echo}))
    with (
        caplog.at_level(logging.DEBUG),
        caplog.at_level(logging.DEBUG, "urllib3.connectionpool"),
        pytest.raises(TokenError) as caught,
    ):
        hook.run("/probe")

    said = f"{caplog.text} {caught.value} {caught.value.server_message} {hook.test_connection()}"
    assert "/oauth2/token" in caplog.text
    assert "***" in str(caught.value)
    for secret in [*map(str, SECRETS.values()), "acc0unt%2F%2B"]:
        assert secret not in said


def test_airflow_masks_a_secret_among_them(connect, monkeypatch):
    told = []
    monkeypatch.setattr(masking, "mask_secret", lambda secret, name=None: told.append(secret))
    connect({"oauth_params": {**SECRETS, "audience": "https://api.example", "subject_token_type": "urn:x"}}).url("/x")

    assert {*map(str, SECRETS.values()), "acc0unt%2F%2B%20~s3cret", SECRET} <= {*told}
    assert not {"https://api.example", "urn:x"} & {*told}


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"client_id": "s3cr3t-part"}, "names client_id, which another field sends. Put it into login (Client ID)."),
        ({"Client_Secret": "s3cr3t-part"}, "Put it into password (Client secret)."),
        ({"scope": "s3cr3t-part"}, "Put it into scope (Scope)."),
        ({"refresh_token": "s3cr3t-part"}, "Put it into refresh_token (Refresh token to begin with)."),
        ({"client_assertion": "s3cr3t-part"}, "Put it into client_auth"),
        ({"client_assertion_type": "s3cr3t-part"}, "Put it into client_auth"),
        ({"assertion": "s3cr3t-part"}, "Put it into oauth_jwt"),
        ({"grant_type": "refresh_token"}, "asks for the grant refresh_token"),
        ({"grant_type": ["s3cr3t-part"]}, "grant_type is no name of a grant"),
        ({"grant_type": " "}, "grant_type is no name of a grant"),
        ({"grant_type": None}, "grant_type is no name of a grant"),
        ({"": "s3cr3t-part"}, "'' is no name of a parameter"),
        ({"a\nb": "s3cr3t-part"}, r"'a\nb' is no name of a parameter"),
        ({"a": None}, "the value of 'a' is no value of a parameter. Write texts, numbers"),
        ({"a": {"b": "s3cr3t-part"}}, "the value of 'a' is no value"),
        ({"a": []}, "the value of 'a' is no value"),
        ({"a": ["s3cr3t-part", 1]}, "the value of 'a' is no value"),
        ({"a": float("nan")}, "the value of 'a' is no value"),
        ("s3cr3t-part", "is not a JSON object"),
        (["s3cr3t-part"], "is not a JSON object"),
    ],
    ids=ascii,
)
def test_what_is_refused_is_named_and_not_repeated(connect, server, params, said):
    with pytest.raises(ConfigurationError) as caught:
        connect({"oauth_params": params}).run("/probe")

    assert caught.value.field == "oauth_params (Further token parameters)"
    assert said in str(caught.value)
    assert "s3cr3t-part" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not server.raw


def test_half_a_surrogate_pair_is_refused():
    """By itself: Airflow 2.11 finds no connection with one in it."""
    for value in ("s3cr3t-part\ud800", ["s3cr3t-part\ud800"]):
        with pytest.raises(ConfigurationError, match="the value of 'a' is not valid Unicode") as caught:
            checked_params({"a": value})
        assert "s3cr3t-part" not in str(caught.value)
