"""Whoever wrote which part, and however the bytes came: the file is the same, and holds what was put into it."""

import gzip
import json

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.exports.formats import encoding_of

READERS = {
    "a.jsonl": bytes,
    "a.gz": gzip.decompress,
    "a.zst": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),  # the first frame only
}

# Bytes with repetitions near and far, as records have; and bytes with none.
parts = st.lists(
    st.binary(max_size=200)
    | st.builds(
        lambda text, times, end: text * times + end,
        st.binary(min_size=1, max_size=60),
        st.integers(1, 9000),
        st.binary(),
    ),
    max_size=6,
)


def written(path, parts, *, handed_over=frozenset(), piece=None):
    """The file of these parts, with a cut after each. After those in ``handed_over`` a new process goes on."""
    encoding, file = encoding_of(path), b""
    for number, part in enumerate(parts):
        for start in range(0, len(part), piece or len(part) or 1):
            file += encoding.add(part[start : start + piece] if piece else part)
        file += encoding.cut()
        if number in handed_over:
            encoding = encoding_of(path, saved=json.loads(json.dumps(encoding.state())))
    return file + encoding.finish()


@pytest.mark.parametrize("path", READERS)
@given(parts=parts, handed_over=st.frozensets(st.integers(0, 5)))
def test_many_processes_write_what_one_writes(path, parts, handed_over):
    one = written(path, parts)

    assert READERS[path](one) == b"".join(parts)
    assert written(path, parts, handed_over=handed_over) == one


@pytest.mark.parametrize("path", READERS)
@given(parts=parts, piece=st.integers(50, 100_000))
def test_the_pieces_do_not_matter(path, parts, piece):
    assert written(path, parts, piece=piece) == written(path, parts)


# Offsets 1, 4 and 8 are those that a frame begins with: a part that used them would break behind another part.
short_repetitions = st.lists(
    st.builds(
        lambda words, order: b"".join(words[number % len(words)] for number in order),
        st.lists(st.sampled_from([1, 3, 4, 5, 8]).flatmap(lambda n: st.binary(min_size=n, max_size=n)), min_size=1),
        st.lists(st.integers(0, 2), max_size=300),
    )
    | st.builds(lambda text, times: text * times, st.binary(max_size=8), st.integers(0, 400)),
    min_size=2,
    max_size=5,
)


@given(parts=short_repetitions)
def test_parts_with_short_repetitions_fit_together(parts):
    assert READERS["a.zst"](written("a.zst", parts)) == b"".join(parts)
