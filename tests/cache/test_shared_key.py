"""The shared token is sealed with a key of its own; whatever becomes of that key costs a token request, and no task."""

from __future__ import annotations

import contextlib
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth import compat
from airflow_provider_orgauth.cache.seal import Seal, UnreadableRecordError
from airflow_provider_orgauth.cache.shared_key import SharedKey, new_key
from airflow_provider_orgauth.cache.shared_lease import SharedLease
from airflow_provider_orgauth.cache.shared_seal import SharedSeal
from airflow_provider_orgauth.cache.shared_store import SharedStore
from airflow_provider_orgauth.cache.store_choice import shared_store
from airflow_provider_orgauth.cache.token_record import to_text
from airflow_provider_orgauth.cache.variable_text import UndecryptedVariableError
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.store import Reach
from airflow_provider_orgauth.oauth.token import Token

SEAL = Seal("now")


def generation(number):
    return Token(f"token-{number}", issued_at=100.0, lifetime=300.0, generation=number)


class Place:
    """A Variable: one text that all see, each look at it counted."""

    def __init__(self, description):
        self.description, self.text, self.reads, self.writes, self.hidden_by = description, None, 0, [], None
        self.failure = {"read": None, "write": None}

    def read(self):
        self.reads += 1
        if self.failure["read"]:
            raise self.failure["read"]
        shown = self.text if self.hidden_by is None else self.hidden_by
        if shown is not None:
            yield shown

    def write(self, text):
        if self.failure["write"]:
            raise self.failure["write"]
        self.text = text
        self.writes.append(text)


class Fleet:
    """Two Variables, and processes that know nothing of each other."""

    def __init__(self):
        self.shared, self.key = Place("the Variable shared"), Place("the Variable key")

    def process(self):
        return SharedStore(self.shared, SharedSeal(SEAL, SharedKey(self.key)))

    def reads(self, look):
        """Return what came of a look, and how often it read which of the two."""
        before = self.shared.reads, self.key.reads
        result = look()
        return result, self.shared.reads - before[0], self.key.reads - before[1]


@pytest.fixture
def fleet():
    return Fleet()


@pytest.fixture
def saved(fleet):
    """A process that has saved the first token."""
    process = fleet.process()
    process.save(generation(1))
    return process


def test_what_one_saves_the_others_read_and_the_key_is_made_once(fleet, saved):
    others = [fleet.process() for _ in range(3)]
    for number, process in enumerate([*others, saved], start=2):
        assert process.load() == generation(number - 1)
        process.save(generation(number))

    assert len(fleet.key.writes) == 1
    assert len(fleet.shared.writes) == 5


def test_the_key_is_there_before_the_text(fleet):
    fleet.shared.failure["write"] = OSError()
    fleet.process().save(generation(1))

    assert fleet.key.text is not None
    assert fleet.shared.text is None


def test_a_look_costs_one_read_and_the_first_one_two(fleet, saved):
    cold = fleet.process()

    assert fleet.reads(cold.load) == (generation(1), 1, 1)
    assert fleet.reads(cold.load) == (generation(1), 1, 0)
    assert fleet.reads(saved.load) == (generation(1), 1, 0)


def test_a_look_at_nothing_or_at_something_else_does_not_ask_for_the_key(fleet):
    for text in (None, "something else", "orgauth1:", Seal("another").with_key(new_key()).close("x"), 42):
        fleet.shared.text = text

        assert fleet.reads(fleet.process().load) == (None, 1, 0)


@pytest.mark.parametrize("secret", ["now", "another"])
def test_a_text_opens_with_the_secret_and_the_key_only(fleet, saved, secret):
    seal, sealed = Seal(secret), fleet.shared.text

    assert "token-1" not in sealed
    for with_key in (seal, seal.with_key(new_key()), seal.with_key("")):
        with contextlib.suppress(UnreadableRecordError):
            assert with_key.open(sealed) is None
    assert (seal.with_key(fleet.key.text).open(sealed) is None) == (secret == "another")


def test_who_has_the_key_and_not_the_secret_can_make_no_text(fleet, saved):
    other = Seal("another")
    forged = other.with_key(fleet.key.text).close(to_text(generation(9))).replace(other.mark, SEAL.mark)

    with pytest.raises(UnreadableRecordError):
        SEAL.with_key(fleet.key.text).open(forged)


