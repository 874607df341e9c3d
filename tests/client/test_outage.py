"""How a host's processes keep to its pauses between token requests while hosts cannot share."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.cache.host_file import HostFile
from airflow_provider_orgauth.client.outage import (
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    OUTAGE_MEMORY_SECONDS,
    REPLAY_PATIENCE_SECONDS,
    Note,
    Outage,
)
from airflow_provider_orgauth.client.retry_policy import RetryPolicy
from airflow_provider_orgauth.exceptions import TaskStoppedError
from airflow_provider_orgauth.oauth.store import Reach
from airflow_provider_orgauth.oauth.token import Token

TOKEN = Token("t", issued_at=0.0, lifetime=60.0)

times = st.floats(-1e12, 1e12)
notes = st.builds(Note, times, times, st.floats(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS), st.booleans())


class Store:
    """What an outage needs to know of a store."""

    def __init__(self, note) -> None:
        self.note, self.reach = note, Reach.NONE


class Process(Outage):
    """What one process of a host knows, with the store that it asks."""

    def __init__(self, store, retry) -> None:
        super().__init__(store, retry)
        self.store, self.kill = store, retry.cancelled.set


class Clock:
    def __init__(self) -> None:
        self.now, self.slept = 1_800_000_000.0, []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(params=["with a private folder", "without"])
def host(clock, request):
    """Return a function that makes what one process of the host knows."""

    def make(uniform=lambda least, most: least):
        file = HostFile("test.outage") if request.param == "with a private folder" else None
        retry = RetryPolicy(5, clock=lambda: clock.now, timer=lambda: clock.now, sleep=clock.sleep, uniform=uniform)
        return Process(Store(file), retry)

    return make


def nothing():
    return None


def waited(clock, process, *, is_rejected=True, look=nothing):
    """Return what came of a turn, and the seconds that it was waited for."""
    began = clock.now
    return process.await_turn(look, is_rejected=is_rejected), pytest.approx(clock.now - began, abs=1e-3)


@given(notes)
def test_a_note_is_read_as_it_was_written(note):
    assert Note.of(note.to_text()) == note


@given(st.text() | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(json.dumps) | st.none())
def test_whatever_else_is_in_the_file_is_no_note(text):
    assert Note.of(text) is None


@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: st.floats() | st.text() | st.none() | st.integers()
            for name in ("asked_at", "ask_again_at", "pause", "could_read")
        },
    )
)
def test_a_note_with_values_that_cannot_be_never_makes_anybody_wait_for_long(record):
    note = Note.of(json.dumps(record))
    if note is not None and note.holds(1_800_000_000.0):
        assert note.left(1_800_000_000.0) <= 2 * LONGEST_PAUSE_SECONDS


@given(st.integers(-10, 10), st.integers(0, 400))
def test_a_note_makes_nobody_wait_longer_than_it_may_where_the_clock_jumps(asked, jump):
    now = 1_800_000_000.0
    note = Note(now + asked, now + asked + 2 * LONGEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, could_read=False)
    for seen_at in (now - jump, now + jump):
        if note.holds(seen_at):
            assert note.left(seen_at) <= 2 * LONGEST_PAUSE_SECONDS


def test_the_pauses_of_a_host_double_up_to_the_longest(host, clock):
    process, pauses = host(), []
    for _ in range(6):
        _, seconds = waited(clock, process)
        pauses.append(seconds)
        process.asks()
    assert pauses == [0, 2, 4, 8, 16, 16]


def test_they_are_at_random_up_to_twice_as_long(host, clock):
    process = host(uniform=lambda least, most: most)
    process.asks()
    assert waited(clock, process) == (None, 2 * FIRST_PAUSE_SECONDS)


def test_a_token_that_lived_for_a_while_makes_them_no_longer(host, clock):
    process = host()
    process.asks()
    clock.now += 3 * FIRST_PAUSE_SECONDS
    process.asks()
    assert waited(clock, process) == (None, FIRST_PAUSE_SECONDS)


def test_they_begin_anew_where_nobody_asked_for_long(host, clock):
    process = host()
    for _ in range(4):
        process.await_turn(nothing, is_rejected=True)
        process.asks()
    clock.now += OUTAGE_MEMORY_SECONDS
    assert not process.must_wait()
    process.asks()
    assert waited(clock, process) == (None, FIRST_PAUSE_SECONDS)


def test_the_second_request_of_a_turn_does_not_count(host, clock):
    process = host()
    process.asks()
    process.asks()  # a refresh was refused
    assert waited(clock, process) == (None, FIRST_PAUSE_SECONDS)


@pytest.mark.parametrize("host", ["with a private folder"], indirect=True)
def test_all_processes_of_the_host_keep_to_them(host, clock):
    one, other = host(), host()
    one.asks()
    one.await_turn(nothing, is_rejected=True)
    other.asks()
    assert one.must_wait()
    assert waited(clock, one) == (None, 2 * FIRST_PAUSE_SECONDS)
    assert waited(clock, host()) == (None, 0)


def test_who_could_share_leaves_no_note(host, clock):
    process = host()
    process.store.reach = Reach.WHOLE
    process.asks()
    assert not process.is_on()
    assert waited(clock, process) == (None, 0)


def test_a_token_that_ran_out_is_renewed_at_once_unless_others_ended_one(host, clock):
    process = host()
    process.asks()
    assert waited(clock, process, is_rejected=False) == (None, 0)
    process.await_turn(nothing, is_rejected=True)
    process.asks()
    assert waited(clock, process, is_rejected=False) == (None, 2 * FIRST_PAUSE_SECONDS)


def test_a_token_that_is_found_ends_the_wait(host, clock):
    process = host()
    process.asks()
    looks = iter([None, None, TOKEN])
    found, seconds = waited(clock, process, look=lambda: next(looks))
    assert found is TOKEN
    assert seconds == sum(clock.slept[:2])


def test_variables_that_can_be_read_again_end_the_wait(host, clock):
    process = host()
    process.asks()

    def look():
        process.store.reach = Reach.WHOLE if clock.slept else Reach.NONE

    assert waited(clock, process, look=look) == (None, clock.slept[0])


def test_where_only_writing_failed_reading_is_no_news(host, clock):
    process = host()
    process.store.reach = Reach.READING
    process.asks()
    process.store.reach = Reach.WHOLE  # what another process of the host believes
    assert waited(clock, process) == (None, FIRST_PAUSE_SECONDS)


def test_a_killed_task_stops_waiting(host, clock):
    process = host()
    process.asks()
    assert waited(clock, process, look=process.kill) == (None, clock.slept[0])
    with pytest.raises(TaskStoppedError, match="not sent again after status 401"):
        process.may_replay(since=clock.now, replays=1)


def test_a_request_is_replayed_until_the_next_turn_would_be_too_late(host, clock):
    process = host()
    began = clock.now
    process.asks()
    assert process.may_replay(since=began, replays=1)
    clock.now += REPLAY_PATIENCE_SECONDS
    assert not process.may_replay(since=began, replays=1)
    assert process.may_replay(since=clock.now, replays=9)
    assert not process.may_replay(since=clock.now, replays=10)


def test_a_turn_that_lies_behind_the_bound_is_not_waited_for(host, clock):
    process = host()
    process.asks()
    assert process.may_replay(since=clock.now - REPLAY_PATIENCE_SECONDS + 2 * FIRST_PAUSE_SECONDS, replays=1)
    assert not process.may_replay(since=clock.now - REPLAY_PATIENCE_SECONDS + FIRST_PAUSE_SECONDS - 1, replays=1)


def test_with_a_healthy_store_nothing_is_replayed_twice(host, clock):
    process = host()
    process.store.reach = Reach.WHOLE
    assert not process.may_replay(since=clock.now, replays=1)
