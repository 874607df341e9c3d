"""Names of fields that no record has, and credentials that nobody asked for."""

import json

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from hypothesis import given
from hypothesis import strategies as st
from pages_of_a_list import DictStore, ListOfPages, Stop

from airflow_provider_orgauth.exceptions import UnknownFieldError
from airflow_provider_orgauth.exports.dedup import Deduplicator
from airflow_provider_orgauth.exports.field_watch import FieldWatch
from airflow_provider_orgauth.exports.jsonl_writer import lines_of
from airflow_provider_orgauth.exports.record_fields import change_of
from airflow_provider_orgauth.paging.raw import Raw

DEVICE = {"id": 1, "token": "s3cr3t", "info": {"version": "1"}, "ports": [{"pin": 1}, {"key": {"x": 1}}], "a.b": 1}


def raw(record):
    return Raw(json.dumps(record).encode())


def see(watch, records, change=None):
    watch.observe([raw(record) for record in records], lines_of([raw(record) for record in records], change))


def seen(records, fields=(), drop_fields=()):
    watch = FieldWatch(fields, drop_fields)
    see(watch, records)
    return watch


@pytest.mark.parametrize("name", ["id", "info", "info.version", "ports.pin", "ports.key.x", "a.b", "none"])
@pytest.mark.parametrize("argument", ["fields", "drop_fields"])
def test_a_name_that_one_record_has(argument, name):
    seen([{"id": 2}, DEVICE, {"none": None}], **{argument: [name]}).require_known()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tokne", "Did you mean 'token'?"),
        ("Token", "Did you mean 'token'?"),
        ("info.versoin", "Did you mean 'info.version'?"),
        ("id.x", "Records have 'a.b', 'id', 'info', 'ports', 'token'."),
        ("ports.0.pin", "Records have"),
        ("zzz", "Records have"),
    ],
)
@pytest.mark.parametrize("argument", ["fields", "drop_fields"])
def test_a_name_that_no_record_has(argument, name, said):
    with pytest.raises(UnknownFieldError, match=f"^{argument}: no record has '{name}'") as caught:
        seen([DEVICE] * 2, **{argument: ["id", name]}).require_known()

    assert said.partition("'a.b'")[0] in str(caught.value)
    assert "s3cr3t" not in str(caught.value)
    assert isinstance(caught.value, AirflowFailException)


def test_a_list_without_records_has_nothing_to_say():
    FieldWatch(["nothing"], ["at all"]).require_known()
    seen([], ["nothing"]).require_known()


def test_what_fields_left_out_was_there_to_be_dropped():
    watch = FieldWatch(["id"], ["token"])
    see(watch, [DEVICE], change_of(fields=["id"], drop_fields=["token"]))

    watch.require_known()


def test_the_error_is_short_and_holds_no_secret():
    record = {f"password=hunter2-{number}" * 20: 1 for number in range(100)}
    with pytest.raises(UnknownFieldError) as caught:
        seen([record], ["nothing"]).require_known()

    assert len(str(caught.value)) < 600
    assert "hunter2" not in str(caught.value)


def test_a_key_that_records_lack_says_what_there_is():
    with pytest.raises(UnknownFieldError, match=r"^unique_by: a record has no field 'ID'.* Did you mean 'id'\?"):
        Deduplicator("ID").kept([raw(DEVICE)])


