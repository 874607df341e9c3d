"""Whatever the record and whatever is named: the same as with plain Python objects."""

import json

from exports_unit.json_texts import object_texts
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.exports.jsonl_writer import lines_of
from airflow_provider_orgauth.exports.record_fields import change_of
from airflow_provider_orgauth.paging.raw import Raw


def exactly(text):
    return json.loads(text, parse_int=lambda digits: ("int", digits), parse_float=lambda digits: ("float", digits))


def rests(key, names):
    """What the names say of the value under ``key``: paths within it; an empty one is the whole of it."""
    return [name[len(key) :].removeprefix(".") for name in names if name == key or name.startswith(f"{key}.")]


def kept(value, names):
    if isinstance(value, list):
        return [kept(element, names) for element in value if isinstance(element, dict | list)]
    result = {}
    for key, inner in value.items():
        within = rests(key, names)
        if key in names:
            result[key] = inner
        elif within and isinstance(inner, dict | list):
            result[key] = kept(inner, within)
    return result


def dropped(value, names):
    if isinstance(value, list):
        return [dropped(element, names) for element in value]
    if isinstance(value, dict):
        return {key: dropped(inner, rests(key, names)) for key, inner in value.items() if key not in names}
    return value


paths = st.lists(
    st.lists(st.sampled_from(["a", "b", "c", "token", "é", "\ud800", ""]), min_size=1, max_size=3)
    .map(".".join)
    .filter(bool),
    min_size=1,
    max_size=4,
)


@given(object_texts, paths, st.none() | paths)
def test_as_with_plain_objects(text, fields, drop_fields):
    change = change_of(fields=fields, drop_fields=drop_fields)

    expected = kept(exactly(text), fields)
    if drop_fields is not None:
        expected = dropped(expected, drop_fields)
    assert exactly(lines_of([Raw(text.encode())], change)) == expected


@given(object_texts, paths)
def test_what_is_dropped_is_gone_and_the_rest_stays(text, drop_fields):
    change = change_of(fields=None, drop_fields=drop_fields)

    once = lines_of([Raw(text.encode())], change)

    assert exactly(once) == dropped(exactly(text), drop_fields)
    assert lines_of([Raw(once.strip())], change) == once
