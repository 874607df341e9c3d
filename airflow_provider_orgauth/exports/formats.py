"""The formats of an export, by the suffix of the file's name: another format is one more row of :data:`FORMATS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_orgauth.exports.conversion import Conversion
from airflow_provider_orgauth.exports.encoding import Encoding
from airflow_provider_orgauth.exports.export_names import check_export_name, suffix_of
from airflow_provider_orgauth.exports.gzip_encoding import GzipEncoding
from airflow_provider_orgauth.exports.parquet import check_pyarrow, convert
from airflow_provider_orgauth.exports.plain_encoding import PlainEncoding
from airflow_provider_orgauth.exports.zstd_encoding import ZstdEncoding

SavedEncoding = Mapping[str, Any] | None
"""What :meth:`Encoding.state` gave at a cut; None begins a file."""


@dataclass(frozen=True, slots=True)
class Format:
    """How the records of an export become a file.

    :param encoding: makes the stored bytes of JSON Lines, while the pages come.
    :param conversion: makes the file from the complete lines; None: the lines are the file.
    :param check: called before the first page; raises ``ConfigurationError`` where a package is missing.
    """

    encoding: Callable[[SavedEncoding], Encoding] = lambda saved: PlainEncoding()
    conversion: Conversion | None = None
    check: Callable[[], None] = lambda: None


JSON_LINES = Format()

FORMATS: Mapping[str, Format] = {
    ".gz": Format(encoding=GzipEncoding),
    ".zst": Format(encoding=ZstdEncoding),
    ".zstd": Format(encoding=ZstdEncoding),
    ".parquet": Format(conversion=convert, check=check_pyarrow),
}
"""Each suffix that is not of plain JSON Lines. ``export_names.py`` has those that are refused."""


def format_of(path: str) -> Format:
    """Return the format of the file at ``path``: by its last suffix, in capitals or not.

    :raises ConfigurationError: the name is that of another kind of file, or a package is missing.
    """
    check_export_name(path)
    found = FORMATS.get(suffix_of(path), JSON_LINES)
    found.check()
    return found


def encoding_of(path: str, *, saved: SavedEncoding = None) -> Encoding:
    """Return the encoding for the file at ``path``.

    :param saved: what :meth:`Encoding.state` gave at a cut; None begins a file.
    :raises ConfigurationError: as :func:`format_of`.
    """
    return format_of(path).encoding(saved)
