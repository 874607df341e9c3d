"""Which token is newer: a number, and no clock."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.oauth.generation import MAX_GENERATION, believed, newest, successor
from airflow_provider_orgauth.oauth.token import Token

NOW = 1_766_000_000.0
generations = st.integers(0, MAX_GENERATION * 2)
tokens = st.builds(
    Token,
    st.sampled_from("abc"),
    issued_at=st.floats(0, 2e9),
    lifetime=st.just(300.0),
    generation=st.integers(0, 5),
)


@given(known=st.lists(generations), now=st.floats(-1e12, 1e12))
def test_a_successor_is_above_all_that_are_known(known, now):
    assert successor(*known, now=now) > max(known, default=0)


@given(said=st.integers(0, MAX_GENERATION * 2))
def test_what_a_lease_says_is_believed_up_to_what_a_fleet_may_get_to(said):
    assert believed(said) == (said if said < MAX_GENERATION else 0)


def test_where_none_is_known_it_begins_with_the_time():
    assert successor(now=NOW) == successor(0, 0, now=NOW) == int(NOW)


@given(known=st.lists(tokens | st.none(), max_size=4), good=st.sets(st.sampled_from("abc")))
def test_the_newest_good_token_wins_or_the_newest(known, good):
    found = newest(known, lambda token: token.access_token in good)
    there = [token for token in known if token is not None]
    candidates = [token for token in there if token.access_token in good] or there

    if found is None:
        assert not there
    else:
        assert found in candidates
        assert found.generation == max(token.generation for token in candidates)
