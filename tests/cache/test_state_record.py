"""A token's state as text: what was written is read back, and any other text counts as none."""

from __future__ import annotations

import json

from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_orgauth.cache import token_state
from airflow_provider_orgauth.cache.state_record import MAX_RECORD_CHARACTERS, state_from_text, state_to_text
from airflow_provider_orgauth.cache.token_state import Actor, Failure, Forgotten, Hour, Renewal, TokenState
from fuzz.targets import state_record

words = st.text(st.characters(), max_size=300).map(token_state.name)  # also lone surrogates, before they are cleaned
seconds = st.floats(0, 1e12)
counts = st.integers(0, 10**12)
actors = st.builds(
    Actor, connection_id=words, host=words, dag_id=st.none() | words, task_id=st.none() | words, user=st.none() | words
)
renewals = st.builds(
    Renewal,
    issued_at=seconds,
    lifetime=seconds,
    grant=words,
    refresh_token_held=st.booleans(),
    generation=counts,
    by=actors,
)
failures = st.builds(
    Failure,
    at=seconds,
    error=words,
    message=st.text(max_size=1500).map(token_state.sentence),
    is_permanent=st.booleans(),
    by=actors,
)
hours = st.builds(
    Hour, hour=counts, requests=counts, failures=counts, api_requests=counts, api_too_many=counts, api_waits=counts
)
changes = st.lists(
    renewals.map(lambda one: lambda state: state.after_renewal(one))
    | failures.map(lambda one: lambda state: state.after_failure(one))
    | st.builds(Forgotten, at=seconds, by=actors).map(lambda one: lambda state: state.after_forgetting(one))
    | st.tuples(st.integers(0, 1000), seconds).map(
        lambda one: lambda state: state.after_requests(one[0], failures=0, at=one[1])
    )
    | st.tuples(hours, seconds).map(lambda one: lambda state: state.after_hours([one[0]], at=one[1])),
    max_size=40,
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.just(10**400)
nearly = st.fixed_dictionaries(
    {"server": scalars, "token_server": scalars},
    optional={
        "connection_ids": st.lists(scalars, max_size=20) | scalars,
        "renewals": st.lists(st.dictionaries(st.sampled_from(["issued_at", "by", "grant"]), scalars), max_size=3),
        "failure": scalars,
        "hours": st.lists(st.dictionaries(st.sampled_from(["hour", "requests"]), scalars), max_size=3),
    },
)


@given(changes=changes)
def test_whatever_happens_the_state_can_be_written_and_read(changes):
    state = TokenState(server="https://a", token_server="https://a")
    for change in changes:
        state = change(state)
        text = state_to_text(state)
        assert len(text) <= MAX_RECORD_CHARACTERS
        assert state_from_text(text) == state


@given(text=st.text(st.characters(), max_size=80) | nearly.map(json.dumps) | scalars.map(json.dumps))
@example(text="\ud800")
@example(text='{"server": "\\ud800", "token_server": ""}')
@example(text="[" * 100_000)
def test_any_text_is_a_state_that_can_be_written_or_none(text):
    state_record.check(text)


@given(value=st.none() | st.integers() | st.binary(max_size=4) | st.lists(st.integers(), max_size=2))
def test_what_is_no_text_is_none(value):
    assert state_from_text(value) is None


def test_what_a_later_version_adds_is_left_out():
    text = state_to_text(TokenState(server="s", token_server="s"))
    assert state_from_text(text[:-1] + ', "later": [1]}') == state_from_text(text)


def test_a_record_without_api_requests_is_added_to():
    record = {"server": "s", "token_server": "s", "hours": [{"hour": 9, "requests": 2, "failures": 1}]}
    state = state_from_text(json.dumps(record)).after_hours([Hour(hour=9, api_requests=7), Hour(hour=10)], at=36_000)

    assert state.hours == (Hour(hour=9, requests=2, failures=1, api_requests=7), Hour(hour=10))


def test_hours_that_are_not_shown_any_more_are_dropped():
    hours = [Hour(hour=9, api_requests=1), Hour(hour=100, api_requests=2), Hour(hour=101, api_requests=4)]
    state = TokenState(server="s", token_server="s").after_hours(hours, at=100 * 3600)

    assert state.hours == (Hour(hour=100, api_requests=2),)


def test_a_text_that_is_too_long_was_not_written_here():
    text = state_to_text(TokenState(server="s", token_server="s"))
    assert state_from_text(text + " " * MAX_RECORD_CHARACTERS) is None
