"""A file in a folder, where the folder does not play along. What every sink does: sink_contract.py."""

import errno
import fcntl
import hashlib
import os
import re
import resource
import shutil
import signal

import pytest
from forked import in_child

from airflow_provider_orgauth.exceptions import ConfigurationError, FileChangedError
from airflow_provider_orgauth.exports.cannot_resume import CannotResumeError
from airflow_provider_orgauth.exports.hidden_file import this_boot
from airflow_provider_orgauth.exports.local_sink import LocalSink


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
    sink = LocalSink(str(file), key="k")
    sink.begin()
    sink.write(b"x" * 100_000)
    sink.cut()
    with pytest.raises(OSError, match="File too large"):
        [sink.write(b"x" * last), sink.cut()]  # the small one waits in a buffer
    sink.write(b"x")

    sink.discard()
    sink.discard()
    assert list(file.parent.iterdir()) == []


@pytest.mark.parametrize("path", ["", ".", "/", "//"])
def test_what_names_no_file(path):
    with pytest.raises(ConfigurationError, match=r"^output_path: names no file"):
        LocalSink(path, key="k")


@pytest.mark.parametrize("name", ["folder", "folder/"])
def test_a_folder_is_no_file(tmp_path, name):
    (tmp_path / "folder").mkdir()

    with pytest.raises(ConfigurationError, match=r"^output_path: is a folder"):
        LocalSink(str(tmp_path / name), key="k").begin()
    assert list(tmp_path.rglob("*")) == [tmp_path / "folder"]


def test_it_makes_the_folders_that_are_missing(tmp_path):
    sink = LocalSink(str(tmp_path / "a" / "b" / "c.jsonl"), key="k")
    sink.begin()
    sink.write(b"x")
    sink.complete()

    assert (tmp_path / "a" / "b" / "c.jsonl").read_bytes() == b"x"


def test_a_part_that_is_shorter_than_it_should_be_is_not_gone_on_with(file):
    sink = LocalSink(str(file), key="k")
    sink.begin()
    sink.write(b"12345")
    sink.cut()
    saved = sink.save()
    sink.leave()
    part = next(file.parent.iterdir())
    os.truncate(part, 4)

    with pytest.raises(CannotResumeError, match="shorter than it was"):
        LocalSink(str(file), key="k").resume(saved)
    os.truncate(part, 5)
    LocalSink(str(file), key="k").resume(saved)
    with pytest.raises(CannotResumeError, match="is gone"):
        LocalSink(str(file), key="another").resume(saved)


def test_readers_of_the_file_before_keep_it(file):
    file.write_text("before")
    with file.open() as reader:
        sink = LocalSink(str(file), key="k")
        sink.begin()
        sink.write(b"after")
        sink.complete()

        assert reader.read() == "before"
    assert file.read_text() == "after"


def begun(file, content=b"") -> LocalSink:
    sink = LocalSink(str(file), key="k")
    sink.begin()
    sink.write(content)
    sink.cut()
    return sink


def part_of(file):
    """The one hidden file beside it."""
    return next(file.parent.glob(f".{file.name}.k.*.part"))


def begun_and_died(file, content) -> None:
    """Leave what a process leaves that is killed: its hidden file, and no lock."""
    in_child(lambda: bool(begun(file, content)))


def test_each_attempt_has_a_file_of_its_own_and_the_last_one_wins(file):
    """Airflow has given the first one up, and its process does not know."""
    old = begun(file, b"1\n")
    new = LocalSink(str(file), key="k")
    with pytest.raises(CannotResumeError, match="still runs"):
        new.resume(old.save())
    new.begin()
    new.write(b"1\n2\n")
    old.write(b"3\n")
    old.cut()
    old.save()

    new.complete()
    assert file.read_bytes() == b"1\n2\n"
    old.complete()
    assert file.read_bytes() == b"1\n3\n"
    assert new.overlap is None
    assert old.overlap == "another file got this name while this one was made, and is replaced by it"
    assert list(file.parent.iterdir()) == [file]


def test_what_has_just_got_its_name_is_not_gone_on_with(file):
    """Its hidden file was opened before that, and is not locked any more: cut to size would be the final file."""
    old = begun(file, b"1\n")
    saved = old.save()
    old.write(b"2\n")

    class Opened(LocalSink):
        def _require_file(self, *arguments):
            old.complete()
            return super()._require_file(*arguments)

    with pytest.raises(CannotResumeError, match="another attempt has just completed"):
        Opened(str(file), key="k").resume(saved)
    assert file.read_bytes() == b"1\n2\n"


def _elsewhere(monkeypatch, saved):
    return {**saved, "boot": "another host's"}


def _without_locks(monkeypatch, saved):
    def refuses(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuses)
    return saved


@pytest.mark.parametrize("happens", [_elsewhere, _without_locks])
def test_where_no_lock_says_that_the_earlier_one_has_ended_it_is_copied(file, monkeypatch, happens):
    """That one may live, on a host whose locks are not seen here, and write on."""
    old = begun(file, b"1\n")
    saved = happens(monkeypatch, old.save())
    old.write(b"x" * 10_000)
    old._file.flush()
    if happens is _elsewhere:
        fcntl.flock(old._file, fcntl.LOCK_UN)
    new = LocalSink(str(file), key="k")
    new.resume(saved)
    assert b"".join(new.written()) == b"1\n"
    new.write(b"2\n")
    new.cut()
    assert new.save()["file"] != saved["file"]
    old.write(b"y" * 10_000)
    old._file.flush()
    new.complete()
    old.write(b"z" * 10_000)
    old._file.flush()

    assert file.read_bytes() == b"1\n2\n"
    old.discard()
    assert list(file.parent.iterdir()) == [file]


