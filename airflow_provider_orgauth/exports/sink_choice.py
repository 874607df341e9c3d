"""Choose by the path where an export is written: a folder, S3 or another store."""

from __future__ import annotations

from typing import Any, Protocol

from airflow_provider_orgauth.exports.local_sink import LocalSink
from airflow_provider_orgauth.exports.object_sink import ObjectSink
from airflow_provider_orgauth.exports.s3_sink import S3Sink
from airflow_provider_orgauth.exports.sink import Sink

_LOCAL = frozenset({"", "file", "local"})
_S3 = frozenset({"s3", "s3a", "s3n"})


class StoragePath(Protocol):
    """What is used of Airflow's ``ObjectStoragePath``."""

    @property
    def protocol(self) -> str:
        """The scheme of its URL; empty for a plain path."""

    @property
    def path(self) -> str:
        """The path as its file system takes it."""

    @property
    def fs(self) -> Any:
        """Its ``fsspec`` file system, with the connection's credentials."""


def sink_of(path: StoragePath, *, key: str) -> Sink:
    """Return how a file comes into being at ``path``.

    :param key: tells this task's unfinished file from another's with the same final name; part of a file name.
    """
    if path.protocol in _LOCAL:
        return LocalSink(path.path, key=key)
    fs = path.fs
    # Not every file system of that name is s3fs.
    if path.protocol in _S3 and hasattr(fs, "call_s3"):
        return S3Sink(fs, path.path)
    return ObjectSink(fs, path.path, key=key, protocol=path.protocol)
