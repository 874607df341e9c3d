"""Texts that come again: writes that land twice, old ones that somebody puts back, deletes, and reads of what was."""

from __future__ import annotations

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from simulation.fleet import Fleet
from simulation.plan import Meddling, Plan

LIFETIME, MARGIN = 60.0, 20.0
LASTS = 300.0
TOKENS = 1 + LASTS / (LIFETIME * 0.9 - MARGIN)
"""How many tokens a fleet needs in that time, at most."""

FLEETS = {
    "seed": st.integers(0, 2**32),
    "hosts": st.integers(2, 4),
    "workers_per_host": st.integers(1, 3),
    "refresh_kills_access": st.booleans(),
    "call_every": st.sampled_from([1.0, 10.0]),
}


@given(
    repeats=st.sampled_from([0.0, 0.1, 0.5]),
    meddles_every=st.sampled_from([5.0, 20.0, 60.0]),
    meddling=st.sets(st.sampled_from(get_args(Meddling)), min_size=1).map(lambda acts: tuple(sorted(acts))),
    **FLEETS,
)
def test_no_text_does_harm_when_it_comes_again(seed, **plan):
    fleet = Fleet(Plan(lifetime=LIFETIME, margin=MARGIN, **plan), seed=seed)
    counts = fleet.run(LASTS).counts

    assert fleet.server.revoked_families == 0
    assert counts["older over newer"] == 0
    assert counts["dead handed out"] == 0
    assert counts["failed calls"] == 0
    again = counts["meddled"] + counts["writes that landed twice"]
    assert fleet.server.requests.total() <= TOKENS + 2 * again


@given(at_random=st.sampled_from([0.0, 0.5, 2.0, 10.0]), on_host=st.sampled_from([0.0, 1.0, 5.0]), **FLEETS)
def test_reads_of_what_was_spend_no_refresh_token(seed, at_random, on_host, **plan):
    fleet = Fleet(
        Plan(
            lifetime=LIFETIME,
            margin=MARGIN,
            stale=lambda random: random.uniform(0.0, at_random),
            stale_on_host=lambda random: random.uniform(0.0, on_host),
            **plan,
        ),
        seed=seed,
    )
    counts = fleet.run(LASTS).counts

    assert fleet.server.revoked_families == 0
    assert counts["dead handed out"] == 0
    assert counts["failed calls"] == 0
    assert fleet.server.requests.total() <= TOKENS * plan["hosts"] * 2
