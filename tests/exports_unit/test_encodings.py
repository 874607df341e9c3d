"""The name decides the encoding, and what is written opens with the tools that people have."""

import gzip
import io
import zlib

import pytest

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.exports.encodings import encoding_of

LINES = b'{"id":1,"name":"Device 1"}\n' * 5000


def written(path, *parts):
    """A file of these parts with a cut after each, written by one process."""
    encoding = encoding_of(path)
    return b"".join(encoding.add(part) + encoding.cut() for part in parts) + encoding.finish()


@pytest.mark.parametrize(
    "path", ["a.jsonl", "a.ndjson", "a.json", "a", "s3://c@b/x.gz/a", "a.gz.jsonl", ".gz", "a.csv"]
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


@pytest.mark.parametrize("path", ["a.gz"])
@pytest.mark.parametrize("parts", [(), (b"",), (b"", b"")])
def test_a_file_without_records_opens(path, parts):
    data = written(path, *parts)

    assert gzip.decompress(data) == b""
    assert data == written(path)


@pytest.mark.parametrize("suffix", ["bz2", "xz", "zip", "snappy", "lz4", "br", "BZ2"])
def test_a_compression_that_is_not_made_here_is_refused(suffix):
    with pytest.raises(
        ConfigurationError, match=r"^output_path: ends in \.\w+, .*\.jsonl\.gz, \.jsonl\.zst or \.parquet"
    ):
        encoding_of(f"s3://bucket/a.jsonl.{suffix}")
