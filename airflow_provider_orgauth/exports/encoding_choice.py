"""Choose the compression by the suffix of the file's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_orgauth.exports.encoding import Encoding
from airflow_provider_orgauth.exports.export_names import check_export_name, suffix_of
from airflow_provider_orgauth.exports.gzip_encoding import GzipEncoding
from airflow_provider_orgauth.exports.parquet import check_pyarrow
from airflow_provider_orgauth.exports.plain_encoding import PlainEncoding
from airflow_provider_orgauth.exports.zstd_encoding import ZstdEncoding


def encoding_of(path: str, *, saved: Mapping[str, Any] | None = None) -> Encoding:
    """Return the encoding for the file at ``path``: by its last suffix, in capitals or not.

    ``.gz`` is gzip, ``.zst`` and ``.zstd`` Zstandard. All else is JSON Lines as they are, ``.parquet`` too: that is
    made from the lines when they are complete.

    :param saved: what :meth:`Encoding.state` gave at a cut; None begins a file.
    :raises ConfigurationError: the name is that of another kind of file, or a package is missing.
    """
    check_export_name(path)
    suffix = suffix_of(path)
    if suffix == ".gz":
        return GzipEncoding(saved)
    if suffix in {".zst", ".zstd"}:
        return ZstdEncoding(saved)
    if suffix == ".parquet":
        check_pyarrow()  # when the export begins, not when it has all records
    return PlainEncoding()
