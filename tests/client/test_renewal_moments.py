"""When a process looks for the next token: once, at a random moment of its own, ahead of time."""

from __future__ import annotations

import os
import random

from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.client.renew_ahead import RenewalMoments
from airflow_provider_orgauth.oauth.token import Token

TOKEN = Token("a", 1000.0, 300.0)  # the margin takes 30 s; the tenth before it begins at 1240


def moments(*drawn):
    """Return moments that draw these parts (0 to 1) of the span they are given."""
    parts = iter(drawn)
    about = {"margin": 30.0, "uniform": lambda low, high: low + next(parts) * (high - low)}
    return RenewalMoments(), about


def test_the_moment_is_drawn_once_from_the_last_tenth():
    when, about = moments(0.5)

    assert not when.has_come("c", TOKEN, now=1000.0, **about)
    assert not when.has_come("c", TOKEN, now=1254.9, **about)
    assert when.has_come("c", TOKEN, now=1255.0, **about)


def test_each_client_and_each_token_has_a_moment_of_its_own():
    when, about = moments(0.0, 1.0, 0.5)
    later = Token("b", 1100.0, 300.0)

    assert when.has_come("c", TOKEN, now=1240.0, **about)
    assert not when.has_come("d", TOKEN, now=1240.0, **about)
    assert not when.has_come("c", later, now=1350.0, **about)


def test_who_learns_of_a_token_late_has_a_moment_ahead_not_behind():
    when, about = moments(0.5)

    assert not when.has_come("c", TOKEN, now=1260.0, **about)
    assert when.has_come("c", TOKEN, now=1265.0, **about)


def test_a_forked_child_draws_anew():
    when, about = moments(0.0, 1.0)
    assert when.has_come("c", TOKEN, now=1240.0, **about)
    child = os.fork()
    if child == 0:
        os._exit(int(when.has_come("c", TOKEN, now=1240.0, **about)))

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@given(
    issued_at=st.floats(1.5e9, 2e9),
    lifetime=st.floats(1.0, 1e6),
    margin=st.floats(0, 1e6),
    age=st.floats(-2e6, 2e6),
    dice=st.randoms(use_true_random=False),
)
def test_no_moment_is_before_now_or_after_the_margin(issued_at, lifetime, margin, age, dice: random.Random):
    token = Token("a", issued_at, lifetime)
    now = issued_at + age
    first, last = token.early_window(margin)
    moment = RenewalMoments().draw("c", token, now=now, margin=margin, uniform=dice.uniform)

    assert issued_at < first < last <= token.expires_at
    assert not token.is_fresh(last, margin)
    assert token.is_fresh(first, margin)
    assert min(max(now, first), last) <= moment <= last
