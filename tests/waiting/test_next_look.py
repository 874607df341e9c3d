"""When the next look is: around the interval, never before the server asks, never after the timeout."""

from __future__ import annotations

import math
import random

from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.waiting.schedule import JITTER, LEAST_WAIT_AFTER_ERROR_SECONDS, next_look

SECONDS = st.floats(0, 1e7)


@given(
    interval=SECONDS,
    remaining=SECONDS,
    asked=st.none() | SECONDS,
    after_error=st.booleans(),
    longest=st.none() | SECONDS,
    seed=st.integers(),
)
def test_the_bounds(interval, remaining, asked, after_error, longest, seed):
    seconds = next_look(
        interval,
        remaining=remaining,
        asked=asked,
        after_error=after_error,
        longest=longest,
        uniform=random.Random(seed).uniform,
    )

    floor = max(asked or 0, LEAST_WAIT_AFTER_ERROR_SECONDS if after_error else 0)
    longest = math.inf if longest is None else longest
    least = max(min(interval, longest) * (1 - JITTER), floor)
    most = max(min(interval * (1 + JITTER), longest), floor * (1 + JITTER))
    if min(interval, longest) >= remaining:
        assert seconds == remaining  # not a moment before: that would be a look in vain
    assert min(least, remaining) <= seconds * (1 + 1e-9)
    assert seconds <= min(most, remaining) * (1 + 1e-9)


def test_waits_that_began_together_do_not_stay_together():
    found = {next_look(60, remaining=1e6) for _ in range(100)}

    assert len(found) > 90
    assert max(found) - min(found) > 6


def test_after_the_timeout_there_is_nothing_to_wait_for():
    assert next_look(60, remaining=-5, asked=900) == 0
