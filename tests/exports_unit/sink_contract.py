"""What every sink has to do, wherever it is: a test module derives from the class and has the fixture `place`."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

import pytest

from airflow_provider_orgauth.exports.cannot_resume import CannotResumeError
from airflow_provider_orgauth.exports.sink import Sink

PAGE = 250_000


@dataclass
class Place:
    """A final name somewhere, seen from outside.

    :param sink: makes a new sink for it, as each process does; takes the task's key.
    :param content: what a reader finds under the final name, None where there is nothing.
    :param leftovers: all else that is there.
    :param put: writes something under the final name.
    :param lose: removes what is unfinished, behind the sink's back.
    """

    sink: Callable[[str], Sink]
    content: Callable[[], bytes | None]
    leftovers: Callable[[], list[str]]
    put: Callable[[bytes], None]
    lose: Callable[[], None]


def pages(seed: int) -> Iterator[bytes]:
    """Pages without end, of many sizes."""
    random = Random(seed)
    while True:
        yield random.randbytes(random.randint(PAGE // 2, PAGE))


def unit(sink: Sink, source: Iterator[bytes]) -> bytes:
    """Write pages until it is time to cut, and cut."""
    written = b""
    while len(written) < sink.cut_bytes:
        page = next(source)
        sink.write(page)
        written += page
    sink.cut()
    return written


def saved(sink: Sink) -> dict:
    """What the next process gets."""
    state = json.dumps(sink.save())
    assert len(state) < 300
    return json.loads(state)


class LandingContract:
    @pytest.fixture
    def bounded(self) -> bool:
        """Whether the bytes leave this process."""
        return True

    @pytest.fixture
    def sink(self, place: Place) -> Sink:
        sink = place.sink("task")
        sink.begin()
        return sink

    def test_a_file_is_unseen_until_it_is_complete(self, place, sink):
        source = pages(1)
        content = unit(sink, source) + unit(sink, source)
        sink.save()
        content += (rest := next(source))
        sink.write(rest)
        assert place.content() is None

        sink.complete()
        assert place.content() == content
        assert b"".join(sink.read()) == content
        assert place.leftovers() == []

    @pytest.mark.parametrize("size", [0, 1, PAGE])
    def test_a_small_file_has_no_cut(self, place, sink, size):
        sink.write(b"a" * size)
        sink.complete()
        assert place.content() == b"".join(sink.read()) == b"a" * size
        assert place.leftovers() == []

    def test_a_file_may_end_with_a_cut(self, place, sink):
        content = unit(sink, pages(2))
        sink.cut()
        sink.complete()
        assert place.content() == content

    def test_another_process_goes_on_after_the_last_cut(self, place, sink):
        source = pages(3)
        content = unit(sink, source) + unit(sink, source)
        sink.write(b"not cut, and lost")
        state = saved(sink)

        heir = place.sink("task")
        heir.resume(state)
        written = heir.written()
        assert written is None or b"".join(written) == content
        content += unit(heir, source)
        assert place.content() is None
        heir.complete()
        assert place.content() == b"".join(heir.read()) == content
        assert place.leftovers() == []

    def test_what_was_cut_but_not_saved_is_replaced(self, place, sink):
        content = unit(sink, pages(4))
        state = saved(sink)
        unit(sink, pages(5))
        unit(sink, pages(6))
        sink.save()  # this one nobody learns of

        heir = place.sink("task")
        heir.resume(state)
        content += unit(heir, pages(7))
        heir.complete()
        assert place.content() == content
        assert place.leftovers() == []

    def test_it_is_resumed_many_times(self, place, sink):
        source, content = pages(8), b""
        for _ in range(4):
            content += unit(sink, source)
            state = saved(sink)
            sink.write(b"lost")
            sink = place.sink("task")
            sink.resume(state)
        sink.complete()
        assert place.content() == content

    def test_it_is_resumed_right_after_its_beginning(self, place, sink):
        state = saved(sink)
        sink.write(b"lost")
        heir = place.sink("task")
        heir.resume(state)
        heir.write(b"a")
        heir.complete()
        assert place.content() == b"a"
        assert place.leftovers() == []

    def test_what_is_lost_cannot_be_resumed_and_begins_anew(self, place, sink):
        unit(sink, pages(9))
        state = saved(sink)
        place.lose()

        heir = place.sink("task")
        with pytest.raises(CannotResumeError, match="gone"):
            heir.resume(state)
        heir.begin()
        heir.write(b"anew")
        heir.complete()
        assert place.content() == b"anew"
        assert place.leftovers() == []

    def test_what_is_complete_cannot_be_resumed(self, place, sink):
        content = unit(sink, pages(10))
        state = saved(sink)
        sink.complete()

        with pytest.raises(CannotResumeError, match="gone"):
            place.sink("task").resume(state)
        assert place.content() == content

    def test_an_older_file_is_seen_until_the_new_one_is_complete(self, place, sink):
        place.put(b"old")
        content = unit(sink, pages(11))
        sink.save()
        assert place.content() == b"old"

        sink.complete()
        assert place.content() == b"".join(sink.read()) == content

    def test_what_is_discarded_leaves_nothing(self, place, sink):
        place.put(b"old")
        for _ in range(3):
            unit(sink, pages(12))  # not saved: perhaps still under way
        sink.write(b"rest")
        sink.discard()
        sink.discard()
        assert place.content() == b"old"
        assert place.leftovers() == []

    def test_two_tasks_with_one_final_name_do_not_mix(self, place, sink):
        other = place.sink("other")
        other.begin()
        contents = [unit(sink, pages(13)), unit(other, pages(14))]
        for one, content in zip((sink, other), contents, strict=True):
            state = saved(one)
            one.save()
            heir = place.sink("task" if one is sink else "other")
            heir.resume(state)
            heir.complete()
            assert place.content() == content
        assert place.leftovers() == []

    def test_what_is_neither_begun_nor_resumed_takes_nothing(self, place):
        sink = place.sink("task")
        sink.discard()
        with pytest.raises(RuntimeError):
            sink.complete()
        assert place.content() is None

    def test_memory_does_not_grow_with_the_file(self, sink, bounded):
        if not bounded:
            pytest.skip("this store is memory")
        page, most = bytes(PAGE), 7 * sink.cut_bytes + 8 * 1024**2
        tracemalloc.start()
        try:
            since = 0
            for _ in range(3 * most // PAGE):
                sink.write(page)
                since += PAGE
                if since >= sink.cut_bytes:
                    sink.cut()
                    since = 0
            sink.complete()
            for _ in sink.read():
                pass
            assert tracemalloc.get_traced_memory()[1] < most
        finally:
            tracemalloc.stop()
