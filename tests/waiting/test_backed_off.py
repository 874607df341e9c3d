"""Intervals that grow from look to look."""

from __future__ import annotations

import datetime
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.waiting.backed_off import MOST_DOUBLINGS, backed_off

INTERVALS = st.floats(0, 1e6)
LOOKS = st.integers(-5, 10**9)


@pytest.mark.parametrize(("looks", "seconds"), [(0, 60.0), (1, 60.0), (2, 120.0), (3, 240.0), (4, 480.0)], ids=str)
def test_the_first_interval_is_as_given_and_each_later_one_the_double(looks, seconds):
    assert backed_off(60.0, looks, longest=None) == seconds


def test_none_is_longer_than_the_longest():
    assert backed_off(60.0, 4, longest=300.0) == 300.0
    assert backed_off(60.0, 3, longest=300.0) == 240.0


@given(INTERVALS, LOOKS, st.none() | st.floats(0, 1e9))
def test_it_never_shrinks_from_look_to_look_and_fits_a_timedelta(interval, looks, longest):
    seconds = backed_off(interval, looks, longest=longest)

    assert math.isfinite(seconds)
    assert 0 <= seconds <= backed_off(interval, looks + 1, longest=longest)
    assert seconds <= interval * 2**MOST_DOUBLINGS
    if longest is not None:
        assert seconds <= longest
    datetime.timedelta(seconds=min(seconds, 86400.0 * 365 * 1000))


def test_a_wait_of_years_does_not_overflow():
    assert backed_off(1.0, 10**12, longest=None) == 2.0**MOST_DOUBLINGS
