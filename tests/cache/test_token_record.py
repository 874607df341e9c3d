"""A token as sealed text: what is written is read back; anything else is a miss or one error that quotes nothing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.cache.seal import SEAL_PREFIX, Seal, UnreadableRecordError, seal_of
from airflow_provider_orgauth.cache.token_record import from_text, to_text
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.generation import MAX_DIGITS
from airflow_provider_orgauth.oauth.token import Token

MINE, MINE_ELSEWHERE, OTHER = Seal("mine"), Seal("mine"), Seal("another")

opaque = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=60)
tokens = st.builds(
    Token,
    opaque,
    issued_at=st.floats(0, 1e11),
    lifetime=st.floats(0.001, 1e9),
    refresh_token=st.none() | opaque,
    refresh_lifetime=st.none() | st.floats(-1e9, 1e9),
    generation=st.integers(0, 10**MAX_DIGITS - 1),
)


@given(token=tokens)
def test_what_is_written_is_read_back(token):
    assert from_text(MINE.open(MINE.close(to_text(token)))) == token


@given(text=st.text(min_size=8))
def test_a_sealed_text_shows_nothing_and_opens_for_its_own_client_only(text):
    sealed = MINE.close(text)

    assert text not in sealed
    assert MINE_ELSEWHERE.open(sealed) == text
    assert OTHER.open(sealed) is None


def test_any_change_of_the_client_changes_the_seal():
    client = {"token_url": "https://h/t", "client_id": "i", "client_secret": "s", "scope": None}
    sealed = seal_of(OAuthClient(**client)).close("x")

    assert seal_of(OAuthClient(**client)).open(sealed) == "x"
    for name, value in {"token_url": "https://g/t", "client_id": "j", "client_secret": "t", "scope": "u"}.items():
        assert seal_of(OAuthClient(**client | {name: value})).open(sealed) is None


def test_clients_are_filed_apart_and_a_new_secret_in_the_same_place():
    client = {"token_url": "https://h/t", "client_id": "i", "client_secret": "s", "scope": None}
    name = OAuthClient(**client).name

    assert OAuthClient(**client | {"client_secret": "t"}).name == name
    for changed, value in {"token_url": "https://g/t", "client_id": "j", "scope": "u"}.items():
        assert OAuthClient(**client | {changed: value}).name != name


@given(data=st.data())
def test_a_sealed_text_that_was_changed_does_not_open(data):
    sealed = MINE.close("text")
    at = data.draw(st.integers(0, len(sealed) - 1))
    other = data.draw(st.characters().filter(lambda char: char != sealed[at]))
    changed = sealed[:at] + other + sealed[at + 1 :]
    try:
        opened = MINE.open(changed)
    except UnreadableRecordError:
        return
    # The last characters hold spare bits, and both of Base64's alphabets are read.
    same = at > len(sealed) - 4 or {sealed[at], other} in ({"/", "_"}, {"+", "-"})
    assert opened is None or (opened == "text" and same)


@given(sealed=st.none() | st.integers() | st.binary() | st.text() | st.text().map(f"{SEAL_PREFIX}:".__add__))
def test_anything_else_does_not_open(sealed):
    try:
        assert MINE.open(sealed) is None
    except UnreadableRecordError as error:
        said = str(error)
        assert "\n" not in said


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)
fields = st.sampled_from(["access_token", "issued_at", "lifetime", "refresh_token", "refresh_lifetime", "generation"])


@given(changes=st.dictionaries(fields, json_values, max_size=4), token=tokens)
def test_a_strange_record_is_a_usable_token_or_an_error(changes, token):
    record = json.loads(to_text(token)) | changes
    try:
        read = from_text(json.dumps(record))
    except UnreadableRecordError:
        return
    assert read.access_token.isascii()
    assert read.access_token.isprintable()
    read.is_fresh(0.0, 30)
    read.can_refresh(0.0)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e13", "-1e13", "1" + "0" * 400, "true", '"1"', "null"])
@pytest.mark.parametrize("name", ["issued_at", "lifetime"])
def test_a_time_that_is_none_is_an_error(name, number):
    text = to_text(Token("a", issued_at=12.0, lifetime=34.0))
    written = {"issued_at": "12.0", "lifetime": "34.0"}[name]

    with pytest.raises(UnreadableRecordError, match=name):
        from_text(text.replace(written, number))


@pytest.mark.parametrize("number", ["-1", "1.0", "1" + "0" * MAX_DIGITS, "true", '"1"', "null"])
def test_a_generation_that_is_none_is_an_error(number):
    text = to_text(Token("a", issued_at=12.0, lifetime=34.0, generation=56))

    with pytest.raises(UnreadableRecordError, match="generation"):
        from_text(text.replace("56", number))


def test_a_record_of_a_former_version_has_no_generation():
    assert from_text('{"access_token": "a", "issued_at": 1, "lifetime": 2}') == Token("a", 1.0, 2.0)


@pytest.mark.parametrize("text", ["", "x", "[]", "null", "[" * 100_000])
def test_no_record_is_an_error(text):
    with pytest.raises(UnreadableRecordError):
        from_text(text)
