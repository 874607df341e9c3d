"""What a try leaves to the next in Airflow's task state store, which anyone may read."""

import json

import pytest

from airflow_provider_orgauth.cache.seal import Seal
from airflow_provider_orgauth.operators.task_state import STATE_KEY, TaskState, task_state

STATE = {"walk": {"request": {"url": "https://h/x?sig=secret"}, "pages": 3}, "landing": {"size": 5}, "purpose": "p"}


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
    assert store[STATE_KEY]["landing"] == {"size": 5}
    assert task_state({"task_state_store": store}, lambda: Seal("a")).load() == STATE


@pytest.mark.parametrize(
    "spoil",
    [
        lambda saved: saved | {"walk": saved["walk"][:-5]},
        lambda saved: saved | {"walk": {"pages": 3}},
        lambda saved: "text",
        lambda saved: None,
    ],
    ids=["cut", "not sealed", "text", "nothing"],
)
def test_what_cannot_be_read_is_not_gone_on_with(store, spoil):
    state = TaskState(store, Seal("a"))
    state.save(STATE)
    store[STATE_KEY] = spoil(store[STATE_KEY])

    assert state.load() is None


def test_another_secret_does_not_open_it(store):
    TaskState(store, Seal("a")).save(STATE)

    assert TaskState(store, Seal("b")).load() is None


def test_what_has_no_walk_is_kept_as_it_is(store):
    state = TaskState(store, Seal("a"))
    state.save({"spooled": {"records": 3}})

    assert state.load() == {"spooled": {"records": 3}}
    state.clear()
    assert state.load() is None


def test_before_3_3_there_is_none():
    assert task_state({}, lambda: pytest.fail("not needed")) is None
