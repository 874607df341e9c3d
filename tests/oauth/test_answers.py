"""Token answers as they come in the wild: each ends in a usable token or one refusal."""

import json
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_orgauth.oauth.answers import (
    DEFAULT_LIFETIME_SECONDS,
    MAX_LIFETIME_SECONDS,
    MAX_TOKEN_ANSWER_BYTES,
    HttpAnswer,
    Reason,
    Refusal,
    read_answer,
)
from airflow_provider_orgauth.oauth.token import Token

SENT_AT = 1_766_000_000.0


def read(body, status=200, secrets=frozenset(), **headers):
    if not isinstance(body, bytes):
        body = (body if isinstance(body, str) else json.dumps(body)).encode()
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_answer(HttpAnswer(status, names, body), sent_at=SENT_AT, secrets=secrets)


def good(**changes):
    answer = {"access_token": "a" * 40, "token_type": "Bearer", "expires_in": 300, "refresh_token": "r" * 40}
    answer.update(changes)
    return {name: value for name, value in answer.items() if value is not ...}


def test_the_documented_answer():
    token = read(good())

    assert token == Token("a" * 40, issued_at=SENT_AT, lifetime=300.0, refresh_token="r" * 40)


@pytest.mark.parametrize(
    ("expires_in", "lifetime"),
    [
        (300, 300),
        ("300", 300),
        (" 300 ", 300),
        (299.5, 299.5),
        ("299.5", 299.5),
        (1, 1),
        (0, DEFAULT_LIFETIME_SECONDS),
        ("0", DEFAULT_LIFETIME_SECONDS),
        (-1, DEFAULT_LIFETIME_SECONDS),
        (None, DEFAULT_LIFETIME_SECONDS),
        (..., DEFAULT_LIFETIME_SECONDS),
        ("soon", DEFAULT_LIFETIME_SECONDS),
        (True, DEFAULT_LIFETIME_SECONDS),
        ([300], DEFAULT_LIFETIME_SECONDS),
        (math.nan, DEFAULT_LIFETIME_SECONDS),
        (math.inf, MAX_LIFETIME_SECONDS),
        (10**18, MAX_LIFETIME_SECONDS),
        (10**400, MAX_LIFETIME_SECONDS),
        (-(10**400), DEFAULT_LIFETIME_SECONDS),
        ("1e999", MAX_LIFETIME_SECONDS),
    ],
)
def test_expires_in_however_it_is_written(expires_in, lifetime):
    token = read(good(expires_in=expires_in))

    assert isinstance(token, Token)
    assert token.lifetime == lifetime


@pytest.mark.parametrize("name", ["refresh_expires_in", "refresh_token_expires_in"])
@pytest.mark.parametrize(("seconds", "lifetime"), [(1800, 1800), ("1800", 1800), (0, None), (-1, None), (None, None)])
def test_a_refresh_token_lives_as_long_as_the_server_says_if_it_does(name, seconds, lifetime):
    assert read(good(**{name: seconds})).refresh_lifetime == lifetime


@pytest.mark.parametrize("token_type", ["Bearer", "bearer", "BEARER", "BearerToken", "access_token", None, "", ...])
def test_token_type_in_any_case_or_missing(token_type):
    assert isinstance(read(good(token_type=token_type)), Token)


@pytest.mark.parametrize("token_type", ["mac", "DPoP", 7, ["Bearer"]])
def test_another_token_type_is_refused(token_type):
    refusal = read(good(token_type=token_type))

    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.UNSUITABLE
    assert "only Bearer" in refusal.message


