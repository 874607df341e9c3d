"""Counters of an export: what comes is told while it comes, and once, whichever attempt it came in."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from exports_unit.pages_of_a_list import DictStore, ListOfPages, Stop

from airflow_provider_orgauth.exports.increments import Increments

BODIES = [json.dumps([{"id": 3 * page + n} for n in range(3)]) for page in range(6)]


class Counters:
    """Adds up what it is told."""

    def __init__(self):
        self.sums = Counter()
        self.times = 0

    def tell(self, **more):
        assert min(more.values()) >= 0
        self.sums.update(more)
        self.times += 1


@pytest.fixture
def counters():
    return Counters()


def sums_of(manifest):
    return {"records": manifest["records"], "pages": manifest["pages"], "size": manifest["bytes"]}


@pytest.mark.parametrize("suffix", ["jsonl", "jsonl.gz"])
@pytest.mark.parametrize("stops", [[], [3], [0, 1, 2, 3, 4, 5, 6], [6]], ids=str)
def test_attempts_that_resume_tell_each_thing_once(tmp_path, counters, suffix, stops):
    pages = ListOfPages(tmp_path / f"a.{suffix}", BODIES, DictStore())
    for stop in stops:
        with pytest.raises(Stop):
            pages.export(stop_before=stop, increments=Increments(counters.tell))
    manifest = pages.export(increments=Increments(counters.tell))

    assert counters.sums == sums_of(manifest)
    assert counters.sums["records"] == 18


def test_it_is_told_while_it_comes(tmp_path, counters):
    pages = ListOfPages(tmp_path / "a.jsonl", BODIES, DictStore())
    pages.export(increments=Increments(counters.tell))

    assert counters.times >= len(BODIES)


def test_where_nothing_is_kept_it_is_told_while_it_comes_too(tmp_path, counters):
    pages = ListOfPages(tmp_path / "a.jsonl", BODIES)
    clock = iter(range(0, 10**6, 10))  # each page takes long enough for a word
    manifest = pages.export(increments=Increments(counters.tell), clock=lambda: next(clock))

    assert counters.sums == sums_of(manifest)
    assert counters.times >= len(BODIES)


def test_what_is_not_saved_is_the_next_attempts_to_tell(tmp_path, counters):
    store = DictStore()
    pages = ListOfPages(tmp_path / "a.jsonl", BODIES, store)
    with pytest.raises(Stop):
        pages.export(stop_before=2, increments=Increments(counters.tell))

    def fail(state):
        raise OSError

    store.save = fail
    with pytest.raises(Stop):
        pages.export(stop_before=5, increments=Increments(counters.tell))
    assert counters.sums["pages"] == 2
    del store.save

    assert sums_of(pages.export(increments=Increments(counters.tell))) == counters.sums
