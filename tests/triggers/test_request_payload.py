"""A request as an argument of a trigger: JSON, and without a credential."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.answers.request_arguments import RequestArguments
from airflow_provider_orgauth.compat import mask_secret
from airflow_provider_orgauth.exceptions import ConfigurationError, ForeignOriginError
from airflow_provider_orgauth.triggers.request_payload import check_request, key_of, payload_of, request_of

ENDPOINT = "/api/v1/organization/shipment"


def asked(**about):
    return RequestArguments(
        **{"endpoint": ENDPOINT, "method": "GET", "params": None, "json": None, "data": None, "headers": None} | about
    )


def test_what_is_as_by_default_is_left_out():
    assert payload_of(asked()) == {"endpoint": ENDPOINT}


def test_all_else_comes_out_as_it_went_in():
    full = asked(method="POST", params={"a": [1, 2]}, json={"b": None}, data={"c": "d"}, headers={"Accept": "x"})
    stored = json.loads(json.dumps(payload_of(full)))

    assert stored == {"endpoint": ENDPOINT, **full.about}
    assert request_of(stored).about == full.about
    assert request_of(stored).endpoint == ENDPOINT


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("headers", {"Authorization": "Bearer abcdefgh12345"}),
        ("headers", {"authorization": "x"}),
        ("headers", {"X-Api-Key": "abc"}),
        ("headers", {"Cookie": "session=1"}),
        ("headers", {"X-Custom": "Bearer abcdefgh12345"}),
        ("params", {"access_token": "abc"}),
        ("params", {"a": {"client_secret": "abc"}}),
        ("params", "token=abc"),
        ("params", [["token", "abc"]]),
        ("params", [("api_key", "abc")]),
        ("json", {"a": [{"password": "abc"}]}),
        ("json", [{"deep": {"refresh_token": "abc"}}]),
        ("data", {"client_secret": "abc"}),
        ("data", "grant_type=x&client_secret=abc"),
        ("data", [["password", "abc"]]),
        ("data", '{"token": "abc"}'),
        ("endpoint", f"{ENDPOINT}?token=abcdef"),
        ("endpoint", f"{ENDPOINT}?a=1&access_token=abcdef"),
    ],
    ids=lambda one: str(one)[:30],
)
def test_a_credential_is_refused_by_its_name(name, value):
    with pytest.raises(ConfigurationError, match=f"^{name}: holds a credential, by its name") as caught:
        payload_of(asked(**{name: value}))
    with pytest.raises(ConfigurationError, match=f"^{name}: holds a credential"):
        check_request({"endpoint": ENDPOINT, name: value})

    assert "abc" not in str(caught.value)
    assert "Default headers" in str(caught.value)


@pytest.mark.parametrize("name", ["params", "json", "data", "headers"])
@pytest.mark.parametrize("value", [b"bytes", {"a": object()}, {"a": float("nan")}, {1, 2}], ids=lambda one: "x")
def test_what_is_no_json_is_refused(name, value):
    with pytest.raises(ConfigurationError, match=f"^{name}: is no JSON"):
        payload_of(asked(**{name: value}))


@pytest.mark.parametrize("payload", [None, [], "x", 7, {}, {"endpoint": None}, {"endpoint": 7}, {"params": {}}])
def test_what_has_no_endpoint_is_no_request(payload):
    with pytest.raises(ConfigurationError, match=r"^request: has no endpoint"):
        check_request(payload)


@pytest.mark.parametrize(
    ("part", "error", "match"),
    [
        ({"method": None}, ConfigurationError, "^method"),
        ({"method": "TRACE"}, ConfigurationError, "^method"),
        ({"headers": ["a"]}, ConfigurationError, "^headers"),
        ({"headers": {"a": 7}}, ConfigurationError, "^headers"),
        ({"endpoint": "//elsewhere.example/x"}, ForeignOriginError, "elsewhere"),
    ],
)
def test_what_cannot_work_is_refused(part, error, match):
    with pytest.raises(error, match=match):
        request_of({"endpoint": ENDPOINT, **part})


def test_names_of_a_later_version_are_left_out():
    assert request_of({"endpoint": ENDPOINT, "trailers": {"a": 1}}).about == asked().about
    assert key_of({"endpoint": ENDPOINT, "trailers": {"a": 1}}) == key_of({"endpoint": ENDPOINT})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(VALUES, VALUES)
def test_the_key_is_equal_for_equal_requests_and_for_no_others(one, other):
    def turned(value):
        if isinstance(value, dict):
            return {name: turned(value[name]) for name in reversed(value)}
        return [turned(item) for item in value] if isinstance(value, list) else value

    first, second = ({"endpoint": ENDPOINT, "params": value} for value in (one, other))

    assert key_of(first) == key_of({"params": turned(one), "endpoint": ENDPOINT})
    assert (key_of(first) == key_of(second)) == (json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True))


def test_the_same_value_elsewhere_is_another_request():
    assert key_of({"endpoint": ENDPOINT, "json": {"a": 1}}) != key_of({"endpoint": ENDPOINT, "data": {"a": 1}})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("headers", {"X-Custom": "of-a-template 12345"}),
        ("headers", {"X-of-a-template 12345": "a"}),
        ("params", [("a", ["of-a-template 12345"])]),
        ("json", {"a": [{"b": "x of-a-template 12345 x"}]}),
        ("data", "a=of-a-template%2012345"),
        ("endpoint", f"{ENDPOINT}/of-a-template%2012345"),
    ],
    ids=lambda one: str(one)[:30],
)
def test_what_airflow_masks_is_a_credential_under_whatever_name(name, value):
    """A template may have put there what a Variable, or another connection, keeps secret."""
    assert payload_of(asked(**{name: value}))
    mask_secret("of-a-template 12345")
    with pytest.raises(ConfigurationError) as error:
        payload_of(asked(**{name: value}))
    assert error.value.field == name
    assert "12345" not in str(error.value)