def test_a_key_that_another_has_replaced_is_read_once_more(fleet, saved):
    fleet.key.text = new_key()
    fleet.process().save(generation(2))

    assert fleet.reads(saved.load) == (generation(2), 1, 1)
    assert fleet.reads(saved.load) == (generation(2), 1, 0)


@pytest.mark.parametrize(
    "value", [None, "", "key1:", f"key1:{'a' * 44}", f" key1:{'a' * 43}=", f"key2:{'a' * 43}=", 42]
)
def test_a_key_that_is_gone_or_malformed_is_made_anew_by_whoever_saves(fleet, saved, value, caplog):
    fleet.key.text = value
    cold = fleet.process()

    assert fleet.reads(cold.load) == (None, 1, 1)
    assert saved.load() == generation(1)  # who remembers the key goes on
    assert len(fleet.key.writes) == 1  # who only looks makes none
    cold.save(generation(2))
    assert len(fleet.key.writes) == 2
    assert saved.load() == fleet.process().load() == generation(2)
    [record] = caplog.records
    assert "it was cut or changed, or the Variable key is another one" in record.getMessage()


def test_a_deleted_key_does_not_live_on_in_one_process(fleet, saved):
    first, fleet.key.text = fleet.key.text, None
    saved.save(generation(2))

    assert fleet.key.text not in (None, first)
    assert fleet.process().load() == generation(2)


def test_a_key_that_somebody_gave_is_used(fleet):
    given_key = new_key()
    fleet.key.hidden_by = given_key
    fleet.process().save(generation(1))

    assert fleet.key.writes == []
    assert fleet.process().load() == generation(1)


def test_a_key_that_is_hidden_is_of_no_use_and_the_text_stays_as_it_was(fleet, caplog):
    fleet.key.hidden_by = "something else"
    process = fleet.process()
    assert [process.save(generation(number)) for number in (1, 2)] == [generation(1), generation(2)]

    assert fleet.shared.writes == []
    [record] = caplog.records
    assert "its key, the Variable key, does not stay there; a secrets backend" in record.getMessage()
    assert not any(key in caplog.text for key in fleet.key.writes)


@pytest.mark.parametrize(
    ("what", "said"), [("read", "cannot be read (OSError)"), ("write", "cannot be written (OSError)")]
)
def test_a_key_out_of_reach_costs_one_warning(fleet, what, said, caplog):
    fleet.key.failure[what] = OSError("secret")
    process = fleet.process()
    for number in (1, 2, 3):
        assert process.save(generation(number)) == generation(number)
        assert process.load() is None

    [record] = caplog.records
    assert f"its key, the Variable key, {said}" in record.getMessage()
    assert "secret" not in caplog.text


def test_a_key_that_cannot_be_read_leaves_the_text_unread(fleet, saved, caplog):
    fleet.key.failure["read"] = OSError()

    assert saved.load() == generation(1)
    assert fleet.process().load() is None
    assert "what it holds cannot be used (its key, the Variable key, cannot be read (OSError))" in caplog.text


def test_a_key_that_cannot_be_decrypted_is_made_anew(fleet, saved):
    fleet.key.failure["read"] = UndecryptedVariableError()
    assert fleet.process().load() is None
    write = fleet.key.write

    def written(text):
        fleet.key.failure["read"] = None
        write(text)

    fleet.key.write = written
    saved.save(generation(2))

    assert len(fleet.key.writes) == 2
    assert fleet.process().load() == generation(2)


def test_it_tells_how_far_hosts_can_share(fleet, saved):
    key = fleet.key.text
    store = SharedStore(fleet.shared, SharedSeal(SEAL, SharedKey(fleet.key)), SharedLease(Place("the lease")))
    for text, reach in ((new_key(), Reach.NONE), (key, Reach.WHOLE)):
        fleet.key.text = text
        store.load()
        assert store.reach is reach


def test_of_two_who_make_a_key_at_once_one_stands(fleet):
    """The other one's write comes between the first one's look and its own."""
    others = new_key()

    def written_over(text):
        fleet.key.text = others

    fleet.key.write = written_over
    fleet.process().save(generation(1))

    assert fleet.process().load() == generation(1)
    assert SEAL.with_key(others).open(fleet.shared.text)


