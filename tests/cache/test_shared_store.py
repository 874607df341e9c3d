"""A store that is broken costs one warning and never a task."""

import pytest
from listed_texts import SEAL, TOKEN, Texts, generation

from airflow_provider_orgauth.cache.seal import Seal
from airflow_provider_orgauth.cache.shared_lease import SharedLease
from airflow_provider_orgauth.cache.shared_store import SharedStore
from airflow_provider_orgauth.cache.token_record import to_text
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.oauth.token import Token


def test_the_newest_of_several_tokens_wins():
    older, newer = TOKEN, Token("newer", issued_at=200.0, lifetime=300.0)
    store = SharedStore(Texts("t", *(SEAL.close(to_text(token)) for token in (older, newer, older))), SEAL)

    assert store.load() == newer


def test_a_change_of_the_connection_leaves_the_old_token_unused_without_a_word(caplog):
    store = SharedStore(Texts("t", Seal("before").close(to_text(TOKEN))), SEAL)

    assert store.load() is None
    assert caplog.text == ""


@pytest.mark.parametrize(
    "texts",
    [
        Texts("a broken one", failure=RuntimeError("secret-access in here")),
        Texts("a corrupt one", '{"access_token": "secret-access"'),
        Texts("a foreign one", 42),
    ],
    ids=lambda texts: texts.description,
)
def test_trouble_is_said_once_without_its_text(texts, caplog):
    store = SharedStore(texts, SEAL)

    assert [store.load() for _ in range(3)] == [None] * 3
    assert len(caplog.records) == 1
    assert texts.description in caplog.text
    assert "secret-access" not in caplog.text


def test_what_cannot_be_written_is_said_once_and_work_goes_on(caplog):
    texts = Texts("a full one")
    texts.write = lambda text: (_ for _ in ()).throw(OSError("secret-refresh"))
    store = SharedStore(texts, SEAL)

    store.save(TOKEN)
    store.save(TOKEN)
    assert len(caplog.records) == 1
    assert "cannot be written (OSError)" in caplog.text
    assert "secret" not in caplog.text


def test_a_wrong_configuration_is_no_trouble_to_forgive():
    store = SharedStore(Texts("t", failure=ConfigurationError("cache", "is wrong")), SEAL)

    with pytest.raises(ConfigurationError):
        store.load()
    with pytest.raises(ConfigurationError):
        store.save(TOKEN)


def read_back(store, texts, *tokens):
    texts.texts = [SEAL.close(to_text(token)) for token in tokens]
    return store.load()


def test_an_older_token_than_the_saved_one_tells_of_a_store_that_hides_what_is_written(caplog):
    texts = Texts("a shadowed one")
    store = SharedStore(texts, SEAL)
    newer, newest = (Token(name, at, 300.0, generation=g) for name, at, g in (("b", 200.0, 2), ("c", 300.0, 3)))
    store.save(newer)

    assert read_back(store, texts, newer) == newer
    assert read_back(store, texts, newest) == newest
    assert read_back(store, texts, Token("slow", issued_at=150.0, lifetime=300.0)).access_token == "slow"
    assert caplog.text == ""
    assert read_back(store, texts, TOKEN) == TOKEN.without_refresh_token()
    assert "a shadowed one: an older token than the one saved is read back; a secrets backend" in caplog.text


def test_a_text_that_is_hidden_says_what_may_hide_it(caplog):
    SharedStore(Texts("t", "something else"), SEAL).load()

    assert "if it looks right in Airflow, a secrets backend or an environment variable (AIRFLOW_VAR_…)" in caplog.text


@pytest.mark.parametrize("lease", [SharedLease(Texts("l")), None])
def test_a_refresh_token_is_never_in_the_texts(lease):
    texts = Texts("t")
    store = SharedStore(texts, SEAL, lease)

    assert store.save(TOKEN) == TOKEN  # it stays with the process: there is no other place for it
    assert "secret-refresh" not in SEAL.open(texts.texts[0])
    assert store.load() == TOKEN.without_refresh_token()


def test_one_that_a_former_version_left_there_is_not_read():
    assert SharedStore(Texts("t", SEAL.close(to_text(TOKEN))), SEAL).load() == TOKEN.without_refresh_token()


@pytest.mark.parametrize("there", [2, 3])
def test_a_token_of_the_same_generation_or_a_newer_one_is_not_written_over(there):
    texts = Texts("t", SEAL.close(to_text(generation(there))))
    store = SharedStore(texts, SEAL)
    stands = store.save(Token("late", issued_at=999.0, lifetime=300.0, generation=2))

    assert stands == generation(there) == store.load()


def test_an_older_one_is_written_over_whatever_the_clocks_said():
    texts = Texts("t", SEAL.close(to_text(generation(1))))
    store = SharedStore(texts, SEAL)

    assert store.save(generation(2)) == generation(2) == store.load()


def test_a_good_token_wins_over_a_newer_one_that_is_not():
    store = SharedStore(Texts("t", *(SEAL.close(to_text(generation(number))) for number in (1, 3, 2))), SEAL)

    assert store.load(lambda token: token.generation < 3) == generation(2)
    assert store.load(lambda token: False) == generation(3)
