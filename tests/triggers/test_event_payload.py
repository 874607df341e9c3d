"""What a wait in the triggerer ends with."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.exceptions import ApiForbiddenError
from airflow_provider_orgauth.triggers import event_payload
from airflow_provider_orgauth.triggers.event_payload import MAX_VALUE_BYTES

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


@given(JSON)
def test_a_value_is_in_the_event_as_it_is_or_left_to_the_worker(value):
    payload = event_payload.met(value, "200")

    assert payload["v"] == 1
    if payload["state"] == "met":
        assert payload["value"] is value
        assert payload["seen"] == "200"
        assert json.loads(json.dumps(payload, allow_nan=False))["value"] == value
        json.dumps(payload, ensure_ascii=False).encode("utf-8")
    else:
        assert payload["state"] == "look"
        assert set(payload) == {"v", "state", "why"}


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("x" * MAX_VALUE_BYTES, "the value has 65,538 bytes, too many for an event"),
        ("ü" * (MAX_VALUE_BYTES // 2), "the value has 65,538 bytes, too many for an event"),
        (2**64, "a number in the value has more than 64 bits"),
        ({"a": [1, {"b": -(2**63) - 1}]}, "a number in the value has more than 64 bits"),
        (float("nan"), "the value is no plain JSON"),
        ([float("inf")], "the value is no plain JSON"),
        (b"bytes", "the value is no plain JSON"),
        ("\ud800", "the value is no plain JSON"),
        (nested(100_000), "the value is no plain JSON"),
    ],
    ids=["large", "large in bytes", "2**64", "inside", "nan", "infinity", "bytes", "half a character", "deep"],
)
def test_what_no_event_holds_is_left_to_the_worker(value, why):
    assert event_payload.met(value, "200") == {"v": 1, "state": "look", "why": why}


@pytest.mark.parametrize(
    "value", ["x" * (MAX_VALUE_BYTES - 2), 2**64 - 1, -(2**63), True, None, [], {"a": [1.5]}], ids=lambda one: "ok"
)
def test_what_just_fits_is_in_the_event(value):
    assert event_payload.met(value, "200") == {"v": 1, "state": "met", "value": value, "seen": "200"}


def test_the_other_ends():
    assert event_payload.timed_out("The last answer was: 200.") == {
        "v": 1,
        "state": "timeout",
        "last": "The last answer was: 200.",
    }
    failed = event_payload.failed(ApiForbiddenError("No.", status=403))
    assert failed == {
        "v": 1,
        "state": "error",
        "error": {"type": "ApiForbiddenError", "message": "No.", "status": 403},
    }
