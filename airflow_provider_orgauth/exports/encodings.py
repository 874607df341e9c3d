"""The name of a file says how it is encoded."""

from __future__ import annotations

from collections.abc import Mapping
from posixpath import basename, splitext
from typing import Any

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.exports.encoding import Encoding
from airflow_provider_orgauth.exports.gzip_encoding import GzipEncoding
from airflow_provider_orgauth.exports.parquet import check_pyarrow
from airflow_provider_orgauth.exports.plain_encoding import PlainEncoding
from airflow_provider_orgauth.exports.zstd_encoding import ZstdEncoding

_REFUSED = frozenset(
    {".7z", ".br", ".bz2", ".lz4", ".lzma", ".lzo", ".rar", ".snappy", ".sz", ".tgz", ".xz", ".z", ".zip"}
)
"""Endings that promise a compression which is not made here: JSON Lines under such a name could not be opened."""


def encoding_of(path: str, *, saved: Mapping[str, Any] | None = None) -> Encoding:
    """Return the encoding for the file at ``path``: by its last suffix, in capitals or not.

    ``.gz`` is gzip, ``.zst`` and ``.zstd`` Zstandard. All else is JSON Lines as they are, ``.parquet`` too: that is
    made from the lines when they are complete.

    :param saved: what :meth:`Encoding.state` gave at a cut; None begins a file.
    :raises ConfigurationError: the suffix names a compression that is not made here, or a package is missing.
    """
    suffix = suffix_of(path)
    if suffix == ".gz":
        return GzipEncoding(saved)
    if suffix in {".zst", ".zstd"}:
        return ZstdEncoding(saved)
    if suffix == ".parquet":
        check_pyarrow()  # when the export begins, not when it has all records
    if suffix in _REFUSED:
        raise ConfigurationError(
            "output_path",
            f"ends in {suffix}, a compression that is not made here",
            advice="End it in .jsonl, .jsonl.gz, .jsonl.zst or .parquet.",
        )
    return PlainEncoding()


def suffix_of(path: str) -> str:
    """Return the last suffix of the file's name, in small letters, with its dot; empty where there is none."""
    return splitext(basename(path))[1].lower()
