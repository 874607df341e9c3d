"""Where the token of an answer stands, and that of two different ones none is taken by chance."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.oauth.token_fields import READ, canonical, find_token_fields

FULL = {"access_token": "a", "token_type": "Bearer", "expires_in": 300, "refresh_token": "r"}
CAMEL = {"accessToken": "a", "tokenType": "Bearer", "expiresIn": 300, "refreshToken": "r"}


@pytest.mark.parametrize(
    "answer",
    [
        FULL,
        CAMEL,
        {"AccessToken": "a", "token-type": "Bearer", "EXPIRES_IN": 300, "refreshtoken": "r"},
        {"data": FULL},
        {"result": CAMEL},
        {"token": FULL},
        {"access_token": FULL},
        {"code": 0, "msg": "ok", "data": {"token": CAMEL}},
        {"token_type": "Bearer", "expires_in": 300, "data": {"access_token": "a", "refresh_token": "r"}},
        {"expires_in": 5, "data": FULL},
        {**FULL, "authed_user": {"access_token": "another", "token_type": "user"}},
        {**FULL, "accessToken": "another", "expiresIn": 7},
        {"access_token": "", "data": FULL},
        {"data": FULL, "copy": CAMEL},
        {**CAMEL, "access_token": None, "token_type": None, "expires_in": None, "refresh_token": ""},
        {**dict.fromkeys(FULL), **CAMEL},
        {"data": {**CAMEL, "access_token": "", "expires_in": None}},
        {**FULL, "access_token": None, "data": {**dict.fromkeys(FULL), "access_token": "a"}},
    ],
    ids=json.dumps,
)
def test_the_fields_of_the_one_token(answer):
    found = find_token_fields(answer)

    assert {name: found[name] for name in FULL} == FULL


@pytest.mark.parametrize(
    "answer",
    [
        {"accessToken": "a", "AccessToken": "b"},
        {"accessToken": "a", "data": {"access_token": "b"}},
        {"data": {"access_token": "a", "accessToken": "b"}},
        {"data": FULL, "user": {"token": {"access_token": "b"}}},
    ],
    ids=json.dumps,
)
def test_there_is_no_telling_which_of_two_is_meant(answer):
    assert find_token_fields(answer) is None


def test_a_type_around_a_token_is_its_type():
    for unsaid in ({}, {"token_type": None}, {"token_type": ""}):
        assert (
            find_token_fields({"token_type": "DPoP", "data": {"access_token": "a", **unsaid}})["token_type"] == "DPoP"
        )
    assert (
        find_token_fields({"token_type": "DPoP", "data": {"token_type": "Bearer", "access_token": "a"}})["token_type"]
        == "Bearer"
    )


names = st.sampled_from([*READ, "accessToken", "expiresIn", "data", "token", "x"])
objects = st.recursive(
    st.dictionaries(names, st.sampled_from(["a", "b", "", 7, None]), max_size=3),
    lambda inner: st.dictionaries(names, inner | st.sampled_from(["a", 7, None]), max_size=3),
    max_leaves=6,
)


def tokens_in(value):
    if not isinstance(value, dict):
        return
    for name, inner in value.items():
        if canonical(name) == "access_token" and isinstance(inner, str) and inner:
            yield inner
        yield from tokens_in(inner)


@given(objects)
def test_a_token_that_is_taken_is_the_one_in_its_place_or_the_only_one(answer):
    found = find_token_fields(answer)
    inside = set(tokens_in(answer))

    if found is None:
        assert len(inside) > 1
        return
    token, at_top = found.get("access_token"), answer.get("access_token")
    if isinstance(at_top, str) and at_top:
        assert token == at_top
    elif isinstance(token, str) and token:
        assert token in inside
        assert {token} == inside or any(depth_of(answer, other) > 2 for other in inside - {token})


def depth_of(value, token, depth=0):
    """Return how many objects are around the outermost place of a token."""
    here = [depth for name, inner in value.items() if canonical(name) == "access_token" and inner == token]
    below = [depth_of(inner, token, depth + 1) for inner in value.values() if isinstance(inner, dict)]
    return min([*here, *below], default=99)
