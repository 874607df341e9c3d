"""Places that need no server: a folder, and what fsspec has of file systems."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

from fsspec.implementations.dirfs import DirFileSystem
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem
from fsspec.spec import AbstractBufferedFile
from sink_contract import Place

from airflow_provider_orgauth.exports.local_sink import LocalSink
from airflow_provider_orgauth.exports.object_sink import ObjectSink
from airflow_provider_orgauth.exports.sink_choice import sink_of

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

    def sink(key: str):
        earlier = before.pop(key, None)
        if isinstance(earlier, LocalSink) and earlier._file is not None:
            # Its process has died: nothing is flushed, and its lock is gone. Closing it behind the file's back would be
            # a trap for whoever gets its number next, and an error once the file is forgotten (3.13).
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.dup2(nowhere, earlier._file.fileno())
            os.close(nowhere)
        before[key] = sink_of(Target(fs, path, protocol), key=key)
        return before[key]

    return Place(
        sink=sink,
        content=lambda: fs.cat_file(path) if fs.exists(path) else None,
        leftovers=lambda: [one for one in found() if one not in {path.lstrip("/"), parent.lstrip("/")}],
        put=put,
        lose=lambda: [fs.rm(f"/{one}" if path.startswith("/") else one) for one in found() if fs.isfile(f"/{one}")],
    )


KINDS = {
    "local": (in_folder, LocalFileSystem, "file", LocalSink),
    "renaming": (in_folder, LocalFileSystem, "sftp", ObjectSink),
    "raising": (in_folder, StubbornFileSystem, "smb", ObjectSink),
    "quiet": (in_folder, QuietFileSystem, "webhdfs", ObjectSink),
    "closing": (in_folder, ClosingFileSystem, "abfs", ObjectSink),
    "dir": (in_dir, None, "dir", ObjectSink),
    "memory": (in_memory, None, "memory", ObjectSink),
}
