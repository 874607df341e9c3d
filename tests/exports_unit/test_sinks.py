"""Landings that need no server: a folder, and what fsspec has of file systems."""

from __future__ import annotations

import gc
import itertools
from functools import partial
from uuid import uuid4

import pytest
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem
from fsspec_places import KINDS, NAME, ClosingFileSystem, S3Like, Target, in_folder, place_of
from sink_contract import LandingContract, Place, pages, saved, unit

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.exports.cannot_resume import CannotResumeError
from airflow_provider_orgauth.exports.local_sink import LocalSink
from airflow_provider_orgauth.exports.object_sink import ObjectSink
from airflow_provider_orgauth.exports.s3_sink import S3Sink
from airflow_provider_orgauth.exports.sink_choice import sink_of


@pytest.fixture(params=KINDS)
def kind(request) -> str:
    return request.param


@pytest.fixture
def place(kind, tmp_path) -> Place:
    make, fs_class, protocol, landing_class = KINDS[kind]
    place = place_of(*make(tmp_path, fs_class), protocol)
    assert isinstance(place.sink("task"), landing_class)
    return place


class TestContract(LandingContract):
    @pytest.fixture
    def bounded(self, kind) -> bool:
        return kind not in {"closing", "memory"}  # these stores are in this process


@pytest.mark.parametrize("kind", ["renaming", "closing", "dir"])
@pytest.mark.parametrize("damage", ["one is gone", "one is shorter"])
def test_a_unit_that_is_not_as_it_was_cannot_be_resumed(place, tmp_path, damage):
    sink = place.sink("task")
    sink.begin()
    for _ in range(2):
        unit(sink, pages(1))
    state = saved(sink)
    (first,) = (tmp_path / "out" / f".{NAME}.task").glob("*-000001")
    if damage == "one is gone":
        first.unlink()
    else:
        first.write_bytes(first.read_bytes()[:-1])
    with pytest.raises(CannotResumeError, match="is gone" if damage == "one is gone" else "not as it was"):
        place.sink("task").resume(state)


class Death(BaseException):
    """What no code may handle: the nearest thing to a kill in one process."""


def dying(source, after: int):
    yield from itertools.islice(source, after)
    raise Death


@pytest.mark.parametrize("kind", ["renaming", "raising", "closing", "memory"])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_nothing_is_seen_when_a_completion_is_interrupted(place, after):
    """The second of three units cannot be read: the process is stopped from inside."""
    place.put(b"old")
    sink = place.sink("task")
    sink.begin()
    content = b"".join(unit(sink, pages(number)) for number in range(3))
    state = saved(sink)
    sink.written = partial(dying, sink.written(), after)
    with pytest.raises(Death):
        sink.complete()
    del sink
    gc.collect()  # fsspec closes what is collected open
    assert place.content() == b"old"

    heir = place.sink("task")
    heir.resume(state)
    heir.complete()
    assert place.content() == content
    assert place.leftovers() == []


@pytest.mark.parametrize("dies_at", [1, 2])
def test_nothing_is_seen_when_the_store_refuses_a_block(tmp_path, dies_at):
    fs, path = in_folder(tmp_path, ClosingFileSystem)
    place = place_of(fs, path, "abfs")
    sink = place.sink("task")
    sink.begin()
    content = unit(sink, pages(1))
    state = saved(sink)
    fs.dies_at = dies_at
    with pytest.raises(OSError, match="full"):
        sink.complete()
    gc.collect()
    assert place.content() is None

    fs.dies_at = 0
    heir = place.sink("task")
    heir.resume(state)
    heir.complete()
    assert place.content() == content


def test_a_rename_that_is_refused_for_good_leaves_the_older_file(tmp_path):
    class Refusing(LocalFileSystem):
        protocol = "sftp"

        def mv(self, *_, **__):
            raise PermissionError("not here")

    fs, path = in_folder(tmp_path, Refusing)
    place = place_of(fs, path, "sftp")
    place.put(b"old")
    sink = place.sink("task")
    sink.begin()
    sink.write(b"new")
    with pytest.raises(PermissionError):
        sink.complete()
    assert place.content() == b"old"


@pytest.mark.parametrize(
    ("protocol", "path", "problem"),
    [
        ("sftp", "/out/dev*.jsonl", "a pattern"),
        ("sftp", "/out/", "names no file"),
        ("abfs", "container/out/", "names no file"),
        ("s3", "bucket", "names no object"),
        ("s3", "bucket/out/", "names no object"),
    ],
)
def test_a_path_that_names_no_file_is_refused(protocol, path, problem):
    with pytest.raises(ConfigurationError, match=f"output_path: .*{problem}"):
        sink_of(Target(S3Like(), path, protocol), key="task")


@pytest.mark.parametrize("kind", ["renaming", "dir", "memory"])
def test_the_name_of_a_folder_is_refused_at_the_beginning(kind, tmp_path):
    make, fs_class, protocol, _ = KINDS[kind]
    fs, path = make(tmp_path, fs_class)
    fs.makedirs(path)
    sink = sink_of(Target(fs, path, protocol), key="task")
    with pytest.raises(ConfigurationError, match="output_path: is a folder"):
        sink.begin()


def test_a_name_at_the_root_has_its_folder_there():
    path = f"/{uuid4().hex}.jsonl"
    sink = sink_of(Target(MemoryFileSystem(), path, "memory"), key="task")
    sink.begin()
    sink.write(b"a")
    sink.complete()
    assert MemoryFileSystem().cat_file(path) == b"a"


@pytest.mark.parametrize(
    ("protocol", "fs_class", "landing_class"),
    [
        ("", LocalFileSystem, LocalSink),
        ("file", LocalFileSystem, LocalSink),
        ("local", LocalFileSystem, LocalSink),
        ("s3", S3Like, S3Sink),
        ("s3a", S3Like, S3Sink),
        ("s3n", S3Like, S3Sink),
        ("s3", MemoryFileSystem, ObjectSink),
        ("gs", MemoryFileSystem, ObjectSink),
        ("memory", MemoryFileSystem, ObjectSink),
    ],
)
def test_the_protocol_chooses(protocol, fs_class, landing_class):
    sink = sink_of(Target(fs_class(), "bucket/folder/a.jsonl", protocol), key="task")
    assert isinstance(sink, landing_class)


def test_airflows_paths_are_taken(tmp_path):
    from airflow.providers.common.compat.sdk import ObjectStoragePath

    for url in (f"file://{tmp_path}/a/b.jsonl", f"{tmp_path}/c.jsonl"):
        path = ObjectStoragePath(url)
        sink = sink_of(path, key="task")
        sink.begin()
        sink.write(b"a")
        sink.complete()
        assert path.read_bytes() == b"".join(sink.read()) == b"a"
