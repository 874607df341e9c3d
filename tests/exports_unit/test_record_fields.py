"""``fields`` and ``drop_fields``: what is left of a record."""

import pytest

from airflow_provider_orgauth.exceptions import ConfigurationError, ResponseError
from airflow_provider_orgauth.exports.jsonl_writer import lines_of
from airflow_provider_orgauth.exports.record_fields import change_of
from airflow_provider_orgauth.paging.raw import Raw

DEVICE = (
    '{"id":1,"token":"s3cr3t","meta":{"token":"s3cr3t","name":"é"},'
    '"ports":[{"pin":1,"token":"s3cr3t"},{"pin":2.00}],"@odata.etag":"s3cr3t","none":null}'
)


def left(record, **arguments):
    return lines_of([Raw(record.encode())], change_of(**{"fields": None, "drop_fields": None, **arguments})).decode()[
        :-1
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["id"], '{"id":1}'),
        (["none", "id"], '{"id":1,"none":null}'),
        (["ports.pin"], '{"ports":[{"pin":1},{"pin":2.00}]}'),
        (["meta.name", "id"], '{"id":1,"meta":{"name":"é"}}'),
        (["meta.name", "meta"], '{"meta":{"token":"s3cr3t","name":"é"}}'),
        (["@odata.etag"], '{"@odata.etag":"s3cr3t"}'),
        (["unknown", "meta.unknown"], '{"meta":{}}'),
        (["id.inside", "none.inside", "token.inside"], "{}"),
    ],
)
def test_fields_are_all_that_is_kept(fields, expected):
    assert left(DEVICE, fields=fields) == expected


def test_drop_fields_leave_no_trace():
    dropped = ["token", "meta.token", "ports.token", "@odata.etag", "unknown.a", "id.a"]

    assert (
        left(DEVICE, drop_fields=dropped) == '{"id":1,"meta":{"name":"é"},"ports":[{"pin":1},{"pin":2.00}],"none":null}'
    )


@pytest.mark.parametrize("dropped", [["meta", "meta.name"], ["meta.name", "meta"]])
def test_what_is_dropped_whole_is_dropped_whole_though_a_part_of_it_is_named_too(dropped):
    assert "meta" not in left(DEVICE, drop_fields=dropped)


def test_drop_fields_win_over_fields():
    assert left(DEVICE, fields=["id", "meta"], drop_fields=["meta.token", "id"]) == '{"meta":{"name":"é"}}'


def test_half_a_surrogate_pair_in_a_key():
    assert left('{"\\ud800":1.0,"token":2}', drop_fields=["token"]) == '{"\\ud800":1.0}'


def test_nothing_to_do_is_no_change():
    assert change_of(fields=None, drop_fields=None) is None
    assert change_of(fields=None, drop_fields=[]) is None


@pytest.mark.parametrize("argument", ["fields", "drop_fields"])
@pytest.mark.parametrize("wrong", ["token", b"token", {"token": 1}, [1], [""], ["a", None], 5])
def test_what_is_no_list_of_names_is_refused(argument, wrong):
    with pytest.raises(ConfigurationError, match=f"^{argument}: is no list of names"):
        change_of(**{"fields": None, "drop_fields": None, argument: wrong})


def test_to_keep_nothing_is_surely_a_mistake():
    with pytest.raises(ConfigurationError, match=r"^fields: "):
        change_of(fields=[], drop_fields=None)


@pytest.mark.parametrize("record", ["1", "[1]", '"token"', "null"])
def test_a_record_that_is_no_object_is_said(record):
    with pytest.raises(ResponseError, match="a record is no object"):
        left(record, drop_fields=["token"])


@pytest.mark.parametrize("how", ["fields", "drop_fields"])
def test_arrays_in_arrays_are_looked_into_or_refused(how):
    shallow, deep = ('{"a":' + "[" * depth + '{"token":1,"b":2}' + "]" * depth + "}" for depth in (20, 50_000))

    assert "token" not in left(shallow, **{how: ["a.b"] if how == "fields" else ["a.token"]})
    with pytest.raises(ResponseError, match=r"too deep|not JSON"):
        left(deep, **{how: ["a.token"]})
