"""Buttons that ask a server for a token may be pressed a few times a minute."""

from __future__ import annotations

from airflow_provider_orgauth.ui import action_limit
from airflow_provider_orgauth.ui.action_limit import MAX_IN_WINDOW, WINDOW_SECONDS, ActionLimit


def test_a_few_times_a_minute_for_each_connection_and_action(clockwork):
    limit = ActionLimit(clockwork.clock)
    waits = [limit.seconds_to_wait("test", "a") for _ in range(MAX_IN_WINDOW + 1)]

    assert waits[:-1] == [0.0] * MAX_IN_WINDOW
    assert 0 < waits[-1] <= WINDOW_SECONDS
    assert limit.seconds_to_wait("test", "b") == 0
    assert limit.seconds_to_wait("renew", "a") == 0
    clockwork.advance(waits[-1] + 1)
    assert limit.seconds_to_wait("test", "a") == 0


def test_who_is_refused_does_not_wait_longer_for_it(clockwork):
    limit = ActionLimit(clockwork.clock)
    for _ in range(MAX_IN_WINDOW):
        limit.seconds_to_wait("test", "a")
    first = limit.seconds_to_wait("test", "a")

    assert limit.seconds_to_wait("test", "a") <= first


def test_what_is_remembered_does_not_grow_for_ever(clockwork, monkeypatch):
    monkeypatch.setattr(action_limit, "MAX_REMEMBERED", 10)
    limit = ActionLimit(clockwork.clock)
    for number in range(200):
        limit.seconds_to_wait("test", str(number))
        clockwork.advance(20)

    assert len(limit._done) < 20