names = st.sampled_from(["a", "b", "a.b", "c", "b.c"])
records = st.recursive(
    st.integers(0, 1) | st.none(),
    lambda inner: st.dictionaries(names, inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=8,
).filter(lambda value: isinstance(value, dict))


@given(st.lists(records, min_size=1, max_size=3), st.lists(names, min_size=1, max_size=3, unique=True))
def test_a_name_is_known_where_leaving_it_out_changes_something(some, dropped):
    watch = seen(some, drop_fields=dropped)

    for name in dropped:
        change = change_of(fields=None, drop_fields=[name])
        differs = any(json.loads(bytes(change(raw(record)))) != record for record in some)
        assert (("drop_fields", name) in watch.unknown()) == (not differs)


# In an export


def bodies(*pages):
    return [json.dumps(page) for page in pages]


def export_of(tmp_path, pages, *, store=None, fields=None, drop_fields=None, **arguments):
    return ListOfPages(
        tmp_path / "out" / "a.jsonl",
        bodies(*pages),
        store,
        change=change_of(fields=fields, drop_fields=drop_fields),
        **arguments,
    )


@pytest.mark.parametrize("store", [None, DictStore()], ids=["no store", "store"])
@pytest.mark.parametrize("suffix", ["a.jsonl", "a.jsonl.gz"])
def test_an_export_with_an_unknown_name_leaves_nothing(tmp_path, store, suffix):
    export = export_of(tmp_path, [[{"id": 1}], [{"id": 2}]], store=store, drop_fields=["tokne"])
    export.path = export.path.with_name(suffix)
    for _ in range(2):  # a second attempt finds the same, and not what the first one left
        with pytest.raises(UnknownFieldError, match=r"^drop_fields: no record has 'tokne'"):
            export.export(watch=FieldWatch((), ["tokne"]))

    assert not export.path.exists()
    assert export.left_behind() == []
    assert export.fetched == [0, 1, 0, 1]


def test_without_require_fields_it_is_a_warning(tmp_path, caplog):
    export = export_of(tmp_path, [[{"id": 1}]], drop_fields=["note"])
    export.export(watch=FieldWatch((), ["note"]), require_fields=False)

    assert "drop_fields: no record has 'note'." in caplog.text


@pytest.mark.parametrize("stop", [1, 2, 3])
def test_what_an_earlier_attempt_saw_is_remembered(tmp_path, stop):
    pages = [[{"id": 1, "token": "s3cr3t"}], [{"id": 2}], [{"id": 3, "secret": "s3cr3t"}]]
    export = export_of(tmp_path, pages, store=DictStore(), drop_fields=["note"])
    with pytest.raises(Stop):
        export.export(watch=FieldWatch(["token"], []), stop_before=stop)
    manifest = export.export(watch=FieldWatch(["token"], []))

    assert manifest["records"] == 3
    assert manifest["credential_fields"] == ["secret"]


# Credentials


@pytest.mark.parametrize(
    ("record", "found"),
    [
        ({"id": 1, "token": "s3cr3t"}, ["token"]),
        (
            {"owner": {"apiKey": "s3cr3t"}, "ports": [{"Device-Token": "s3cr3t"}]},
            ["owner.apiKey", "ports.Device-Token"],
        ),
        ({"password": ["s3cr3t"], "secret": {"a": 1}}, ["password", "secret"]),
        ({"token": None, "secret": "", "password": False, "nextPageToken": "x", "tokens": 5}, []),
        ({"x": {"token": ""}}, []),
        ([[{"token": "s3cr3t"}]], ["token"]),
        ("token", []),
        (5, []),
    ],
)
def test_credentials_are_found_by_name(record, found):
    assert seen([record]).credentials == found


@pytest.mark.parametrize("odd", ["1E400", "9" * 5000, '"\\ud800"'])
def test_what_cannot_be_decoded_is_looked_at_all_the_same(odd):
    record = Raw(b'{"token":"s3cr3t","x":%s}' % odd.encode())
    watch = FieldWatch(["tokne"])
    watch.observe([record], lines_of([record], on_one_line=True))

    assert watch.credentials == ["token"]
    assert watch.unknown() == [("fields", "tokne")]


def test_what_is_nested_too_deep_to_be_looked_into_stops_no_export():
    record = Raw(b'{"token":"s3cr3t","x":%s}' % (b"[" * 50_000 + b"]" * 50_000))
    watch = FieldWatch()
    watch.observe([record], bytes(record) + b"\n")

    assert watch.credentials == []


def test_what_was_asked_for_or_left_out_is_none():
    watch = FieldWatch(["token", "owner"], [])
    see(watch, [{"token": "s3cr3t", "owner": {"secret": "s3cr3t"}}])
    assert watch.credentials == ["owner.secret"]

    watch = FieldWatch([], ["token"])
    see(watch, [DEVICE], change_of(fields=None, drop_fields=["token"]))
    assert watch.credentials == []


def test_a_hundred_of_the_first_page_and_the_first_of_each_later_one_are_looked_at():
    watch = FieldWatch()
    see(watch, [])
    see(watch, [{"id": 1}, {"token": "s3cr3t"}])
    see(watch, [{"secret": "s3cr3t"}, {"password": "s3cr3t"}])

    assert watch.credentials == ["secret", "token"]


def test_a_file_with_credentials_says_so(tmp_path, caplog):
    manifest = export_of(tmp_path, [[{"id": 1, "token": "s3cr3t"}]]).export()

    assert manifest["credential_fields"] == ["token"]
    (warning,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert "The file holds what looks like credentials" in warning.getMessage()
    assert "drop_fields=['token']" in warning.getMessage()
    assert "s3cr3t" not in caplog.text