@pytest.mark.parametrize("refresh_token", [None, "", ...])
def test_a_refresh_token_may_be_missing(refresh_token):
    token = read(good(refresh_token=refresh_token))

    assert isinstance(token, Token)
    assert token.refresh_token is None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "HTML page"),
        (b"access_token=abc&token_type=bearer", "not JSON"),
        (b'{"access_token": "a', "not JSON"),
        (b"\xff\xfe\x00garbage", "not JSON"),
        (b"[" * 50_000, "not JSON"),
        (b'{"access_token": "a", "expires_in": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'"abc"', "not a JSON object"),
        (b"null", "not a JSON object"),
        (b'{"access_token": ""}', "visible ASCII"),
        (b'{"access_token": 7}', "visible ASCII"),
        (b'{"access_token": "a\\r\\nX-Evil: 1"}', "visible ASCII"),
        ('{"access_token": "é"}'.encode(), "visible ASCII"),
        (b'{"access_token": "a", "refresh_token": {}}', "visible ASCII"),
        (b'{"access_token": "a", "access_token": "b"}', "access_token more than once"),
        (b'{"access_token": "a", "expires_in": 1, "expires_in": 2}', "expires_in more than once"),
        (b'{"data": {"accessToken": "a", "accessToken": "b"}}', "access_token more than once"),
        (b'{"access_token": "a"}' + b" " * MAX_TOKEN_ANSWER_BYTES, "longer than 64 KiB"),
    ],
)
def test_a_200_that_is_no_token(body, message):
    refusal = read(body)

    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.UNUSABLE
    assert message in refusal.message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "the answer has no access_token"),
        ({"access_token": None}, "the answer has no access_token, only access_token"),
        ({"token": "ghs_abc", "expires_at": 1}, "the answer has no access_token, only expires_at, token"),
        ({"code": 40001, "msg": "bad\nkey"}, "the answer has no access_token, but says: bad key"),
        ({"x y": 1, "é": 2}, "the answer has no access_token"),
        ({"data": [{"access_token": "a"}]}, "the answer has no access_token, only data"),
        ({"a": {"b": {"c": {"access_token": "a"}}}}, "the answer has no access_token, only a"),
    ],
)
def test_json_without_a_token_says_what_is_there_instead(body, message):
    refusal = read(body)

    assert (refusal.reason, refusal.message) == (Reason.MISSING, message)


def test_of_several_tokens_none_in_its_place_none_is_chosen():
    refusal = read({"data": {"access_token": "t0k3n-a"}, "user": {"access_token": "t0k3n-b"}})

    assert refusal.reason is Reason.AMBIGUOUS
    assert "t0k3n" not in refusal.message


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"error": "invalid_client", "data": {"access_token": "a"}}, Reason.INVALID_CLIENT),
        ({"error": "invalid_client", "access_token": None}, Reason.INVALID_CLIENT),
        ({"error": {"message": "no"}, "accessToken": "a"}, Reason.INVALID_REQUEST),
        ({"error": None, "data": None}, Reason.INVALID_REQUEST),
    ],
)
def test_an_error_beside_what_is_no_proper_token_wins(body, reason):
    assert read(body).reason is reason


@pytest.mark.parametrize("error", [None, "", 0, False])
def test_an_envelope_that_says_there_was_no_error_is_none(error):
    assert read({"error": error, "data": good()}).access_token == "a" * 40


def test_what_surrounds_a_token_does_not_matter():
    body = b"\xef\xbb\xbf" + json.dumps(good(scope="all", extra={"a": [1]}, note=1)).encode()
    assert isinstance(read(body, content_type="text/html"), Token)
    assert isinstance(read(b'{"x": 1, "x": 2, "access_token": "a"}'), Token)
    assert isinstance(read(good(), status=201), Token)


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, {"error": "invalid_client"}, Reason.INVALID_CLIENT),
        (401, {"error": "invalid_client"}, Reason.INVALID_CLIENT),
        (401, b"", Reason.INVALID_CLIENT),
        (403, b"", Reason.FORBIDDEN),
        (403, {"error": "invalid_client"}, Reason.INVALID_CLIENT),
        (400, b"", Reason.INVALID_REQUEST),
        (400, {"error": "invalid_grant"}, Reason.INVALID_GRANT),
        (400, {"error": "unauthorized_client"}, Reason.UNAUTHORIZED_CLIENT),
        (400, {"error": "unsupported_grant_type"}, Reason.UNSUPPORTED_GRANT_TYPE),
        (400, {"error": "invalid_scope"}, Reason.INVALID_SCOPE),
        (400, {"error": "unavailable"}, Reason.INVALID_REQUEST),
        (404, b"<html>", Reason.NOT_FOUND),
        (405, b"", Reason.NOT_FOUND),
        (407, {"error": "invalid_client"}, Reason.PROXY),
        (408, b"", Reason.UNAVAILABLE),
        (425, b"", Reason.UNAVAILABLE),
        (429, b"", Reason.UNAVAILABLE),
        (500, {"error": "server_error"}, Reason.UNAVAILABLE),
        (503, b"<html>", Reason.UNAVAILABLE),
        (200, {"error": "invalid_client"}, Reason.INVALID_CLIENT),
    ],
)
def test_a_refusal_is_told_by_its_code_then_by_its_status(status, body, reason):
    refusal = read(body, status)

    assert isinstance(refusal, Refusal)
    assert (refusal.reason, refusal.status) == (reason, status)


