"""Where an export stands: saved now and then, for this very export, by a store that may fail."""

import pytest

from airflow_provider_orgauth import __version__
from airflow_provider_orgauth.exports.cannot_resume import CannotResumeError
from airflow_provider_orgauth.exports.checkpoints import SAVE_INTERVAL_SECONDS, Checkpoints

P = {"endpoint": "e", "params": "p"}


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
    checkpoints = Checkpoints(store, purpose=P, timer=lambda: now[0])
    due = []
    for tenth in range(1, 100):
        now[0] = tenth / 10
        if checkpoints.is_due:
            due.append(now[0])
            assert checkpoints.save({"at": now[0]})

    assert due == [2.0, 4.0, 6.0, 8.0]
    assert SAVE_INTERVAL_SECONDS == 2
    assert checkpoints.load() == {"at": 8.0, "purpose": P, "version": f"{__version__}/2"}


def test_what_was_saved_for_another_export_is_not_gone_on_with(store):
    Checkpoints(store, purpose=P).save({"at": 1})

    for other in ({"endpoint": "e", "params": "q"}, {"endpoint": "e"}, P | {"fields": "f"}):
        changed = "fields" if "fields" in other else "params"
        with pytest.raises(CannotResumeError, match=rf"had other arguments \({changed}\)"):
            Checkpoints(store, purpose=other).load()
    assert Checkpoints(store, purpose=P).load()["at"] == 1
    Checkpoints(store, purpose=P).clear()
    assert Checkpoints(store, purpose=P).load() is None


@pytest.mark.parametrize("version", ["0.0.1", __version__, f"{__version__}/1"])
def test_what_another_version_saved_is_not_gone_on_with(store, version):
    Checkpoints(store, purpose=P).save({"at": 1})
    store.value["version"] = version

    with pytest.raises(CannotResumeError, match="another version"):
        Checkpoints(store, purpose=P).load()


@pytest.mark.parametrize("odd", ["text", 5, [], {}, {"version": __version__}, {"version": __version__, "purpose": "p"}])
def test_what_is_no_state_is_not_gone_on_with(store, odd):
    store.value = odd

    with pytest.raises(CannotResumeError):
        Checkpoints(store, purpose=P).load()


def test_a_later_attempt_says_why_it_finds_nothing(store):
    with pytest.raises(CannotResumeError, match=r"Airflow 3\.3 keeps it"):
        Checkpoints(None, purpose=P, attempt=2).load()
    with pytest.raises(CannotResumeError, match="no earlier attempt has left"):
        Checkpoints(store, purpose=P, attempt=2).load()
    assert Checkpoints(None, purpose=P).load() is None
    assert Checkpoints(store, purpose=P).load() is None


def test_without_a_store_nothing_is_asked_for():
    checkpoints = Checkpoints(None, purpose=P, timer=iter(range(0, 1000, 100)).__next__)

    assert not checkpoints.kept
    assert not checkpoints.is_due
    assert not checkpoints.save({})
    checkpoints.clear()
    assert checkpoints.load() is None


def test_a_store_that_fails_is_said_once(store, caplog):
    store.broken = True
    checkpoints = Checkpoints(store, purpose=P)

    with pytest.raises(CannotResumeError, match=r"could not be read \(ConnectionError\)"):
        checkpoints.load()
    assert not checkpoints.save({"at": 1})
    checkpoints.clear()
    with checkpoints.forgiving():
        raise OSError
    assert len(caplog.messages) == 1
    assert "may have to start anew (ConnectionError)" in caplog.text
    assert "s3cr3t" not in caplog.text


def test_a_store_that_fails_is_not_asked_more_often(store):
    store.broken = True
    checkpoints = Checkpoints(store, purpose=P, timer=iter([0, 10, 10, 10.5, 20, 20, 21]).__next__)

    assert checkpoints.is_due
    assert not checkpoints.save({})
    assert not checkpoints.is_due
    assert checkpoints.is_due
    with checkpoints.forgiving():
        raise OSError  # what was to be saved with it could not be written
    assert not checkpoints.is_due
