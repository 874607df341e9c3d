"""A file in a folder, where the folder does not play along. What every landing does: landing_contract.py."""

import os
import resource
import signal

import pytest

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.exports.local import LocalLanding
from airflow_provider_orgauth.exports.resuming import CannotResumeError


@pytest.fixture
def file(tmp_path):
    return tmp_path / "a.jsonl"


@pytest.fixture
def full_disk():
    """No file of this process may grow beyond 100 kB, as where there is no more room."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, ignored)


@pytest.mark.parametrize("last", [1, 200_000])
def test_where_the_disk_is_full_nothing_is_left_on_it(file, full_disk, last):
    """What is still in the buffer cannot be written either, and must not keep the part from being removed."""
    landing = LocalLanding(str(file), key="k")
    landing.begin()
    landing.write(b"x" * 100_000)
    landing.cut()
    with pytest.raises(OSError, match="File too large"):
        [landing.write(b"x" * last), landing.cut()]  # the small one waits in a buffer
    landing.write(b"x")

    landing.discard()
    landing.discard()
    assert list(file.parent.iterdir()) == []


@pytest.mark.parametrize("path", ["", ".", "/", "//"])
def test_what_names_no_file(path):
    with pytest.raises(ConfigurationError, match=r"^output_path: names no file"):
        LocalLanding(path, key="k")


@pytest.mark.parametrize("name", ["folder", "folder/"])
def test_a_folder_is_no_file(tmp_path, name):
    (tmp_path / "folder").mkdir()

    with pytest.raises(ConfigurationError, match=r"^output_path: is a folder"):
        LocalLanding(str(tmp_path / name), key="k").begin()
    assert list(tmp_path.rglob("*")) == [tmp_path / "folder"]


def test_it_makes_the_folders_that_are_missing(tmp_path):
    landing = LocalLanding(str(tmp_path / "a" / "b" / "c.jsonl"), key="k")
    landing.begin()
    landing.write(b"x")
    landing.complete()

    assert (tmp_path / "a" / "b" / "c.jsonl").read_bytes() == b"x"


def test_a_part_that_is_shorter_than_it_should_be_is_not_gone_on_with(file):
    landing = LocalLanding(str(file), key="k")
    landing.begin()
    landing.write(b"12345")
    landing.cut()
    saved = landing.save()
    landing._close()  # its process has ended
    part = next(file.parent.iterdir())
    os.truncate(part, 4)

    with pytest.raises(CannotResumeError, match="shorter than it was"):
        LocalLanding(str(file), key="k").resume(saved)
    os.truncate(part, 5)
    LocalLanding(str(file), key="k").resume(saved)
    with pytest.raises(CannotResumeError, match="is gone"):
        LocalLanding(str(file), key="another").resume(saved)


def test_readers_of_the_file_before_keep_it(file):
    file.write_text("before")
    with file.open() as reader:
        landing = LocalLanding(str(file), key="k")
        landing.begin()
        landing.write(b"after")
        landing.complete()

        assert reader.read() == "before"
    assert file.read_text() == "after"


def test_an_earlier_try_that_still_lives_harms_nothing(tmp_path):
    """Airflow has given it up, and its process does not know."""
    path = tmp_path / "a.jsonl"
    old, new = (LocalLanding(str(path), key="k") for _ in range(2))
    old.begin()
    old.write(b"1\n")
    old.cut()
    saved = old.save()

    with pytest.raises(CannotResumeError, match="still runs"):
        new.resume(saved)
    new.begin()
    new.write(b"1\n2\n")
    old.write(b"x" * 100)
    with pytest.raises(FileExistsError, match="Another attempt of this task"):
        old.save()  # a third attempt would go on with a mixture of both
    with pytest.raises(FileExistsError, match="Another attempt of this task"):
        old.complete()
    old.discard()
    new.complete()

    assert path.read_bytes() == b"1\n2\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_and_the_mode_too(tmp_path):
    target, link = tmp_path / "there" / "a.jsonl", tmp_path / "a.jsonl"
    target.parent.mkdir()
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    landing = LocalLanding(str(link), key="k")
    landing.begin()
    landing.write(b"new")
    landing.complete()

    assert link.is_symlink()
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in target.parent.iterdir()] == ["a.jsonl"]


def test_what_is_no_regular_file_is_not_replaced(tmp_path):
    pipe = tmp_path / "a.jsonl"
    os.mkfifo(pipe)

    with pytest.raises(ConfigurationError, match="output_path: is no regular file"):
        LocalLanding(str(pipe), key="k").begin()
