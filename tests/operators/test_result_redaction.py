"""Credentials in an answer are found by the names of their keys; everything else is left as it is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.answers.response import result_of
from airflow_provider_orgauth.answers.result_redaction import masked
from airflow_provider_orgauth.oauth.redacted_names import is_credential_name
from fuzz.targets.api_error import answer

names = st.sampled_from(
    ["token", "Token", "access_token", "client-secret", "apiKey", "PASSWORD", "name", "tokenType", "id"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


def walk(value, key=None):
    yield key, value
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from walk(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


@given(value=values)
def test_nothing_under_a_credentials_name_is_left(value):
    result, count = masked(value)

    left = [inner for key, inner in walk(result) if is_credential_name(key)]
    assert all(not inner or inner == "***" or isinstance(inner, bool) for inner in left)
    assert left.count("***") >= count
    assert (count == 0) == (result == value or result is value) or "***" in str(value)


@given(value=values)
def test_what_is_masked_is_a_copy(value):
    before = repr(value)
    masked(value)

    assert repr(value) == before


def test_names_are_whole_words_in_any_spelling():
    assert all(map(is_credential_name, ["token", "TOKEN", "refresh_token", "Client-Secret", "apiKey", "password"]))
    assert not any(map(is_credential_name, ["tokenType", "nextPageToken", "tokens", "name", "", None, 7]))


@pytest.mark.parametrize(
    ("expression", "found", "count"),
    [
        ("devices[*].token", ["***", "***"], 2),
        ("devices[].{key: token, note: note}", [{"key": "***", "note": "***"}, {"key": "***", "note": "n"}], 2),
        ("devices[*].note", ["***", "n"], 0),
        ('[`"***"`]', ["***"], 0),
        ("stars", {"token": "***"}, 0),
    ],
)
def test_only_what_was_masked_is_counted_after_a_filter(expression, found, count):
    devices = [{"token": "s3cr3t-1", "note": "***"}, {"token": "s3cr3t-2", "note": "n"}]
    body = json.dumps({"devices": devices, "stars": {"token": "***"}}).encode()

    assert result_of(answer(200, "application/json", body), expression, {}) == (found, count)
