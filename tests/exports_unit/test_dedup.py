"""Of two records with the same key, the first."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.exceptions import ConfigurationError, ResponseError
from airflow_provider_orgauth.exports.dedup import Deduplicator
from airflow_provider_orgauth.paging.body import JsonBody
from airflow_provider_orgauth.paging.raw import decode


def raw(values):
    return JsonBody(json.dumps(values).encode()).array("")


def kept(unique, values):
    return [decode(record) for record in unique.kept(raw(values))]


def test_the_first_stays_within_a_page_and_across_pages():
    unique = Deduplicator("id")

    assert kept(unique, [{"id": 1, "n": 1}, {"id": 2}, {"id": 1, "n": 2}]) == [{"id": 1, "n": 1}, {"id": 2}]
    assert kept(unique, [{"id": 2}, {"id": 3}, {"id": "1"}]) == [{"id": 3}, {"id": "1"}]


def test_a_key_of_several_fields_is_not_their_text():
    unique = Deduplicator(["a", "b.c"])
    records = [{"a": "x", "b": {"c": "yz"}}, {"a": "xy", "b": {"c": "z"}}, {"a": "x", "b": {"c": None}}]

    assert kept(unique, [*records, *records]) == records


def test_a_record_without_the_field_is_said():
    for record in ({"a": 1}, {}, [], 1, {"id.x": 1}):
        with pytest.raises(ResponseError, match="a record has no field 'id'"):
            kept(Deduplicator("id"), [record])


def test_records_without_a_value_are_not_taken_for_one():
    with pytest.raises(ResponseError, match="a record has null in a, b"):
        kept(Deduplicator(["a", "b"]), [{"a": None, "b": None}])


@pytest.mark.parametrize("wrong", ["", [], (), [""], [1], 5, {"id": 1}, ["id", None]])
def test_what_names_no_field_is_refused(wrong):
    with pytest.raises(ConfigurationError, match=r"^unique_by: is no name of a field"):
        Deduplicator(wrong)


def test_what_is_noted_is_what_came_since():
    unique = Deduplicator("id")
    kept(unique, [{"id": 1}, {"id": 2}, {"id": 3}])
    fresh = unique.unsaved()
    assert unique.unsaved() == fresh  # until it is noted: to write it may fail
    unique.mark_saved()
    assert unique.unsaved() == b""

    further = Deduplicator("id")
    further.restore(fresh)
    assert kept(further, [{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}]) == [{"id": 4}]
    further.forget()
    assert kept(further, [{"id": 1}]) == [{"id": 1}]


values = st.integers(0, 3) | st.sampled_from(["0", "1", "é", "\ud800", True, 1.5, [1], {"x": 1}, [], ""])
records = st.fixed_dictionaries({"a": values, "b": st.none() | values, "other": st.integers()})


@given(st.lists(st.tuples(st.lists(records, max_size=5), st.sampled_from(["", "noted", "new process"]))))
def test_the_same_as_with_a_set_and_over_processes(pages):
    """What came after the last note comes again in a new process."""
    unique, side_files, seen, at_note = Deduplicator(("a", "b")), [], set(), set()
    for page, then in pages:
        expected = []
        for record in page:
            key = json.dumps([record["a"], record["b"]])
            if key not in seen:
                expected.append(record)
            seen.add(key)
        assert kept(unique, page) == expected
        if then == "noted":
            side_files.append(unique.unsaved())
            unique.mark_saved()
            at_note = set(seen)
        if then == "new process":
            unique = Deduplicator(("a", "b"))
            for note in side_files:
                unique.restore(note)
            seen = set(at_note)
