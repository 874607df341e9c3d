"""Side files beside the file: in order, and none left behind."""

import fsspec
import pytest

from airflow_provider_orgauth.exports.cannot_resume import CannotResumeError
from airflow_provider_orgauth.exports.side_files import SideFiles


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
    side_files = SideFiles(fs, f"{folder}/a.jsonl", key="k", kind="tail")
    for number in range(12):
        side_files.add(b"%d" % number)
    side_files.add(b"")

    saved = side_files.to_dict()
    side_files.add(b"not saved")

    further = SideFiles(fs, f"{folder}/a.jsonl", key="k", kind="tail")
    assert list(further.resume(saved)) == [b"%d" % number for number in range(12)]
    further.add(b"anew")
    again = SideFiles(fs, f"{folder}/a.jsonl", key="k", kind="tail")
    assert list(again.resume(further.to_dict())) == [b"%d" % number for number in range(12)] + [b"anew"]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda fs, name: fs.rm_file(name), "is gone"),
        (lambda fs, name: fs.pipe_file(name, b"thin"), "is not as it was"),
        (lambda fs, name: fs.pipe_file(name, b"thyme"), "is not as it was"),
        (lambda fs, name: fs.pipe_file(name, b""), "is not as it was"),
    ],
    ids=["gone", "shorter", "other", "empty"],
)
@pytest.mark.parametrize("which", [1, 3])
def test_what_is_not_as_it_was_is_not_gone_on_with(place, spoil, reason, which):
    """An attempt that was given up and still runs writes under the same names; a machine may lose power."""
    fs, folder, files = place
    side_files = SideFiles(fs, f"{folder}/a.jsonl", key="k", kind="tail")
    for _ in range(3):
        side_files.add(b"three")
    spoil(fs, files()[which - 1])

    with pytest.raises(CannotResumeError, match=reason):
        list(SideFiles(fs, f"{folder}/a.jsonl", key="k", kind="tail").resume(side_files.to_dict()))


def test_what_counts_no_more_goes_once_no_state_needs_it(place):
    fs, folder, files = place
    side_files = SideFiles(fs, f"{folder}/a.jsonl", key="k", kind="tail")

    def numbers():
        return [int(name[-6:]) for name in files()]

    side_files.add(b"1")
    side_files.prune(saved=True)
    side_files.add(b"2")
    side_files.prune(saved=False)
    side_files.restart()
    side_files.prune(saved=False)  # the state that was saved after 1 still stands; 2 nobody knows of
    assert numbers() == [1]
    side_files.add(b"3")
    side_files.prune(saved=True)
    assert numbers() == [3]
    assert list(SideFiles(fs, f"{folder}/a.jsonl", key="k", kind="tail").resume(side_files.to_dict())) == [b"3"]


def test_they_are_hidden_and_each_tasks_own(place):
    fs, folder, files = place
    side_files, others = (SideFiles(fs, f"{folder}/a.jsonl", key=key, kind="tail") for key in ("k", "l"))
    side_files.add(b"mine")
    others.add(b"theirs")
    assert [name.removeprefix(folder)[:3] for name in files()] == ["/.a", "/.a"]

    side_files.discard()
    assert list(others.resume(others.to_dict())) == [b"theirs"]


@pytest.mark.parametrize("known", [0, 1, 3])
def test_none_is_left_behind_though_nobody_said_how_many_there_are(place, known):
    fs, folder, files = place
    side_files = SideFiles(fs, f"{folder}/a.jsonl", key="k", kind="tail")
    saved = {0: side_files.to_dict()}
    for number in range(1, 4):
        side_files.add(b"x")
        saved[number] = side_files.to_dict()

    further = SideFiles(fs, f"{folder}/a.jsonl", key="k", kind="tail")
    list(further.resume(saved[known]))
    further.discard()
    further.discard()
    assert files() == []
    assert not fs.exists(f"{folder}/.a.jsonl.k.tail")


def test_a_folder_that_another_attempt_has_tidied_up_is_made_again(place):
    fs, folder, _ = place
    side_files = SideFiles(fs, f"{folder}/a.jsonl", key="k", kind="tail")
    side_files.add(b"one")
    SideFiles(fs, f"{folder}/a.jsonl", key="k", kind="tail").discard()
    side_files.restart()

    side_files.add(b"two")

    again = SideFiles(fs, f"{folder}/a.jsonl", key="k", kind="tail")
    assert list(again.resume(side_files.to_dict())) == [b"two"]
