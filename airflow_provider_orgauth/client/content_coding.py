"""Detect a compressed body that was cut: it ends before its compression does, though the transfer ended well.

A server, or a proxy, that breaks down while it compresses may still close its chunks in good order. zlib gives out what
it has and raises nothing; in a text, it would go unnoticed that the end is missing.
"""

from __future__ import annotations

from typing import Any

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import IncompleteRead
from urllib3.response import HTTPResponse

_COMPRESSIONS = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz", "bzip2", "x-bzip2", "xz", "lzma"})
"""Compressions that :data:`UNDONE` may lack. What else servers write there, such as ``identity``, ``utf-8`` and
``aws-chunked``, leaves the bytes as they are."""

UNDONE = frozenset(HTTPResponse.CONTENT_DECODERS)
"""Codings that urllib3 decodes: ``br`` and ``zstd`` only where a package for them is installed."""

_TRAILING_GARBAGE_STATE = 2
"""The state of urllib3's gzip decoder after bytes that follow the end and are no gzip: it skips them, as gzip does."""


def is_undone(content_encoding: str | None) -> bool:
    """Return whether urllib3 decompresses the body: only then does it read where the compressed body ends."""
    return any(coding in UNDONE for coding in _codings(content_encoding))


def compressions_left(content_encoding: str | None) -> list[str]:
    """Return the compressions of a body that urllib3 does not undo."""
    return [coding for coding in _codings(content_encoding) if coding in _COMPRESSIONS - UNDONE]


def _codings(content_encoding: str | None) -> list[str]:
    return [coding.strip().lower() for coding in (content_encoding or "").split(",")]


def refuse_cut(raw: BaseHTTPResponse) -> None:
    """Refuse a body whose bytes ended before its compression did.

    :raises urllib3.exceptions.IncompleteRead: it was cut.
    """
    # urllib3 does not say whether its decoders reached the end. To decompress here instead would be to write them once
    # more, with their bounds; so their private attributes are read.
    decoder = getattr(raw, "_decoder", None)
    if decoder is None or not raw.tell():  # not compressed, or without a body
        return
    if not all(map(_is_at_end, getattr(decoder, "_decoders", (decoder,)))):
        raise IncompleteRead(raw.tell(), 1)  # how much is missing is unknown


def _is_at_end(decoder: Any) -> bool:
    if getattr(decoder, "_state", None) == _TRAILING_GARBAGE_STATE:
        return True
    engine = getattr(decoder, "_obj", None)
    ended = getattr(engine, "eof", None)  # zlib's and zstandard's
    if ended is None:
        ended = getattr(engine, "is_finished", lambda: True)()  # Brotli's
    return bool(ended)
