"""Landings that need no server: a folder, and what fsspec has of file systems."""

from __future__ import annotations

import gc
import itertools
import os
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from fsspec.implementations.dirfs import DirFileSystem
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem
from fsspec.spec import AbstractBufferedFile
from landing_contract import LandingContract, Place, pages, saved, unit

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.exports.local import LocalLanding
from airflow_provider_orgauth.exports.objects import ObjectLanding
from airflow_provider_orgauth.exports.resuming import CannotResumeError
from airflow_provider_orgauth.exports.s3 import S3Landing
from airflow_provider_orgauth.exports.targets import landing_of

NAME = "devices.jsonl"


class Target:
    """What landing_of() uses of a path."""

    def __init__(self, fs, path: str, protocol: str) -> None:
        self.fs, self.path, self.protocol = fs, path, protocol


class ClosingFile(AbstractBufferedFile):
    """Sends its blocks as they fill; they become a file when the last one comes, which is when it is closed."""

    def _initiate_upload(self):
        self.blocks = []

    def _upload_chunk(self, final=False):
        self.blocks.append(self.buffer.getvalue())
        if self.fs.dies_at == len(self.blocks):
            raise OSError("the store is full")
        if final:
            with Path(self.path).open("wb") as file:
                file.writelines(self.blocks)
        return True


class ClosingFileSystem(LocalFileSystem):
    """A folder that behaves like a store of objects: what is written is seen once it is closed."""

    protocol = "abfs"
    dies_at = 0

    def _open(self, path, mode="rb", block_size=None, **kwargs):
        if mode != "wb":
            return super()._open(path, mode, block_size, **kwargs)
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        return ClosingFile(self, path, mode, block_size)

    def mv(self, *_, **__):
        raise AssertionError("what has its name need not be renamed")


class StubbornFileSystem(LocalFileSystem):
    """A folder in which no name can be changed to one that is taken: SMB raises, WebHDFS says nothing."""

    protocol = "smb"
    raises = True

    def mv(self, path1, path2, **kwargs):
        if not self.exists(path2):
            super().mv(path1, path2, **kwargs)
        elif self.raises:
            raise FileExistsError(path2)


class QuietFileSystem(StubbornFileSystem):
    protocol = "webhdfs"
    raises = False


class S3Like(MemoryFileSystem):
    """What is used of s3fs before the first request."""

    def call_s3(self, *_, **__):
        raise AssertionError

    def split_path(self, path):
        bucket, _, key = path.partition("/")
        return bucket, key, None


def in_folder(tmp_path: Path, fs_class) -> tuple[object, str]:
    """A file system on a folder of its own, and the path in it."""
    fs = fs_class(skip_instance_cache=True)
    return fs, str(tmp_path / "out" / NAME)


def in_dir(tmp_path: Path, _) -> tuple[object, str]:
    return DirFileSystem(path=str(tmp_path), fs=LocalFileSystem(), skip_instance_cache=True), f"out/{NAME}"


def in_memory(*_) -> tuple[object, str]:
    return MemoryFileSystem(), f"/{uuid4().hex}/{NAME}"


def place_of(fs, path: str, protocol: str) -> Place:
    parent = path.rpartition("/")[0]

    def found() -> list[str]:
        fs.invalidate_cache()
        return [one.lstrip("/") for one in fs.find(parent, withdirs=True)] if fs.exists(parent) else []

    def put(content: bytes) -> None:
        fs.makedirs(parent, exist_ok=True)
        fs.pipe_file(path, content)

    before = {}

    def landing(key: str):
        earlier = before.pop(key, None)
        if isinstance(earlier, LocalLanding) and earlier._file is not None:
            os.close(earlier._file.fileno())  # its process has died: nothing is flushed, and its lock is gone
        before[key] = landing_of(Target(fs, path, protocol), key=key)
        return before[key]

    return Place(
        landing=landing,
        content=lambda: fs.cat_file(path) if fs.exists(path) else None,
        leftovers=lambda: [one for one in found() if one not in {path.lstrip("/"), parent.lstrip("/")}],
        put=put,
        lose=lambda: [fs.rm(f"/{one}" if path.startswith("/") else one) for one in found() if fs.isfile(f"/{one}")],
    )


KINDS = {
    "local": (in_folder, LocalFileSystem, "file", LocalLanding),
    "renaming": (in_folder, LocalFileSystem, "sftp", ObjectLanding),
    "raising": (in_folder, StubbornFileSystem, "smb", ObjectLanding),
    "quiet": (in_folder, QuietFileSystem, "webhdfs", ObjectLanding),
    "closing": (in_folder, ClosingFileSystem, "abfs", ObjectLanding),
    "dir": (in_dir, None, "dir", ObjectLanding),
    "memory": (in_memory, None, "memory", ObjectLanding),
}


