"""gzip (RFC 1952), as one member also where several processes wrote it: some readers stop after the first member."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from airflow_provider_orgauth.exports.background_encoder import BackgroundEncoder

# Deflate, no flags, no time, no extra flags, unknown system: nothing in it differs between two runs.
_HEADER = bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])

# On lists of devices (32 MB): level 1 183 MB/s to 20.9 %, level 3 160 MB/s to 19.5 %, level 6 (zlib's default) 77 MB/s
# to 17.6 %. Up to 3 a step costs little; from 4 on zlib searches lazily, and twice the time buys a tenth of the size.
# An export comes in at 200 MB/s.
_LEVEL = 3


class GzipEncoding:
    """An :class:`~airflow_provider_orgauth.exports.encoding.Encoding` in gzip, compressed on a thread of its own.

    A cut ends the deflate stream at a whole byte, and a new compressor, which refers to nothing before it, continues:
    the same in the process that made the cut as in one that takes over. What the member's end needs is carried along.
    """

    def __init__(self, saved: Mapping[str, Any] | None = None) -> None:
        self._crc: int = 0 if saved is None else saved["crc32"]
        self._size: int = 0 if saved is None else saved["size"]
        self._header = _HEADER if saved is None else b""
        self._worker = BackgroundEncoder(self._compress)
        self._begin()

    def add(self, data: bytes) -> bytes:
        """Hand ``data`` to the thread, and return what it did before."""
        return self._with_header(self._worker.add(data))

    def cut(self) -> bytes:
        """Bring the stream to a whole byte with an empty stored block (RFC 1951 section 3.2.4)."""
        rest = self._worker.rest()
        if not self._is_fresh:
            rest += self._deflate.flush(zlib.Z_SYNC_FLUSH)
            self._begin()
        return self._with_header(rest)

    def finish(self) -> bytes:
        """End the stream with a final block, and the member with its check sum and size."""
        rest = self._worker.rest() + self._deflate.flush(zlib.Z_FINISH)
        self._worker.close()
        trailer = self._crc.to_bytes(4, "little") + (self._size % 2**32).to_bytes(4, "little")
        return self._with_header(rest + trailer)

    def state(self) -> dict[str, Any]:
        """Return the check sum and the size, in bytes, of what was added."""
        return {"crc32": self._crc, "size": self._size}

    def _begin(self) -> None:
        self._deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._is_fresh = True

    def _compress(self, piece: bytes) -> bytes:
        self._is_fresh = False
        self._crc = zlib.crc32(piece, self._crc)
        self._size += len(piece)
        return self._deflate.compress(piece)

    def _with_header(self, data: bytes) -> bytes:
        header, self._header = self._header, b""
        return header + data if header else data
