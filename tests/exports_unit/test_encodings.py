"""The name decides the encoding, and what is written opens with the tools that people have."""

import gzip
import importlib
import io
import re
import shutil
import statistics
import subprocess
import sys
import threading
import zlib
from types import ModuleType

import pyarrow
import pytest
import zstandard
from exports_unit.memory_per_step import MemoryPerStep
from forked import in_child

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.exports import formats, zstd_encoding
from airflow_provider_orgauth.exports.background_encoder import PIECE_BYTES, BackgroundEncoder
from airflow_provider_orgauth.exports.formats import encoding_of

LINES = b'{"id":1,"name":"Device 1"}\n' * 5000


def written(path, *parts):
    """A file of these parts with a cut after each, written by one process."""
    encoding = encoding_of(path)
    return b"".join(encoding.add(part) + encoding.cut() for part in parts) + encoding.finish()


def unpacked(data):
    """The first frame, and what comes after it is not looked at."""
    return zstandard.ZstdDecompressor().decompressobj().decompress(data)


@pytest.mark.parametrize(
    "path", ["a.jsonl", "a.ndjson", "a.json", "a", "s3://c@b/x.gz/a", "a.gz.jsonl", ".gz", "a.txt"]
)
def test_plain(path):
    assert written(path, b"[1]\n", b"[2]\n") == b"[1]\n[2]\n"


@pytest.mark.parametrize("path", ["a.jsonl.gz", "A.JSONL.GZ", "s3://conn@bucket/2024/a.json.gz"])
def test_gzip(path):
    assert gzip.decompress(written(path, LINES)) == LINES


def test_gzip_is_one_member_that_names_neither_time_nor_file():
    data = written("a.gz", LINES[:70_001], LINES[70_001:], b"")

    first_member = zlib.decompressobj(wbits=31)
    assert first_member.decompress(data) == LINES
    assert first_member.eof
    assert first_member.unused_data == b""
    assert data[3:8] == bytes(5)
    with gzip.open(io.BytesIO(data)) as file:
        assert sum(1 for _ in file) == 5000


def test_gzip_tells_when_it_was_damaged():
    data = bytearray(written("a.gz", LINES))
    data[-8] ^= 1

    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(data)


@pytest.mark.parametrize("path", ["a.jsonl.zst", "a.zstd", "A.ZST"])
def test_zstd(path):
    assert unpacked(written(path, LINES)) == LINES


def test_zstd_is_one_frame_of_the_usual_kind():
    data = written("a.zst", LINES[:70_001], LINES[70_001:], b"", LINES * 20)

    frame = zstandard.ZstdDecompressor().decompressobj()
    assert frame.decompress(data) == LINES * 21
    assert frame.eof
    assert frame.unused_data == b""
    header = zstandard.get_frame_parameters(data)
    assert (header.window_size, header.dict_id, header.has_checksum) == (512 * 1024, 0, False)
    with zstandard.open(io.BytesIO(data), "rt") as file:
        assert sum(1 for _ in file) == 21 * 5000


def test_pyarrow_reads_them():
    for path in ("a.gz", "a.zst"):
        codec = {"a.gz": "gzip", "a.zst": "zstd"}[path]
        with pyarrow.CompressedInputStream(io.BytesIO(written(path, LINES, LINES)), codec) as file:
            assert file.read() == LINES * 2


@pytest.mark.skipif(not shutil.which("zstd"), reason="no zstd command here")
def test_the_zstd_command_reads_it():
    done = subprocess.run(["zstd", "-dc"], input=written("a.zst", LINES, LINES), capture_output=True, check=True)

    assert done.stdout == LINES * 2


def refused_with(library):
    """Return what a process says to a Zstandard file that finds this in the place of zstandard."""

    def says():
        for module in (formats, zstd_encoding):  # which has tried its library
            del sys.modules[module.__name__]
        sys.modules["zstandard"] = library
        anew = importlib.import_module(formats.__name__)
        with pytest.raises(ConfigurationError) as error:
            anew.encoding_of("a.zst")
        return str(error.value)

    return in_child(says)


def test_without_zstandard_it_says_what_to_install():
    assert re.match(r"output_path: .* pip install 'airflow-provider-orgauth\[zstd\]'", refused_with(None))


class WithoutThreads(ModuleType):
    """zstandard as it is where it was built without threads: all blocks of a frame know of those before."""

    def __getattr__(self, name):
        return getattr(zstandard, name)

    class ZstdCompressionParameters:
        @staticmethod
        def from_level(level, **about):
            return zstandard.ZstdCompressionParameters.from_level(level, **{**about, "threads": 0})


def test_a_zstandard_that_has_no_threads_is_found_out():
    """Its blocks use the offsets that a frame begins with."""
    said = refused_with(WithoutThreads("zstandard"))

    assert re.match(r"output_path: .*libzstd .* cannot make frames in parts", said)


@pytest.mark.parametrize(("path", "unpack"), [("a.gz", gzip.decompress), ("a.zst", unpacked)])
@pytest.mark.parametrize("parts", [(), (b"",), (b"", b"")])
def test_a_file_without_records_opens(path, unpack, parts):
    data = written(path, *parts)

    assert unpack(data) == b""
    assert data == written(path)


@pytest.mark.parametrize(("path", "unpack"), [("a.gz", gzip.decompress), ("a.zst", unpacked)])
def test_what_comes_out_and_when_depends_on_the_bytes_only(path, unpack):
    """Else cuts, which are made by what came out, would differ from run to run."""
    data = b"".join(b'{"id":%d,"name":"Device %d"}\n' % (number, number % 977) for number in range(150_000))
    assert len(data) > 4 * PIECE_BYTES

    def calls(size, *, slowly):
        encoding, done = encoding_of(path), []
        for start in range(0, len(data), size):
            done.append(encoding.add(data[start : start + size]))
            if slowly and (running := encoding._worker._running):
                running.result()
        return [*done, encoding.cut(), encoding.finish()]

    assert calls(70_001, slowly=False) == calls(70_001, slowly=True)
    file = b"".join(calls(70_001, slowly=False))
    assert file == written(path, data) == b"".join(calls(3_000_000, slowly=True))
    assert unpack(file) == data


def test_no_thread_is_left_behind():
    for path in ("a.gz", "a.zst"):
        written(path, LINES * 10)

    assert not [thread for thread in threading.enumerate() if thread.name.startswith("orgauth-encoding")]


@pytest.mark.parametrize("suffix", ["bz2", "xz", "zip", "snappy", "lz4", "br", "BZ2"])
def test_a_compression_that_is_not_made_here_is_refused(suffix):
    with pytest.raises(
        ConfigurationError, match=r"^output_path: ends in \.\w+, .*\.jsonl\.gz, \.jsonl\.zst or \.parquet"
    ):
        encoding_of(f"s3://bucket/a.jsonl.{suffix}")


def test_a_piece_of_a_large_page_costs_what_it_holds_and_not_what_came_of_those_before():
    with MemoryPerStep() as memory:

        def work(piece):
            memory.step()
            return piece

        worker = BackgroundEncoder(work)
        done = worker.add(bytes(12 * PIECE_BYTES)) + worker.rest()
        worker.close()

    assert len(done) == 12 * PIECE_BYTES
    # Not the most: now and then, the buffer is moved to a smaller place.
    assert statistics.median(memory.taken) < 3 * PIECE_BYTES
