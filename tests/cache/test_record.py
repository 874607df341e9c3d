"""A token as text: what is written is read back; anything else is a miss or one error that quotes nothing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.cache.record import UnreadableRecordError, from_text, to_text
from airflow_provider_orgauth.oauth.token import Token

opaque = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=60)
tokens = st.builds(
    Token,
    opaque,
    issued_at=st.floats(0, 1e11),
    lifetime=st.floats(0.001, 1e9),
    refresh_token=st.none() | opaque,
    refresh_lifetime=st.none() | st.floats(-1e9, 1e9),
)


@given(token=tokens)
def test_what_is_written_is_read_back(token):
    assert from_text(to_text(token, fingerprint="f"), fingerprint="f") == token


@given(token=tokens)
def test_another_clients_token_is_a_miss(token):
    assert from_text(to_text(token, fingerprint="f"), fingerprint="g") is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)
fields = st.sampled_from(["v", "for", "access_token", "issued_at", "lifetime", "refresh_token", "refresh_lifetime"])


@given(changes=st.dictionaries(fields, json_values, max_size=4), token=tokens)
def test_an_edited_record_is_a_usable_token_a_miss_or_an_error(changes, token):
    record = json.loads(to_text(token, fingerprint="f")) | changes
    try:
        read = from_text(json.dumps(record), fingerprint="f")
    except UnreadableRecordError:
        return
    if read is not None:
        assert read.access_token.isascii()
        assert read.access_token.isprintable()
        read.is_fresh(0.0, 30)
        read.can_refresh(0.0)


@given(text=st.none() | st.integers() | st.text(max_size=40) | st.binary(max_size=40))
def test_anything_else_is_an_error(text):
    with pytest.raises(UnreadableRecordError) as caught:
        from_text(text, fingerprint="f")
    assert str(text) not in str(caught.value) or len(str(text)) < 3
