"""What an export may be called: its name must not promise a kind of file that is not made here."""

from __future__ import annotations

from posixpath import basename, splitext

from airflow_provider_orgauth.exceptions import ConfigurationError

_COMPRESSIONS = frozenset(
    {".7z", ".br", ".bz2", ".lz4", ".lzma", ".lzo", ".rar", ".snappy", ".sz", ".tar", ".tgz", ".xz", ".z", ".zip"}
)
_KINDS = frozenset({".csv", ".tsv", ".psv", ".xls", ".xlsx", ".xlsm", ".ods", ".xml", ".html", ".htm", ".pdf"}) | {
    *(".avro", ".orc", ".arrow", ".feather", ".yaml", ".yml", ".db", ".sqlite", ".doc", ".docx", ".md", ".sql")
}
"""JSON Lines under such a name could not be opened, or would be read as something else."""

_MADE = frozenset({".gz", ".zst", ".zstd"})


def check_export_name(path: str) -> None:
    """Refuse a name that promises what is not made here, also before the suffix of a compression.

    :raises ConfigurationError: naming ``output_path``.
    """
    last = suffix_of(path)
    inner = suffix_of(path[: -len(last)]) if last in _MADE else last
    for suffix in (last, inner):
        if suffix in _COMPRESSIONS:
            problem = f"ends in {suffix}, a compression that is not made here"
        elif suffix in _KINDS or (suffix == ".parquet" and suffix != last):
            problem = f"is called {suffix}, and an export is JSON Lines or Parquet"
        else:
            continue
        raise ConfigurationError(
            "output_path",
            problem,
            advice="End it in .jsonl, .jsonl.gz, .jsonl.zst or .parquet. To keep an answer of that kind as it is, give "
            "output_path without pagination, records and all that is about records.",
        )


def suffix_of(path: str) -> str:
    """Return the last suffix of the file's name, in small letters, with its dot; empty where there is none."""
    return splitext(basename(path))[1].lower()
