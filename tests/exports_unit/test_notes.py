"""Notes beside the file: in order, and none left behind."""

import fsspec
import pytest

from airflow_provider_orgauth.exports.notes import Notes


@pytest.fixture(params=["file", "memory"])
def place(request, tmp_path):
    """A file system, a folder on it, and what lists all its files."""
    fs = fsspec.filesystem(request.param)
    folder = str(tmp_path) if request.param == "file" else "/notes"
    fs.makedirs(folder, exist_ok=True)
    yield fs, folder, lambda: sorted(fs.find(folder))
    fs.rm(folder, recursive=True)


def test_they_come_back_in_order_and_go_on(place):
    fs, folder, _ = place
    notes = Notes(fs, f"{folder}/a.jsonl", key="k")
    for number in range(12):
        notes.add(b"%d" % number)
    notes.add(b"")

    further = Notes(fs, f"{folder}/a.jsonl", key="k")
    assert list(further.resume(11)) == [b"%d" % number for number in range(11)]
    further.add(b"anew")
    assert list(Notes(fs, f"{folder}/a.jsonl", key="k").resume(12))[-1] == b"anew"
    with pytest.raises(FileNotFoundError):
        list(further.resume(14))


def test_they_are_hidden_and_each_tasks_own(place):
    fs, folder, files = place
    notes, others = (Notes(fs, f"{folder}/a.jsonl", key=key) for key in ("k", "l"))
    notes.add(b"mine")
    others.add(b"theirs")
    assert [name.removeprefix(folder)[:3] for name in files()] == ["/.a", "/.a"]

    notes.discard()
    assert list(others.resume(1)) == [b"theirs"]


@pytest.mark.parametrize("known", [0, 1, 3])
def test_none_is_left_behind_though_nobody_said_how_many_there_are(place, known):
    fs, folder, files = place
    notes = Notes(fs, f"{folder}/a.jsonl", key="k")
    for _ in range(3):
        notes.add(b"x")

    further = Notes(fs, f"{folder}/a.jsonl", key="k")
    list(further.resume(known))
    further.discard()
    further.discard()
    assert files() == []
    assert not fs.exists(f"{folder}/.a.jsonl.k.notes")
