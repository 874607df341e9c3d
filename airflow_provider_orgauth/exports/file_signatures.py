"""Compare a download's first bytes with those that its suffix promises: the signatures ("magic bytes") of file types.

Otherwise a log-in page could be saved as ``report.xlsx``, which no program opens; or a ``.csv.gz`` whose compression
was the server's ``Content-Encoding``, which was undone on the way.
"""

from __future__ import annotations

from airflow_provider_orgauth.exceptions import ConfigurationError, ResponseError
from airflow_provider_orgauth.exports.export_names import suffix_of

_ZIP = (b"PK",)
_ZSTANDARD = (b"\x28\xb5\x2f\xfd", *(bytes([number]) + b"\x2a\x4d\x18" for number in range(0x50, 0x60)))

_BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    **dict.fromkeys((".gz", ".tgz"), (b"\x1f\x8b",)),
    **dict.fromkeys((".zst", ".zstd"), _ZSTANDARD),
    ".bz2": (b"BZh",),
    ".xz": (b"\xfd7zXZ\0",),
    ".7z": (b"7z\xbc\xaf\x27\x1c",),
    **dict.fromkeys((".zip", ".xlsx", ".xlsm", ".docx", ".pptx", ".ods", ".odt", ".jar", ".apk"), _ZIP),
    ".parquet": (b"PAR1",),
    ".orc": (b"ORC",),
    ".avro": (b"Obj\x01",),
    ".png": (b"\x89PNG",),
    **dict.fromkeys((".jpg", ".jpeg"), (b"\xff\xd8\xff",)),
    ".gif": (b"GIF8",),
}
_ANYWHERE = {".pdf": b"%PDF-"}
"""Signatures that may come after other bytes, within the first :data:`FIRST_BYTES`."""

_LINES = frozenset({".jsonl", ".ndjson"})
_JSON = _LINES | {".json", ".geojson"}
"""These may begin in many ways, but not with the ``<`` of HTML and XML."""

FIRST_BYTES = 1024
"""How many bytes are looked at."""


def check_content_type(path: str, content_type: str | None) -> None:
    """Refuse one JSON document under the name of JSON Lines: the records are in an array in it, not one on each line.

    :param content_type: of the answer.
    :raises ConfigurationError: it is one.
    """
    kind = (content_type or "").partition(";")[0].strip().lower()
    is_document = kind == "application/json" or (kind.endswith("+json") and "seq" not in kind)
    suffix = suffix_of(path)
    if suffix in _LINES and is_document:
        raise ConfigurationError(
            "output_path",
            f"ends in {suffix}, and the answer is one JSON document",
            advice='For its records as JSON Lines, say pagination="single", or how pages follow each other; for the '
            "document as it is, end the name in .json.",
        )


def check_first_bytes(path: str, first: bytes) -> None:
    """Refuse bytes that are surely not of the kind that the name says.

    :param path: the final name.
    :param first: the first :data:`FIRST_BYTES` of the file, or all.
    :raises ResponseError: they are of another kind.
    """
    suffix = suffix_of(path)
    beginnings = _BEGINNINGS.get(suffix)
    if beginnings is not None:
        is_good = first.startswith(beginnings)
    elif suffix in _JSON:
        is_good = not _text_of(first).startswith(b"<")
    else:
        is_good = suffix not in _ANYWHERE or _ANYWHERE[suffix] in first
    if not is_good:
        raise ResponseError(
            f"The name ends in {suffix}, and the answer is nothing of that kind{_looks_like(first)}.",
            advice="Check what answers at this endpoint; if the bytes are right, give the file another suffix "
            "(the compression of a Content-Encoding is undone).",
        )


def _text_of(first: bytes) -> bytes:
    return first.lstrip(b"\xef\xbb\xbf \t\r\n").lower()


def _looks_like(first: bytes) -> str:
    text = _text_of(first)
    if not text:
        return " (it is empty)"
    if text.startswith((b"<!doctype html", b"<html")):
        return " (it looks like HTML)"
    return " (it looks like JSON)" if text.startswith((b"{", b"[")) else ""
