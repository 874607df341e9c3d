"""What stands in a cache, whoever wrote it: read as it was written, or refused without a word of it."""

import json
import math

from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_orgauth.oauth.generation import MAX_DIGITS
from airflow_provider_orgauth.oauth.steps import Lease, RefreshToken
from fuzz.targets import lease_record, refresh_token_record, sealed_record, token_record

texts = st.text(st.characters(), max_size=60)  # with lone surrogates: JSON can carry them
generations = st.integers(0, 10**MAX_DIGITS - 1)
marks = st.text("0123456789abcdef", max_size=64)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
json_values = st.recursive(
    scalars | st.sampled_from([10**400, 1e12, -1e12, 1e13, "abcdefgh\n", "é"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)
records = st.dictionaries(st.sampled_from(token_record.NAMES) | st.text(max_size=3), json_values, max_size=6)
visible = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=12)
credentials = visible | st.text(max_size=12) | st.sampled_from(["a\r\nX: b", "a\x7f"])
numbers = (
    st.floats()
    | st.just(math.nan)
    | st.integers(-(10**13), 10**13)
    | st.sampled_from([10**400, -(10**400), 1e12, 1e13, "1"])
)
whole = st.fixed_dictionaries(
    {"access_token": credentials, "issued_at": numbers, "lifetime": numbers},
    optional={"refresh_token": st.none() | credentials, "refresh_lifetime": st.none() | numbers},
)


@given(text=texts | (records | whole).map(json.dumps) | json_values.map(json.dumps))
def test_any_text_is_a_usable_token_or_the_one_error(text):
    token_record.check(text)


@given(record=whole)
def test_a_record_that_is_nearly_good(record):
    token_record.check(json.dumps(record))


@given(
    sealed=texts
    | texts.map(f"{sealed_record.SEAL_PREFIX}:{sealed_record.MARK}:".__add__)
    | st.none()
    | st.integers()
    | st.binary()
)
@example(sealed=f"{sealed_record.SEAL_PREFIX}:{sealed_record.MARK}:\udcff")
def test_nothing_opens_that_was_not_sealed_here(sealed):
    sealed_record.check(sealed)


@given(text=st.text(max_size=200))
def test_what_is_sealed_opens_for_its_own_client_only(text):
    sealed_record.check_round_trip(text)


@given(
    text=texts
    | st.tuples(st.sampled_from(["renewing:", "renewed:", "renewing:12:", "renewed:3:", ""]), marks | texts).map(
        "".join
    )
    | st.none()
)
def test_any_text_is_a_lease_or_an_empty_one(text):
    lease_record.check(text)


@given(
    lease=st.builds(Lease, holder=marks.filter(bool), generation=generations)
    | st.builds(Lease, renewed=marks, generation=generations)
    | st.just(Lease())
)
def test_a_lease_is_read_as_it_was_written(lease):
    lease_record.check_round_trip(lease)


@given(
    text=texts
    | json_values.map(json.dumps)
    | st.fixed_dictionaries(
        {"refresh_token": credentials},
        optional={"generation": numbers | generations, "claim": st.none() | visible | json_values},
    ).map(json.dumps)
)
def test_any_text_is_a_refresh_token_or_the_one_error(text):
    refresh_token_record.check(text)


@given(kept=st.builds(RefreshToken, visible, generations, st.none() | visible))
def test_a_refresh_token_is_read_as_it_was_written(kept):
    refresh_token_record.check_round_trip(kept)