def test_a_write_that_failed_because_another_was_faster_is_no_trouble(fleet, caplog):
    def refused(text):
        fleet.key.text = new_key()
        raise RuntimeError("duplicate key")

    fleet.key.write = refused
    fleet.process().save(generation(1))

    assert fleet.process().load() == generation(1)
    assert caplog.text == ""


def test_a_read_that_is_a_little_behind_is_no_trouble(fleet, caplog):
    key = []
    fleet.key.write = key.append
    fleet.process().save(generation(1))
    fleet.key.text = key[0]

    assert fleet.process().load() == generation(1)
    assert caplog.text == ""


def test_two_processes_cannot_have_one_key_by_chance():
    assert len({new_key() for _ in range(100)}) == 100


acts = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["save", "load"]), st.integers(0, 3)),
        st.tuples(st.sampled_from(["text", "key"]), st.integers(0, 20)),
        st.tuples(st.just("restore"), st.integers(0, 20)),
        st.tuples(st.just("wipe"), st.sampled_from(["shared", "key", "both"])),
        st.tuples(st.just("write over"), st.sampled_from(["", "key1:", "orgauth2:", "\udcff"])),
        st.tuples(st.just("fail"), st.sampled_from(["read", "write", None])),
        st.tuples(st.just("cold"), st.integers(0, 3)),
    ),
    max_size=40,
)


@given(acts=acts)
def test_texts_and_keys_that_come_again_in_any_order_never_give_anything_but_a_token_that_was_saved(acts):
    fleet = Fleet()
    processes = [fleet.process() for _ in range(4)]
    number = 0
    for what, which in acts:
        match what:
            case "save":
                number += 1
                stands = processes[which].save(generation(number))
                assert stands == generation(stands.generation)
            case "load":
                found, shared, key = fleet.reads(processes[which].load)
                assert found is None or found == generation(found.generation)
                assert found is None or found.generation <= number
                assert (shared, key) in ((1, 0), (1, 1))
            case "text" | "key":
                place = fleet.shared if what == "text" else fleet.key
                place.text = place.writes[which % len(place.writes)] if place.writes else None
            case "restore":
                for place in (fleet.shared, fleet.key):
                    place.text = place.writes[min(which, len(place.writes) - 1)] if place.writes else None
            case "wipe":
                for name in ("shared", "key") if which == "both" else (which,):
                    getattr(fleet, name).text = None
            case "write over":
                fleet.key.text = which
            case "fail":
                fleet.key.failure = {"read": None, "write": None, which: which and OSError()}
            case "cold":
                processes[which] = fleet.process()
    # Whatever came before: one who saves, and all read it.
    fleet.key.failure = {"read": None, "write": None}
    number += 1
    stands = processes[0].save(generation(number))
    assert stands == generation(number)
    assert [process.load() for process in (*processes, fleet.process())] == [stands] * 5
    keys = len(fleet.key.writes)
    for process in processes:
        number += 1
        process.save(generation(number))
    assert len(fleet.key.writes) == keys
    assert fleet.process().load() == generation(number)


def test_a_text_of_the_former_kind_is_not_read(fleet, saved):
    fleet.shared.text = SEAL.close(to_text(generation(9)))

    assert saved.load() is None


class Variables:
    """Airflow's, in a dictionary."""

    def __init__(self):
        self.texts, self.gets = {}, []

    def get(self, key, default):
        self.gets.append(key)
        return self.texts.get(key, default)

    def set(self, key, value, description):
        self.texts[key] = value


@pytest.fixture
def variables(monkeypatch):
    monkeypatch.setattr(compat, "Variable", Variables(), raising=False)
    return compat.Variable


def test_airflow_masks_the_variable_of_the_key_and_not_the_one_whose_text_changes(variables):
    should_hide = sys.modules[compat.secrets_masker.__module__].should_hide_value_for_key
    shared_store("variable", OAuthClient("https://h/t", "id", "a secret")).save(generation(1))

    assert len(variables.texts) == 2
    for name, text in variables.texts.items():
        assert should_hide(name) == text.startswith("key1:")


def test_a_process_remembers_the_key_for_all_its_hooks(variables):
    client = OAuthClient("https://h/t", "id", "another secret")
    shared_store("variable", client).save(generation(1))
    variables.gets.clear()

    assert shared_store("variable", client).load() is not None
    assert len(variables.gets) == 1
