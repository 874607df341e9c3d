"""When waits that begin together look for the first time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.waiting.first_look import FIRST_LOOKS_PER_SECOND, first_look


def latest(low, high):
    return high


def soonest(low, high):
    return low


def test_one_wait_looks_at_once():
    assert first_look(60, waits=1, due_in=None, uniform=latest) == 1 / FIRST_LOOKS_PER_SECOND


def test_many_that_begin_together_spread_by_their_number():
    assert first_look(60, waits=2000, due_in=None, uniform=latest) == 2000 / FIRST_LOOKS_PER_SECOND
    assert first_look(60, waits=2000, due_in=None, uniform=soonest) == 0


def test_they_spread_over_an_interval_at_most():
    assert first_look(30, waits=1_000_000, due_in=None, uniform=latest) == 30


def test_a_look_that_was_planned_is_made_then():
    assert first_look(60, waits=1000, due_in=42, uniform=latest) == 42


def test_a_look_that_is_late_is_spread_like_a_new_one():
    assert first_look(60, waits=1000, due_in=-3600, uniform=latest) == 5


def test_a_look_that_is_due_at_once_is_spread_too():
    assert first_look(60, waits=1000, due_in=0.1, uniform=latest) == 5


@given(st.floats(0, 1e6), st.integers(1, 10**6), st.none() | st.floats(-1e9, 1e9))
def test_it_is_never_before_it_is_due_and_never_more_than_an_interval_late(interval, waits, due_in):
    seconds = first_look(interval, waits=waits, due_in=due_in)

    assert seconds >= max(0, due_in or 0)
    assert seconds <= max(interval, due_in or 0)
