"""Zstandard (RFC 8878), as one frame also where several processes wrote it: some readers stop after the first frame.

A frame is a header and blocks. A block may refer to what was before it in the frame: to its content, its entropy
tables, and its last three offsets. A process that takes over does not have these, so no block after a cut may use them.
A frame of its own keeps from the first two. It does use offsets, since those that a frame begins with are known (1, 4
and 8), and they are others in the middle of a frame: half of all frames with much repetition break when joined.

libzstd itself makes frames whose parts come from compressors that do not know each other: with worker threads, each job
is one. The jobs after the first do without old offsets, and with ``overlap_log=1`` without old content. So the blocks
here always come from a second job; the first compresses one byte, and is thrown away together with the header.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.exports.background_encoder import PIECE_BYTES, BackgroundEncoder

if TYPE_CHECKING:
    import zstandard

_WINDOW_LOG = 19
# Magic number; no check sum, content size or dictionary; the window's size. And an empty raw block that is the last.
_HEADER = bytes([0x28, 0xB5, 0x2F, 0xFD, 0, (_WINDOW_LOG - 10) << 3])
_END = bytes([1, 0, 0])

# On lists of devices (32 MB): level 1 626 MB/s to 16.1 %, level 3 (the default) 274 MB/s to 17.5 %, level 5 130 MB/s
# to 17.2 %. Level 1 is the smallest of them too: it looks for long repetitions only, and records are made of these.
_LEVEL = 1


class ZstdEncoding:
    """An :class:`~airflow_provider_orgauth.exports.encoding.Encoding` in Zstandard, compressed on a thread of its own.

    :raises ConfigurationError: zstandard is not installed, or cannot do this.
    """

    def __init__(self, saved: Mapping[str, Any] | None = None) -> None:
        _check_library()
        self._header = _HEADER if saved is None else b""
        self._worker = BackgroundEncoder(_blocks_of)

    def add(self, data: bytes) -> bytes:
        """Hand ``data`` to the thread, and return what it did before."""
        return self._with_header(self._worker.add(data))

    def cut(self) -> bytes:
        """Return the rest; what follows refers to nothing before it anyway."""
        return self._with_header(self._worker.rest())

    def finish(self) -> bytes:
        """End the frame with a last block, which is empty."""
        rest = self._worker.rest()
        self._worker.close()
        return self._with_header(rest + _END)

    def state(self) -> dict[str, Any]:
        """Return no state: a new frame part needs nothing of the one before."""
        return {}

    def _with_header(self, data: bytes) -> bytes:
        header, self._header = self._header, b""
        return header + data if header else data


def _blocks_of(data: bytes) -> bytes:
    """Return blocks that hold ``data`` and may stand at any place of any frame with this window."""
    import zstandard

    stream = zstandard.ZstdCompressor(compression_params=_parameters()).compressobj()
    stream.compress(b"-")
    stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    return stream.compress(data) + stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)


@cache
def _parameters() -> zstandard.ZstdCompressionParameters:
    import zstandard

    return zstandard.ZstdCompressionParameters.from_level(
        _LEVEL,
        window_log=_WINDOW_LOG,
        threads=1,
        job_size=PIECE_BYTES,
        overlap_log=1,
        write_content_size=False,
        write_checksum=False,
    )


@cache
def _check_library() -> None:
    """Test what this encoding relies on, once in a process: a library that works differently must not write a file.

    The test's first block changes the offsets; the blocks after it would be shorter with those of a frame's beginning.
    """
    try:
        import zstandard
    except ImportError:
        raise ConfigurationError(
            "output_path",
            "Zstandard needs the package zstandard, which is not installed",
            advice="Run: pip install 'airflow-provider-orgauth[zstd]'. Or end it in .jsonl.gz.",
        ) from None
    every_byte = bytes(range(256))
    parts = [every_byte * 3 + every_byte[7:90] + every_byte[:60], b"a" * 1000, b"x" * 8 + b"abcd" * 300]
    try:
        frame = _HEADER + b"".join(map(_blocks_of, parts)) + _END
        is_good = zstandard.ZstdDecompressor().decompressobj().decompress(frame) == b"".join(parts)
    except zstandard.ZstdError:
        is_good = False
    if not is_good:
        version = ".".join(map(str, zstandard.ZSTD_VERSION))
        raise ConfigurationError(
            "output_path",
            f"the package zstandard {zstandard.__version__} (libzstd {version}) here cannot make frames in parts",
            advice="Install it from PyPI: it may be built without threads. Or end it in .jsonl.gz.",
        )
