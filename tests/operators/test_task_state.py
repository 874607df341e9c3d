"""What an attempt leaves to the next in Airflow's task state store, which anyone may read."""

import json
from types import SimpleNamespace

import pytest

from airflow_provider_orgauth.cache.seal import Seal
from airflow_provider_orgauth.exports.cannot_resume import CannotResumeError
from airflow_provider_orgauth.exports.checkpoints import Checkpoints
from airflow_provider_orgauth.operators.task_state import STATE_KEY, TaskState, attempt_of, task_state

STATE = {"position": {"request": {"url": "https://h/x?sig=secret"}, "pages": 3}, "cut": {"bytes": 5}, "purpose": {}}


class Store(dict):
    def set(self, key, value):
        self[key] = json.loads(json.dumps(value))

    def delete(self, key):
        self.pop(key, None)


@pytest.fixture
def store():
    return Store()


def test_it_comes_back_and_shows_no_link(store):
    TaskState(store, Seal("a")).save(STATE)

    assert "secret" not in json.dumps(store)
    assert store[STATE_KEY]["cut"] == {"bytes": 5}
    assert task_state({"task_state_store": store}, lambda: Seal("a")).load() == STATE


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda saved: saved | {"position": saved["position"][:-5]}, "cannot be read: it was cut or changed"),
        (lambda saved: saved | {"position": {"pages": 3}}, "cannot be read: it is not a token record"),
        (lambda saved: "text", "no state of an export"),
    ],
    ids=["cut", "not sealed", "text"],
)
def test_what_cannot_be_read_is_not_gone_on_with(store, spoil, reason):
    state = TaskState(store, Seal("a"))
    state.save(STATE)
    store[STATE_KEY] = spoil(store[STATE_KEY])

    with pytest.raises(CannotResumeError, match=reason):
        Checkpoints(state, purpose={}).load()


def test_another_secret_does_not_open_it(store):
    TaskState(store, Seal("a")).save(STATE)

    with pytest.raises(CannotResumeError, match="the connection's server, client or secret was changed"):
        TaskState(store, Seal("b")).load()


def test_what_has_no_walk_is_kept_as_it_is(store):
    state = TaskState(store, Seal("a"))
    state.save({"spooled": {"records": 3}})

    assert state.load() == {"spooled": {"records": 3}}
    state.clear()
    assert state.load() is None


def test_before_3_3_there_is_none():
    assert task_state({}, lambda: pytest.fail("not needed")) is None


def test_which_attempt_it_is():
    assert attempt_of({"ti": SimpleNamespace(try_number=3)}) == 3
    assert attempt_of({"ti": SimpleNamespace()}) == attempt_of({}) == 1
