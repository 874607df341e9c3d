"""The least correction of a clock that an answer's date allows."""

from __future__ import annotations

import math

from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_orgauth.oauth.server_time import RESOLUTION_SECONDS, correction

EXACT = st.integers(-(10**9), 10**9).map(lambda thousandths: thousandths / 1024)  # sums of these are exact


@given(off=EXACT, sent_at=EXACT, out=st.integers(0, 10**5), back=st.integers(0, 10**5))
@example(off=0.0, sent_at=0.0, out=0, back=0)
def test_whatever_the_server_shows_the_correction_is_as_near_as_the_answer_was_quick(off, sent_at, out, back):
    """The server's clock is `off` ahead; it reads it `out` after the request was sent and `back` before it is here."""
    out, back = out / 1024, back / 1024
    date = math.floor(sent_at + out + off)
    found = correction(date, sent_at=sent_at, received_at=sent_at + out + back)

    assert abs(found) <= abs(off)
    assert found * off >= 0
    assert abs(found - off) <= RESOLUTION_SECONDS + out + back


@given(date=st.integers(-(10**9), 10**9), sent_at=EXACT, took=st.integers(0, 10**5))
def test_nothing_is_corrected_where_the_date_may_be_right_and_else_the_least_that_makes_it_so(date, sent_at, took):
    received_at = sent_at + took / 1024
    found = correction(date, sent_at=sent_at, received_at=received_at)

    def allows(seconds):
        return date - received_at <= seconds <= date + RESOLUTION_SECONDS - sent_at

    assert allows(found)
    assert (found == 0) == allows(0)
    assert not found or not allows(found * (1 - 2**-20))
