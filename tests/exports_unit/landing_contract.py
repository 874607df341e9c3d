"""What every landing has to do, wherever it is: a test module derives from the class and has the fixture `place`."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

import pytest

from airflow_provider_orgauth.exports.landing import Landing
from airflow_provider_orgauth.exports.resuming import CannotResumeError

PAGE = 250_000


@dataclass
class Place:
    """A final name somewhere, seen from outside.

    :param landing: makes a new landing for it, as each process does; takes the task's key.
    :param content: what a reader finds under the final name, None where there is nothing.
    :param leftovers: all else that is there.
    :param put: writes something under the final name.
    :param lose: removes what is unfinished, behind the landing's back.
    """

    landing: Callable[[str], Landing]
    content: Callable[[], bytes | None]
    leftovers: Callable[[], list[str]]
    put: Callable[[bytes], None]
    lose: Callable[[], None]


def pages(seed: int) -> Iterator[bytes]:
    """Pages without end, of many sizes."""
    random = Random(seed)
    while True:
        yield random.randbytes(random.randint(PAGE // 2, PAGE))


def unit(landing: Landing, source: Iterator[bytes]) -> bytes:
    """Write pages until it is time to cut, and cut."""
    written = b""
    while len(written) < landing.cut_bytes:
        page = next(source)
        landing.write(page)
        written += page
    landing.cut()
    return written


def saved(landing: Landing) -> dict:
    """What the next process gets."""
    state = json.dumps(landing.save())
    assert len(state) < 300
    return json.loads(state)


class LandingContract:
    @pytest.fixture
    def bounded(self) -> bool:
        """Whether the bytes leave this process."""
        return True

    @pytest.fixture
    def landing(self, place: Place) -> Landing:
        landing = place.landing("task")
        landing.begin()
        return landing

    def test_a_file_is_unseen_until_it_is_complete(self, place, landing):
        source = pages(1)
        content = unit(landing, source) + unit(landing, source)
        landing.save()
        content += (rest := next(source))
        landing.write(rest)
        assert place.content() is None

        landing.complete()
        assert place.content() == content
        assert b"".join(landing.read()) == content
        assert place.leftovers() == []

    @pytest.mark.parametrize("size", [0, 1, PAGE])
    def test_a_small_file_has_no_cut(self, place, landing, size):
        landing.write(b"a" * size)
        landing.complete()
        assert place.content() == b"".join(landing.read()) == b"a" * size
        assert place.leftovers() == []

    def test_a_file_may_end_with_a_cut(self, place, landing):
        content = unit(landing, pages(2))
        landing.cut()
        landing.complete()
        assert place.content() == content

    def test_another_process_goes_on_after_the_last_cut(self, place, landing):
        source = pages(3)
        content = unit(landing, source) + unit(landing, source)
        landing.write(b"not cut, and lost")
        state = saved(landing)

        heir = place.landing("task")
        heir.resume(state)
        written = heir.written()
        assert written is None or b"".join(written) == content
        content += unit(heir, source)
        assert place.content() is None
        heir.complete()
        assert place.content() == b"".join(heir.read()) == content
        assert place.leftovers() == []

    def test_what_was_cut_but_not_saved_is_replaced(self, place, landing):
        content = unit(landing, pages(4))
        state = saved(landing)
        unit(landing, pages(5))
        unit(landing, pages(6))
        landing.save()  # this one nobody learns of

        heir = place.landing("task")
        heir.resume(state)
        content += unit(heir, pages(7))
        heir.complete()
        assert place.content() == content
        assert place.leftovers() == []

    def test_it_is_resumed_many_times(self, place, landing):
        source, content = pages(8), b""
        for _ in range(4):
            content += unit(landing, source)
            state = saved(landing)
            landing.write(b"lost")
            landing = place.landing("task")
            landing.resume(state)
        landing.complete()
        assert place.content() == content

    def test_it_is_resumed_right_after_its_beginning(self, place, landing):
        state = saved(landing)
        landing.write(b"lost")
        heir = place.landing("task")
        heir.resume(state)
        heir.write(b"a")
        heir.complete()
        assert place.content() == b"a"
        assert place.leftovers() == []

    def test_what_is_lost_cannot_be_resumed_and_begins_anew(self, place, landing):
        unit(landing, pages(9))
        state = saved(landing)
        place.lose()

        heir = place.landing("task")
        with pytest.raises(CannotResumeError, match="gone"):
            heir.resume(state)
        heir.begin()
        heir.write(b"anew")
        heir.complete()
        assert place.content() == b"anew"
        assert place.leftovers() == []

    def test_what_is_complete_cannot_be_resumed(self, place, landing):
        content = unit(landing, pages(10))
        state = saved(landing)
        landing.complete()

        with pytest.raises(CannotResumeError, match="gone"):
            place.landing("task").resume(state)
        assert place.content() == content

    def test_an_older_file_is_seen_until_the_new_one_is_complete(self, place, landing):
        place.put(b"old")
        content = unit(landing, pages(11))
        landing.save()
        assert place.content() == b"old"

        landing.complete()
        assert place.content() == b"".join(landing.read()) == content

    def test_what_is_discarded_leaves_nothing(self, place, landing):
        place.put(b"old")
        for _ in range(3):
            unit(landing, pages(12))  # not saved: perhaps still under way
        landing.write(b"rest")
        landing.discard()
        landing.discard()
        assert place.content() == b"old"
        assert place.leftovers() == []

    def test_two_tasks_with_one_final_name_do_not_mix(self, place, landing):
        other = place.landing("other")
        other.begin()
        contents = [unit(landing, pages(13)), unit(other, pages(14))]
        for one, content in zip((landing, other), contents, strict=True):
            state = saved(one)
            one.save()
            heir = place.landing("task" if one is landing else "other")
            heir.resume(state)
            heir.complete()
            assert place.content() == content
        assert place.leftovers() == []

    def test_what_is_neither_begun_nor_resumed_takes_nothing(self, place):
        landing = place.landing("task")
        landing.discard()
        with pytest.raises(RuntimeError):
            landing.complete()
        assert place.content() is None

    def test_memory_does_not_grow_with_the_file(self, landing, bounded):
        if not bounded:
            pytest.skip("this store is memory")
        page, most = bytes(PAGE), 7 * landing.cut_bytes + 8 * 1024**2
        tracemalloc.start()
        try:
            since = 0
            for _ in range(3 * most // PAGE):
                landing.write(page)
                since += PAGE
                if since >= landing.cut_bytes:
                    landing.cut()
                    since = 0
            landing.complete()
            for _ in landing.read():
                pass
            assert tracemalloc.get_traced_memory()[1] < most
        finally:
            tracemalloc.stop()