def test_without_locks_what_nobody_has_written_to_for_long_is_tidied_up(file, monkeypatch):
    _without_locks(monkeypatch, None)
    dead, alive = begun(file), begun(file, b"1\n")
    assert len(list(file.parent.iterdir())) == 2
    hour_ago = os.stat(dead._partial).st_mtime - 3600
    os.utime(dead._partial, (hour_ago, hour_ago))

    new = begun(file)
    assert not dead._partial.exists()
    with pytest.raises(FileChangedError, match="was removed"):
        dead.save()
    for sink in (new, alive):
        sink.complete()
    assert file.read_bytes() == b"1\n"


def test_what_the_dead_have_left_goes_and_nothing_else(file, tmp_path):
    for content in (b"1", b"2"):
        begun_and_died(file, content)
    former = tmp_path / ".a.jsonl.k.part"
    former.write_bytes(b"an earlier version's")
    others = [".a.jsonl.kk.0123456789ab.part", ".a.jsonl.k.notes.part", ".b.jsonl.k.0123456789ab.part"]
    for name in others:
        (tmp_path / name).write_bytes(b"another's")
    (tmp_path / "target").write_bytes(b"not ours")
    link, pipe = tmp_path / ".a.jsonl.k.0123456789ab.part", tmp_path / ".a.jsonl.k.ba9876543210.part"
    link.symlink_to(tmp_path / "target")
    os.mkfifo(pipe)
    alive = begun(file)
    assert len(list(tmp_path.iterdir())) == len(others) + 4

    begun(file, b"3").complete()
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {*others, "target", link.name, pipe.name, alive._partial.name, "a.jsonl"}
    for planted in (link, pipe):
        with pytest.raises(CannotResumeError):
            LocalSink(str(file), key="k").resume({"file": planted.name, "size": 0, "boot": this_boot()})


@pytest.mark.parametrize("name", [None, "", "/etc/passwd", "../a", "a.jsonl", ".a.jsonl.other.0123456789ab.part"])
def test_a_saved_name_that_is_no_hidden_file_of_this_task_is_not_opened(file, name):
    file.write_bytes(b"final")
    with pytest.raises(CannotResumeError, match="is gone"):
        LocalSink(str(file), key="k").resume({"file": name, "size": 1, "boot": this_boot()})


def _rewrite(part):
    with part.open("r+b") as other:
        other.write(b"X")


@pytest.mark.parametrize(
    ("happens", "problem"),
    [
        (lambda part: os.truncate(part, 0), "has 6 bytes, and 12 were written to it"),
        (lambda part: os.truncate(part, 20), "has 26 bytes, and 12 were written to it"),
        (_rewrite, "does not hold what was written to it"),
        (lambda part: part.unlink(), "was removed"),
        (lambda part: shutil.rmtree(part.parent), "was removed, or the folder that it is in"),
        (lambda part: part.parent.rename(part.parent.with_name("moved")), "was removed, or the folder"),
        (lambda part: [part.unlink(), part.write_bytes(b"other")], "was replaced"),
    ],
    ids=["cut short", "longer", "written to", "removed", "folder removed", "folder moved", "replaced"],
)
@pytest.mark.parametrize("older", [None, b"before"])
def test_what_somebody_else_does_to_the_hidden_file_is_said_and_the_name_keeps_what_it_had(
    tmp_path, happens, problem, older
):
    file = tmp_path / "out" / "a.jsonl"
    file.parent.mkdir()
    if older:
        file.write_bytes(older)
    sink = begun(file, b"first\n")
    happens(part_of(file))
    sink.write(b"last.\n")

    with pytest.raises(FileChangedError, match=re.escape(problem)):
        sink.complete(sha256=hashlib.sha256(b"first\nlast.\n").hexdigest())
    sink.discard()
    assert (file.read_bytes() if file.exists() else None) == (older if file.parent.exists() else None)
    begun(file, b"anew").complete()
    assert file.read_bytes() == b"anew"


def test_what_is_written_to_long_before_the_end_is_seen(file):
    """A file of many steps to the disk: each is read back when it is there."""
    sink = LocalSink(str(file), key="k")
    sink.begin()
    digest = hashlib.sha256()
    for turn in range(40):
        data = bytes([turn]) * 1_000_000
        digest.update(data)
        sink.write(data)
        if turn == 5:
            sink.cut()
            _rewrite(part_of(file))
        if turn % 2:
            sink.cut()

    with pytest.raises(FileChangedError, match="does not hold what was written"):
        sink.complete(sha256=digest.hexdigest())
    assert not file.exists()


def test_what_the_disk_has_refused_is_not_gone_on_with(file, monkeypatch):
    """What is read there comes from memory, and need not be on the disk."""
    sink = begun(file, b"1\n")
    sink.save()

    def refuses(_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", refuses)
    with pytest.raises(OSError, match=str(part_of(file))):
        sink.complete()
    sink.leave()

    assert list(file.parent.iterdir()) == []


def test_a_link_stays_and_the_mode_too(tmp_path):
    target, link = tmp_path / "there" / "a.jsonl", tmp_path / "a.jsonl"
    target.parent.mkdir()
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    sink = LocalSink(str(link), key="k")
    sink.begin()
    sink.write(b"new")
    sink.complete()

    assert link.is_symlink()
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in target.parent.iterdir()] == ["a.jsonl"]


def test_what_is_no_regular_file_is_not_replaced(tmp_path):
    pipe = tmp_path / "a.jsonl"
    os.mkfifo(pipe)

    with pytest.raises(ConfigurationError, match="output_path: is no regular file"):
        LocalSink(str(pipe), key="k").begin()
