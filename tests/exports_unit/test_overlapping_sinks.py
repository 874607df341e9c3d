"""Two attempts of one task in a store of fsspec's: no name is written to by both, and what stands is one whole file."""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial

import pytest
from fsspec_places import KINDS, place_of
from sink_contract import pages, saved, unit

from airflow_provider_orgauth.exceptions import FileChangedError
from airflow_provider_orgauth.exports import hidden_objects
from airflow_provider_orgauth.exports.cannot_resume import CannotResumeError
from airflow_provider_orgauth.exports.object_sink import ObjectSink

OF_STORES = [kind for kind, (*_, landing_class) in KINDS.items() if landing_class is ObjectSink]


@pytest.fixture(params=OF_STORES)
def kind(request) -> str:
    return request.param


@pytest.fixture
def store(kind, tmp_path):
    """A file system of fsspec's, and a path in it."""
    make, fs_class, _, _ = KINDS[kind]
    return make(tmp_path, fs_class)


@pytest.fixture
def place(kind, store):
    place = place_of(*store, KINDS[kind][2])
    place.put(b"old")
    return place


def digest_of(content: bytes) -> str:
    from hashlib import sha256

    return sha256(content).hexdigest()


def test_two_attempts_without_a_state_both_end_well(place):
    first, second = place.sink("task"), place.sink("task")
    first.begin()
    one = unit(first, pages(1)) + unit(first, pages(2))
    second.begin()
    two = unit(second, pages(3))
    first.write(b"rest")
    first.complete(sha256=digest_of(one + b"rest"))
    assert place.content() == one + b"rest"
    second.complete(sha256=digest_of(two))
    assert place.content() == two
    assert second.overlap == "another file got this name while this one was made, and is replaced by it"
    assert first.overlap is None
    assert place.leftovers() == []


def test_the_first_is_stopped_while_it_puts_its_units_together(place):
    first, second = place.sink("task"), place.sink("task")
    first.begin()
    one = unit(first, pages(1)) + unit(first, pages(2))

    def stopped_amid(units):
        yield next(units)
        second.begin()
        two = unit(second, pages(3))
        second.complete(sha256=digest_of(two))
        assert place.content() == two
        yield from units

    first.written = partial(stopped_amid, first.written())
    first.complete(sha256=digest_of(one))
    assert place.content() == one
    assert place.leftovers() == []


def test_the_first_wakes_up_and_finds_that_the_next_goes_on_with_its_units(place):
    first, second = place.sink("task"), place.sink("task")
    first.begin()
    one = unit(first, pages(1))
    state = saved(first)
    second.resume(state)
    unit(first, pages(2))
    for act in (first.save, first.complete):
        with pytest.raises(FileChangedError, match="are gone on with by another attempt"):
            act()
    first.discard()
    two = unit(second, pages(3))
    assert place.content() == b"old"
    second.complete(sha256=digest_of(one + two))
    assert place.content() == one + two
    assert place.leftovers() == []


def test_the_first_wakes_up_after_the_next_is_complete(place):
    first, second = place.sink("task"), place.sink("task")
    first.begin()
    one = unit(first, pages(1))
    state = saved(first)
    second.resume(state)
    second.complete(sha256=digest_of(one))
    with pytest.raises(FileChangedError, match="are gone"):
        first.complete(sha256=digest_of(one))
    first.discard()
    assert place.content() == one
    assert place.leftovers() == []
    with pytest.raises(CannotResumeError, match="gone"):
        place.sink("task").resume(state)


def test_three_attempts_go_on_with_each_others_units(place):
    content, state = b"", None
    for number in range(3):
        sink = place.sink("task")
        sink.begin() if state is None else sink.resume(state)
        content += unit(sink, pages(number))
        state = saved(sink)
        unit(sink, pages(9))  # nobody learns of it
    last = place.sink("task")
    last.resume(state)
    assert b"".join(last.written()) == content
    last.complete(sha256=digest_of(content))
    assert place.content() == content
    assert place.leftovers() == []


@pytest.mark.parametrize("kind", ["renaming", "closing", "dir"])
def test_a_unit_that_was_exchanged_is_found_before_the_file_has_its_name(place, tmp_path):
    sink = place.sink("task")
    sink.begin()
    content = unit(sink, pages(1))
    (file,) = tmp_path.glob("out/.*/*-000001")
    file.write_bytes(content[::-1])
    with pytest.raises(FileChangedError, match="do not hold what was written"):
        sink.complete(sha256=digest_of(content))
    assert place.content() == b"old"


@pytest.mark.parametrize("age", [-0.01, 60])
def test_what_a_dead_attempt_left_goes_and_what_a_living_one_has_stays(place, monkeypatch, age):
    first, second = place.sink("task"), place.sink("task")
    first.begin()
    unit(first, pages(1))
    monkeypatch.setattr(hidden_objects, "ATTEMPT_DEAD_AFTER", timedelta(seconds=age))
    time.sleep(0.01)  # a file's time has a smallest unit
    second.begin()
    assert bool([one for one in place.leftovers() if one.endswith("-000001")]) == (age > 0)
    second.write(b"anew")
    second.complete()
    assert place.content() == b"anew"
    assert bool(place.leftovers()) == (age > 0)


def test_a_store_that_tells_no_time_loses_what_others_have_left(place, store, monkeypatch):
    first, second = place.sink("task"), place.sink("task")
    first.begin()
    unit(first, pages(1))

    def modified(_):
        raise NotImplementedError

    monkeypatch.setattr(store[0], "modified", modified, raising=False)
    second.begin()
    second.complete()
    assert place.content() == b""
    assert place.leftovers() == []
    with pytest.raises(FileChangedError, match="are gone"):
        first.complete()


def test_units_are_told_in_few_words():
    units = hidden_objects.units_of([["aaaaaaaaaaaa", 2], ["bbbbbbbbbbbb", 3]])
    assert units == ["aaaaaaaaaaaa-000001", "aaaaaaaaaaaa-000002", "bbbbbbbbbbbb-000003"]
    assert hidden_objects.runs_of(units) == [["aaaaaaaaaaaa", 2], ["bbbbbbbbbbbb", 3]]
