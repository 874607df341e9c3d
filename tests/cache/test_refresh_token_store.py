"""The newest refresh token: in a Variable for all hosts, in a file for this one, in memory at worst."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from variables_in_memory import VariablesInMemory

from airflow_provider_orgauth import compat
from airflow_provider_orgauth.cache.refresh_token_record import refresh_token_from_text, refresh_token_to_text
from airflow_provider_orgauth.cache.seal import UnreadableRecordError, seal_with
from airflow_provider_orgauth.cache.store_choice import refresh_token_store, refresh_tokens_of
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.steps import Lease, RefreshToken

CLIENT = OAuthClient("https://h/t", "id", "a secret", refresh_token="the-first-one")
VISIBLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1)


@pytest.fixture
def variables(monkeypatch):
    variables = VariablesInMemory()
    monkeypatch.setattr(compat, "Variable", variables)
    return variables


def another_process(client=CLIENT):
    refresh_tokens_of.cache_clear()
    return refresh_token_store(client)


def another_host(tmp_path, monkeypatch, name="elsewhere"):
    (tmp_path / name).mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / name))
    return another_process()


def test_a_client_without_one_to_begin_with_has_no_store():
    assert refresh_token_store(OAuthClient("https://h/t", "id", "a secret")) is None


def test_the_first_is_the_newest_until_there_is_another(variables):
    assert another_process().load() == RefreshToken("the-first-one")
    assert variables.texts == {}


def test_another_one_is_there_for_all_hosts(variables, tmp_path, monkeypatch):
    assert another_process().save(RefreshToken("second", 1, "c1")) == ""

    assert another_host(tmp_path, monkeypatch).load() == RefreshToken("second", 1, "c1")


def test_no_text_shows_it(variables):
    another_process().save(RefreshToken("second-refresh-token", 1))

    assert "second-refresh" not in json.dumps(variables.texts)
    assert "the-first-one" not in json.dumps(variables.texts)
    assert "refresh-token" not in repr(RefreshToken("second-refresh-token", 1))


@pytest.mark.parametrize(
    "changed",
    [{"scope": "other"}, {"client_secret": "another"}, {"api_origin": "https://api"}, {"client_auth": "params"}],
)
def test_what_else_is_changed_in_the_connection_keeps_it(variables, changed):
    another_process().save(RefreshToken("second", 1))
    about = {"client_secret": "a secret", "refresh_token": "the-first-one", **changed}

    assert another_process(OAuthClient("https://h/t", "id", **about)).load().text == "second"


@pytest.mark.parametrize(
    "client",
    [
        OAuthClient("https://h/t", "id", "a secret", refresh_token="a-new-first"),
        OAuthClient("https://h/t", "other", "a secret", refresh_token="the-first-one"),
        OAuthClient("https://other/t", "id", "a secret", refresh_token="the-first-one"),
    ],
)
def test_a_new_one_in_the_connection_begins_anew(variables, client):
    another_process().save(RefreshToken("second", 1))

    assert another_process(client).load() == RefreshToken(client.refresh_token)


def test_an_older_one_does_not_replace_a_newer(variables, tmp_path, monkeypatch):
    another_process().save(RefreshToken("third", 2))
    assert another_host(tmp_path, monkeypatch).save(RefreshToken("second", 1)) == ""

    assert another_host(tmp_path, monkeypatch, "third").load().text == "third"


def test_a_text_that_is_put_back_does_not_hide_what_this_host_knows(variables):
    store = another_process()
    store.save(RefreshToken("second", 1))
    former = dict(variables.texts)
    store.save(RefreshToken("third", 2))
    variables.texts.update(former)

    assert another_process().load().text == "third"


def fails(method):
    def before(called, key):
        if called == method and "refresh" in key:
            raise ConnectionError("away")

    return before


def test_where_it_cannot_be_written_the_host_and_the_process_keep_it(variables):
    variables.before = fails("set")
    store = another_process()

    assert "cannot be written (ConnectionError)" in store.save(RefreshToken("second", 1))
    assert store.load().text == "second"
    assert another_process().load().text == "second"


def test_where_nothing_can_be_written_the_process_keeps_it(variables, monkeypatch, tmp_path):
    variables.before = fails("set")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "no such folder"))
    store = another_process()
    store.save(RefreshToken("second", 1))

    assert refresh_token_store(CLIENT) is store
    assert store.load().text == "second"


def test_what_does_not_stay_is_told(variables, monkeypatch):
    monkeypatch.setattr(variables, "set", lambda key, value, description=None: None)

    assert "does not stay" in another_process().save(RefreshToken("second", 1))


def test_unreadable_is_not_missing(variables):
    variables.before = fails("get")

    with pytest.raises(UnreadableRecordError, match=r"orgauth_refresh_.* cannot be read \(ConnectionError\)"):
        another_process().load()


def test_missing_is_believed_at_the_second_look_only(variables):
    another_process().save(RefreshToken("second", 1))
    (key,) = variables.texts
    kept, looks = dict(variables.texts), []

    def flicker(method, which):
        looks.append(which)
        variables.texts = {} if len(looks) == 1 else dict(kept)

    variables.before = flicker
    assert another_process().load().text == "second"
    assert looks == [key, key]


@pytest.mark.parametrize("text", ["", "rubbish", "orgauth2:00:x"])
def test_a_text_that_is_none_is_not_taken_for_missing(variables, text):
    another_process().save(RefreshToken("second", 1))
    (key,) = variables.texts
    variables.texts[key] = text or variables.texts[key][:-9]
    refresh_tokens_of.cache_clear()

    with pytest.raises(UnreadableRecordError, match="cannot be used"):
        another_process().load()


def test_announcements_are_variables_of_their_own(variables):
    store = another_process()

    assert store.sending.write(Lease("5d0e"))
    assert store.sent.write(Lease("5d0f", generation=3))
    assert (store.sending.read(), store.sent.read()) == (Lease("5d0e"), Lease("5d0f", generation=3))
    assert (variables.of("sending"), variables.of("sent")) == ("renewing:5d0e", "renewing:3:5d0f")


@given(VISIBLE, st.integers(0, 10**18 - 1), st.none() | VISIBLE)
def test_a_record_is_read_as_it_was_written(text, generation, claim):
    refresh_token = RefreshToken(text, generation, claim)

    assert refresh_token_from_text(refresh_token_to_text(refresh_token)) == refresh_token


@given(st.text() | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(json.dumps))
def test_any_other_text_is_refused(text):
    with contextlib.suppress(UnreadableRecordError):
        assert refresh_token_from_text(text).text


def test_names_and_fingerprints_of_clients_without_one_are_what_they_were():
    client = OAuthClient("https://h/t", "id", "a secret", scope="s")

    assert client.name == "83b6f016166a9e7a3838a42372b75932"
    assert client.fingerprint == "8cbc29575c0e3d9aab3f1d3455f9de777f3349ac0e40533c8e1b9b0d47dd2350"


def test_a_seal_is_made_of_what_is_random_in_the_first_one():
    one, other = CLIENT, OAuthClient("https://h/t", "id", "a secret", refresh_token="another")

    assert one.family_fingerprint != other.family_fingerprint
    assert seal_with(other.family_fingerprint).open(seal_with(one.family_fingerprint).close("x")) is None
    assert (one.fingerprint != other.fingerprint, one.name == other.name) == (True, True)
