"""Lines come back as they were written, whatever pieces they are read in, and a long one costs no more per byte."""

import itertools

from exports_unit.memory_per_step import MemoryPerStep
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.exports.jsonl_reader import lines_in

PIECE = 64 * 1024

some_bytes = st.lists(st.sampled_from([b"", b"\n", b"\n\n", b"a", b"{}", b"x\ny", b"\nz", b"z\n", b"\r\n"])).map(
    b"".join
)


@given(some_bytes, st.lists(st.integers(0, 40)))
def test_lines_do_not_depend_on_where_the_pieces_end(text, cuts):
    ends = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    pieces = [text[start:end] for start, end in itertools.pairwise(ends)]

    assert list(lines_in(pieces)) == [line for line in text.split(b"\n") if line]


def test_a_long_line_that_ends_where_a_piece_does():
    assert list(lines_in([b"a" * 10, b"", b"b" * 10, b"\n", b"c"])) == [b"a" * 10 + b"b" * 10, b"c"]


def test_a_piece_in_the_middle_of_a_line_costs_what_it_holds_and_not_what_came_before():
    with MemoryPerStep() as memory:

        def pieces():
            for _ in range(100):
                memory.step()
                yield bytes(PIECE)
            memory.step()

        (line,) = lines_in(pieces())

    assert len(line) == 100 * PIECE
    assert max(memory.taken) < 4 * PIECE
