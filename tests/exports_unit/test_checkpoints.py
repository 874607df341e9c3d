"""Where an export stands: saved now and then, for this very export, by a store that may fail."""

import pytest

from airflow_provider_orgauth.exports.checkpoints import EVERY, Checkpoints


class Store:
    """A state store in a dict; ``broken`` makes it fail."""

    def __init__(self):
        self.value = None
        self.saves = 0
        self.broken = False

    def load(self):
        self._perhaps_fail()
        return self.value

    def save(self, state):
        self._perhaps_fail()
        self.saves += 1
        self.value = dict(state)

    def clear(self):
        self._perhaps_fail()
        self.value = None

    def _perhaps_fail(self):
        if self.broken:
            raise ConnectionError("no state: s3cr3t")


@pytest.fixture
def store():
    return Store()


def test_it_saves_every_few_seconds(store):
    now = [0.0]
    checkpoints = Checkpoints(store, purpose="p", timer=lambda: now[0])
    asked = []

    def state():
        asked.append(now[0])
        return {"at": now[0]}

    for tenth in range(1, 100):
        now[0] = tenth / 10
        checkpoints.perhaps_save(state)

    assert asked == [2.0, 4.0, 6.0, 8.0]
    assert EVERY == 2
    assert checkpoints.load() == {"at": 8.0, "purpose": "p"}


def test_what_was_saved_for_another_export_is_not_gone_on_with(store):
    Checkpoints(store, purpose="p").save({"at": 1})

    assert Checkpoints(store, purpose="q").load() is None
    assert Checkpoints(store, purpose="p").load()["at"] == 1
    Checkpoints(store, purpose="p").clear()
    assert Checkpoints(store, purpose="p").load() is None


@pytest.mark.parametrize("odd", ["text", 5, [], {}, {"purpose": None}])
def test_what_is_no_state_is_none(store, odd):
    store.value = odd

    assert Checkpoints(store, purpose="p").load() is None


def test_without_a_store_nothing_is_asked_for():
    checkpoints = Checkpoints(None, purpose="p", timer=iter(range(0, 1000, 100)).__next__)

    assert not checkpoints.kept
    assert not checkpoints.perhaps_save(lambda: pytest.fail("asked"))
    checkpoints.save({})
    checkpoints.clear()
    assert checkpoints.load() is None


def test_a_store_that_fails_is_said_once(store, caplog):
    store.broken = True
    checkpoints = Checkpoints(store, purpose="p")

    assert checkpoints.load() is None
    checkpoints.save({"at": 1})
    checkpoints.clear()
    assert len(caplog.messages) == 1
    assert "may have to begin anew (ConnectionError)" in caplog.text
    assert "s3cr3t" not in caplog.text


def test_a_store_that_fails_is_not_asked_more_often(store):
    store.broken = True
    checkpoints = Checkpoints(store, purpose="p", timer=iter([0, 10, 10, 10.5]).__next__)

    assert checkpoints.perhaps_save(dict)
    assert not checkpoints.perhaps_save(dict)
