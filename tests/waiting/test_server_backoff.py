"""All waits on one server hold back together while it is in trouble."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.waiting.server_backoff import (
    ERRORS_OF_ONE_RESOURCE,
    FIRST_PAUSE_SECONDS,
    LONGEST_ASKED_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    ServerBackoff,
)


@pytest.fixture
def backoff():
    return ServerBackoff(lambda low, high: high)


def trouble(backoff, now, *, began=None, asked=None, plain=False):
    backoff.trouble(now, began=now if began is None else began, asked=asked, is_plain_error=plain)


def pauses_of(backoff, count):
    now, pauses = 0.0, []
    for _ in range(count):
        trouble(backoff, now)
        pauses.append(backoff.closed_until - now)
        now = backoff.closed_until
    return pauses


def test_a_new_one_is_open_and_well(backoff):
    assert backoff.is_well
    assert backoff.closed_until < 0


def test_each_pause_is_twice_the_one_before_up_to_a_minute(backoff):
    assert pauses_of(backoff, 8) == [1, 2, 4, 8, 16, 32, 60, 60]
    assert not backoff.is_well


def test_a_pause_is_at_least_half_of_its_bound():
    assert pauses_of(ServerBackoff(lambda low, high: low), 3) == [0.5, 1, 2]


def test_an_answer_ends_it(backoff):
    pauses_of(backoff, 5)
    backoff.went_well()

    assert backoff.is_well
    trouble(backoff, 1000.0)
    assert backoff.closed_until == 1000.0 + FIRST_PAUSE_SECONDS


def test_looks_that_began_before_a_pause_tell_nothing_new(backoff):
    trouble(backoff, 100.0)
    for _ in range(31):  # they were under way together
        trouble(backoff, 100.5, began=99.0)

    assert backoff.closed_until == 101.0
    trouble(backoff, 101.0)
    assert backoff.closed_until == 103.0


def test_the_server_may_ask_for_more(backoff):
    trouble(backoff, 0.0, asked=300.0)
    assert backoff.closed_until == pytest.approx(330.0)


def test_what_the_server_asks_counts_also_from_a_look_that_began_before_the_pause(backoff):
    trouble(backoff, 10.0)
    trouble(backoff, 10.5, began=9.0, asked=60.0)

    assert backoff.closed_until == pytest.approx(76.5)


def test_a_shorter_pause_does_not_end_a_longer_one(backoff):
    trouble(backoff, 0.0, asked=300.0)
    until = backoff.closed_until
    trouble(backoff, 1.0, began=0.0, asked=2.0)

    assert backoff.closed_until == until


def test_plain_errors_hold_the_server_back_from_the_third_in_a_row(backoff):
    for now in range(ERRORS_OF_ONE_RESOURCE):
        trouble(backoff, float(now), plain=True)
        assert backoff.is_well
        assert backoff.closed_until < 0
    trouble(backoff, 10.0, plain=True)

    assert not backoff.is_well
    assert backoff.closed_until == 11.0


def test_an_answer_between_plain_errors_begins_the_count_anew(backoff):
    for now in range(20):
        trouble(backoff, float(now), plain=True)
        trouble(backoff, float(now), plain=True)
        backoff.went_well()

    assert backoff.is_well
    assert backoff.closed_until < 0


@given(
    st.lists(
        st.tuples(st.floats(0, 1e4), st.floats(0, 100), st.none() | st.floats(0, 1e6), st.booleans(), st.booleans()),
        max_size=60,
    )
)
def test_it_is_never_closed_for_longer_than_a_minute_or_than_was_asked(reports):
    backoff, now, asked_until = ServerBackoff(), 0.0, 0.0
    for passes, took, asked, plain, well in reports:
        now += passes
        before = backoff.closed_until
        if well:
            backoff.went_well()
            continue
        trouble(backoff, now, began=now - took, asked=asked, plain=plain)
        asked_until = max(asked_until, now + 1.1 * (asked or 0.0))
        assert backoff.closed_until >= before
        assert backoff.closed_until <= max(before, asked_until, now + LONGEST_PAUSE_SECONDS) + 1e-6
        if not plain and asked is not None:
            assert backoff.closed_until >= now + min(asked, LONGEST_ASKED_PAUSE_SECONDS)


@given(st.integers(0, 3000))
def test_whatever_a_server_has_been_through_it_is_asked_again_within_a_minute(times):
    assert all(pause <= LONGEST_PAUSE_SECONDS for pause in pauses_of(ServerBackoff(), times))


def test_a_year_that_one_answer_asks_for_stops_the_others_for_an_hour(backoff):
    trouble(backoff, 0.0, asked=31_536_000)

    assert backoff.closed_until <= LONGEST_ASKED_PAUSE_SECONDS * 1.1
