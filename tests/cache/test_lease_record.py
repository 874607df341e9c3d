"""A lease as text: what was written is read back, and no text blocks anybody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.cache.lease_record import lease_from_text, lease_to_text
from airflow_provider_orgauth.oauth.generation import MAX_DIGITS
from airflow_provider_orgauth.oauth.steps import Lease

NAMES = st.text("0123456789abcdef", min_size=1, max_size=64)


GENERATIONS = st.integers(0, 10**MAX_DIGITS - 1)


@given(NAMES, GENERATIONS)
def test_what_was_written_is_read_back(name, generation):
    for lease in (Lease(name, None, generation), Lease(None, name, generation), Lease(None, None, generation)):
        assert lease_from_text(lease_to_text(lease)) == lease


@given(NAMES)
def test_what_a_former_version_wrote_is_read(name):
    assert lease_from_text(f"renewing:{name}") == Lease(holder=name)
    assert lease_from_text(f"renewed:{name}") == Lease(renewed=name)
    assert lease_from_text("renewed:") == Lease()


@given(st.one_of(st.text(), st.binary(), st.integers(), st.none(), st.lists(st.text())))
def test_whatever_is_no_lease_is_a_free_one(text):
    assert lease_from_text(text).holder is None


@pytest.mark.parametrize(
    "text",
    [
        "renewing:",
        "renewing",
        "renewing:a b",
        "renewing:a\n",
        "renewing:" + "a" * 65,
        "renewing:0:a",
        "renewing:07:a",
        "renewing:1:",
        "renewing:٣:a",
        "renewing:-1:a",
        "renewing:1:2:a",
        "renewing:" + "9" * (MAX_DIGITS + 1) + ":a",
        "RENEWING:a",
        " renewing:a",
    ],
)
def test_a_claim_that_nobody_could_have_written_is_none(text):
    assert lease_from_text(text) == Lease()