def test_a_refusal_repeats_the_servers_words_without_credentials():
    refusal = read(
        {
            "error": "invalid_client",
            "error_description": "no client for s3cr3t!\nBasic QWxhZGRpbjpvcGVu client_secret=x",
        },
        401,
        secrets=frozenset({"s3cr3t!"}),
    )

    assert refusal.error == "invalid_client"
    assert refusal.message == "no client for *** Basic *** client_secret=***"


def test_a_secret_inside_a_longer_one_leaves_nothing_of_that_standing():
    refusal = read({"error_description": "got abc-and-more"}, 400, secrets=frozenset({"abc", "abc-and-more", "and"}))

    assert refusal.message == "got ***"


def test_the_apis_own_envelope_is_read():
    refusal = read({"error": {"message": "Platform API scope is not enabled for this oauth client."}}, 403)

    assert refusal.reason is Reason.FORBIDDEN
    assert refusal.message.startswith("Platform API scope")


def test_a_redirect_says_where_it_leads_without_its_query():
    refusal = read(b"", 308, location="https://lon1.example/oauth2/token?client_secret=abc")

    assert refusal.reason is Reason.REDIRECT
    assert refusal.location == "https://lon1.example/oauth2/token"
    assert "abc" not in refusal.message


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from(
    ["access_token", "token_type", "expires_in", "refresh_token", "refresh_expires_in", "error", "error_description"]
)
answers = st.dictionaries(names | st.text(max_size=5), json_values, max_size=7).map(lambda d: json.dumps(d).encode())


@given(status=st.integers(100, 599), body=st.binary(max_size=200) | answers)
@example(status=200, body=b'{"error": NaN}')
@example(status=400, body=b'{"error": {"message": ["x"]}}')
def test_any_bytes_end_in_a_usable_token_or_a_refusal(status, body):
    answer = read(body, status)

    if isinstance(answer, Token):
        assert 200 <= status < 300
        assert answer.access_token.isascii()
        assert answer.access_token.isprintable()
        assert 0 < answer.lifetime <= MAX_LIFETIME_SECONDS
        assert answer.is_fresh(SENT_AT, 30)
    else:
        assert isinstance(answer, Refusal)
        assert "\n" not in answer.message
        assert len(answer.message) <= 400


@given(lifetime=st.floats(0.001, 1e9), margin=st.floats(0, 1e6))
def test_a_new_token_can_be_used_whatever_the_margin(lifetime, margin):
    token = Token("a", issued_at=SENT_AT, lifetime=lifetime)

    assert token.is_fresh(SENT_AT, margin)
    assert not token.is_fresh(SENT_AT + lifetime, margin)


@pytest.mark.parametrize("reason", Reason)
def test_only_a_code_of_rfc_6749_is_believed(reason):
    """A server's own ``redirect`` or ``missing`` is not what we call so."""
    of_the_rfc = {
        *("invalid_request", "invalid_client", "invalid_grant"),
        *("unauthorized_client", "unsupported_grant_type", "invalid_scope"),
    }

    refusal = read({"error": str(reason)}, 400)

    assert refusal.reason is (reason if str(reason) in of_the_rfc else Reason.INVALID_REQUEST)