@pytest.fixture(params=KINDS)
def kind(request) -> str:
    return request.param


@pytest.fixture
def place(kind, tmp_path) -> Place:
    make, fs_class, protocol, landing_class = KINDS[kind]
    place = place_of(*make(tmp_path, fs_class), protocol)
    assert isinstance(place.landing("task"), landing_class)
    return place


class TestContract(LandingContract):
    @pytest.fixture
    def bounded(self, kind) -> bool:
        return kind not in {"closing", "memory"}  # these stores are in this process


@pytest.mark.parametrize("kind", ["renaming", "closing", "dir"])
@pytest.mark.parametrize("damage", ["one is gone", "one is shorter"])
def test_a_unit_that_is_not_as_it_was_cannot_be_resumed(place, tmp_path, damage):
    landing = place.landing("task")
    landing.begin()
    for _ in range(2):
        unit(landing, pages(1))
    state = saved(landing)
    (first,) = (tmp_path / "out" / f".{NAME}.task").glob("*-000001")
    if damage == "one is gone":
        first.unlink()
    else:
        first.write_bytes(first.read_bytes()[:-1])
    with pytest.raises(CannotResumeError, match="is gone" if damage == "one is gone" else "not as it was"):
        place.landing("task").resume(state)


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
    landing = place.landing("task")
    landing.begin()
    content = b"".join(unit(landing, pages(number)) for number in range(3))
    state = saved(landing)
    landing.written = partial(dying, landing.written(), after)
    with pytest.raises(Death):
        landing.complete()
    del landing
    gc.collect()  # fsspec closes what is collected open
    assert place.content() == b"old"

    heir = place.landing("task")
    heir.resume(state)
    heir.complete()
    assert place.content() == content
    assert place.leftovers() == []


@pytest.mark.parametrize("dies_at", [1, 2])
def test_nothing_is_seen_when_the_store_refuses_a_block(tmp_path, dies_at):
    fs, path = in_folder(tmp_path, ClosingFileSystem)
    place = place_of(fs, path, "abfs")
    landing = place.landing("task")
    landing.begin()
    content = unit(landing, pages(1))
    state = saved(landing)
    fs.dies_at = dies_at
    with pytest.raises(OSError, match="full"):
        landing.complete()
    gc.collect()
    assert place.content() is None

    fs.dies_at = 0
    heir = place.landing("task")
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
    landing = place.landing("task")
    landing.begin()
    landing.write(b"new")
    with pytest.raises(PermissionError):
        landing.complete()
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
        landing_of(Target(S3Like(), path, protocol), key="task")


@pytest.mark.parametrize("kind", ["renaming", "dir", "memory"])
def test_the_name_of_a_folder_is_refused_at_the_beginning(kind, tmp_path):
    make, fs_class, protocol, _ = KINDS[kind]
    fs, path = make(tmp_path, fs_class)
    fs.makedirs(path)
    landing = landing_of(Target(fs, path, protocol), key="task")
    with pytest.raises(ConfigurationError, match="output_path: is a folder"):
        landing.begin()


def test_a_name_at_the_root_has_its_folder_there():
    path = f"/{uuid4().hex}.jsonl"
    landing = landing_of(Target(MemoryFileSystem(), path, "memory"), key="task")
    landing.begin()
    landing.write(b"a")
    landing.complete()
    assert MemoryFileSystem().cat_file(path) == b"a"


@pytest.mark.parametrize(
    ("protocol", "fs_class", "landing_class"),
    [
        ("", LocalFileSystem, LocalLanding),
        ("file", LocalFileSystem, LocalLanding),
        ("local", LocalFileSystem, LocalLanding),
        ("s3", S3Like, S3Landing),
        ("s3a", S3Like, S3Landing),
        ("s3n", S3Like, S3Landing),
        ("s3", MemoryFileSystem, ObjectLanding),
        ("gs", MemoryFileSystem, ObjectLanding),
        ("memory", MemoryFileSystem, ObjectLanding),
    ],
)
def test_the_protocol_chooses(protocol, fs_class, landing_class):
    landing = landing_of(Target(fs_class(), "bucket/folder/a.jsonl", protocol), key="task")
    assert isinstance(landing, landing_class)


def test_airflows_paths_are_taken(tmp_path):
    from airflow.providers.common.compat.sdk import ObjectStoragePath

    for url in (f"file://{tmp_path}/a/b.jsonl", f"{tmp_path}/c.jsonl"):
        path = ObjectStoragePath(url)
        landing = landing_of(path, key="task")
        landing.begin()
        landing.write(b"a")
        landing.complete()
        assert path.read_bytes() == b"".join(landing.read()) == b"a"
