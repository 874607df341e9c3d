"""The operator on lists: records as a result, or in a file with a manifest."""

import gzip
import hashlib
import json
import threading
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from state_in_a_dict import StateInADict

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.operators import list_result
from airflow_provider_orgauth.operators.combinations import NEED_A_FILE
from airflow_provider_orgauth.operators.org_api import OrgApiOperator
from airflow_provider_orgauth.paging import PageNumberPagination

API = "/api/v1/organization"
DEVICES = f"{API}/devices"


@pytest.fixture
def orgauth_emulator_settings():
    return {"devices": 250}


@pytest.fixture
def execute(orgauth_emulator, monkeypatch):
    """Return a function that makes an operator for devices in pages of 50 and executes it."""
    orgauth_emulator.set_connection(monkeypatch, cache="memory", max_attempts=1)

    def run(context=None, **arguments):
        arguments = {"endpoint": DEVICES, "pagination": PageNumberPagination(size=50), **arguments}
        return OrgApiOperator(task_id="t", **arguments).execute(context or {})

    return run


@pytest.fixture
def file(tmp_path):
    return tmp_path / "out" / "devices.jsonl"


def read(path):
    content = path.read_bytes()
    return [json.loads(line) for line in (gzip.decompress(content) if path.suffix == ".gz" else content).splitlines()]


def answer(emulator, body):
    """Let the emulator answer the next request for devices with this body."""
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body.encode()))}
    emulator.fault("raw", DEVICES, status=200, headers=headers, body=body)


def everything_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


# Without a file


def test_the_records_of_all_pages_without_credentials(execute):
    found = execute()

    assert [device["id"] for device in found] == list(range(1, 251))
    assert {device["token"] for device in found} == {"***"}


@pytest.mark.parametrize(
    "pagination",
    [{"size": 50}, {"type": "page_number", "size": 50}, "page_number", PageNumberPagination(size=50)],
    ids=["dict", "dict with type", "name", "value"],
)
def test_a_style_however_it_is_written(execute, pagination):
    assert len(execute(pagination=pagination)) == 250


@pytest.mark.parametrize(
    "response_filter",
    ["[?id > `248`].id", lambda records: [device["id"] for device in records if device["id"] > 248]],
    ids=["jmespath", "callable"],
)
def test_a_filter_sees_the_list_of_all_records(execute, response_filter):
    assert execute(response_filter=response_filter) == [249, 250]


def test_a_filter_may_see_more_than_xcom_can_hold(execute):
    assert execute(response_filter="length(@)", max_result_bytes=1000) == 250


def test_a_callable_filter_gets_the_context_values_that_it_names(execute):
    assert execute({"ds": "2026-01-01"}, response_filter=lambda records, ds: [ds, len(records)]) == ["2026-01-01", 250]


def test_what_a_callable_filter_returns_is_masked_too(execute):
    assert execute(response_filter=lambda records: records[0])["token"] == "***"


def test_too_many_records_for_xcom_name_the_way_out_and_are_not_fetched(execute, orgauth_emulator):
    with pytest.raises(errors.ResultTooLargeError, match=r"at page 1\. .*output_path=") as caught:
        execute(max_result_bytes=1000, max_concurrency=1)

    assert isinstance(caught.value, AirflowFailException)
    assert orgauth_emulator.stats()["api_requests"] == 1
    assert len(execute(max_result_bytes=1000, do_xcom_push=False)) == 250


def test_what_memory_cannot_hold_names_the_way_out_too(execute, monkeypatch):
    monkeypatch.setattr(list_result, "MAX_HELD_BYTES", 30_000)

    for arguments in ({"response_filter": "length(@)"}, {"do_xcom_push": False}):
        with pytest.raises(errors.ResultTooLargeError, match="output_path="):
            execute(**arguments)


@pytest.mark.parametrize(
    "response_check", ["length(content) > `0`", lambda response: response.ok], ids=["jmespath", "callable"]
)
def test_a_check_that_each_page_passes(execute, response_check):
    assert len(execute(response_check=response_check)) == 250


@pytest.mark.parametrize("max_concurrency", [1, 8])
def test_a_check_that_one_page_does_not_pass(execute, file, max_concurrency):
    arguments = {"response_check": "content[0].id < `150`", "max_concurrency": max_concurrency}

    with pytest.raises(errors.ResponseCheckError, match=r"does not pass response_check \(content\[0\]\.id < `150`\)"):
        execute(**arguments)
    with pytest.raises(errors.ResponseCheckError):
        execute(output_path=str(file), **arguments)
    assert everything_in(file.parent.parent) == []


@pytest.mark.parametrize(
    ("body", "records", "found"),
    [
        ('[{"id": 1}]', "", [{"id": 1}]),
        ('{"a": {"b": [{"id": 1}], "c": []}}', "a.b", [{"id": 1}]),
        ('{"a": {"b": []}, "c": [1.5]}', None, [1.5]),
        ("[]", None, []),
    ],
)
def test_one_answer_is_a_list_of_its_records(execute, orgauth_emulator, body, records, found):
    answer(orgauth_emulator, body)

    assert execute(pagination="single", records=records) == found
    assert orgauth_emulator.stats()["api_requests"] == 1


def test_records_alone_make_it_a_list(execute):
    about = {"pagination": None, "records": "content", "params": {"page": 4, "size": 50}}
    assert [device["id"] for device in execute(**about)] == list(range(201, 251))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"pagination": {"cursor": "nextCursor"}, "params": {"size": 1000}}, "the answer has nothing at 'nextCursor'"),
        ({"pagination": "single", "params": {"size": 1000}}, None),
        ({}, None),
    ],
)
def test_a_first_page_that_is_taken_for_all_is_said(execute, caplog, arguments, said):
    execute(**arguments)

    warnings = [record.getMessage() for record in caplog.records if record.name.endswith("hooks.pages")]
    assert len(warnings) == (said is not None)
    assert said is None or f"The first page was taken for all there is, though {said}" in warnings[0]


# To a file


def test_a_file_and_its_manifest(execute, orgauth_emulator, file):
    manifest = execute(output_path=str(file))
    content = file.read_bytes()

    assert [device["id"] for device in read(file)] == list(range(1, 251))
    assert manifest.pop("duration") > 0
    assert manifest.pop("bytes_read") > len(content)  # with what is around the records
    assert manifest == {
        "path": str(file),
        "records": 250,
        "pages": 5,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "total": 250,
        "total_at_start": 250,
        "total_changes": 0,
        "duplicates": 0,
        "missing": 0,
        "warning": None,
        "overlap": None,
        "credential_fields": ["token"],
    }
    assert everything_in(file.parent) == [file.name]
    assert orgauth_emulator.stats()["token_requests"] == 1
    assert json.dumps(manifest)


def test_records_are_written_as_the_server_wrote_them(execute, orgauth_emulator, file):
    answer(orgauth_emulator, '{"content":[{"id":1,"x":1.10,"é":"\\u00e9"} ,\n{"id":2}],"totalElements":2}')

    execute(output_path=str(file))

    assert file.read_text() == '{"id":1,"x":1.10,"é":"\\u00e9"}\n{"id":2}\n'


@pytest.mark.parametrize("max_concurrency", [1, 3, 16])
def test_the_same_file_however_many_pages_are_fetched_at_once(execute, tmp_path, max_concurrency):
    for number, arguments in ((1, {"max_concurrency": 1}), (2, {"max_concurrency": max_concurrency})):
        execute(output_path=str(tmp_path / f"{number}.jsonl.gz"), **arguments)

    assert (tmp_path / "1.jsonl.gz").read_bytes() == (tmp_path / "2.jsonl.gz").read_bytes()


def test_fields_and_drop_fields(execute, file):
    execute(output_path=str(file), fields=["id", "token", "hardwareInfo.version"], drop_fields=["token"])

    assert read(file)[0].keys() == {"id", "hardwareInfo"}
    assert read(file)[0]["hardwareInfo"].keys() <= {"version"}
    execute(output_path=str(file), drop_fields=["token"])
    assert len(read(file)[0]) > 3
    assert b"token" not in file.read_bytes()


def test_records_that_are_no_objects_have_no_fields(execute, orgauth_emulator, file):
    answer(orgauth_emulator, "[[1], [2]]")

    with pytest.raises(errors.ResponseError, match="a record is no object"):
        execute(output_path=str(file), records="", fields=["id"])
    assert everything_in(file.parent.parent) == []


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("fields", "id"),
        ("fields", []),
        ("drop_fields", [1]),
        ("unique_by", 5),
        ("unique_by", [""]),
        ("max_concurrency", 0),
        ("max_concurrency", 65),
        ("max_concurrency", "8"),
        ("max_concurrency", True),
        ("pagination", {"sise": 5}),
        ("pagination", 5),
        ("output_path", ""),
        ("output_path", "nosuch://bucket/devices.jsonl"),
        ("output_path", "/tmp"),
        ("output_path", "/tmp/devices.jsonl.bz2"),
        ("data", {"a": 1}),
        ("response_filter", "content"),
        ("time_format", "sometimes"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(execute, orgauth_emulator, file, argument, value):
    with pytest.raises(errors.ConfigurationError, match=rf"^{argument}\b") as caught:
        execute(**{"output_path": str(file), argument: value})

    assert isinstance(caught.value, AirflowFailException)
    assert orgauth_emulator.stats()["api_requests"] == 0
    assert everything_in(file.parent.parent) == []


@pytest.mark.parametrize("argument", NEED_A_FILE)
@pytest.mark.parametrize("pagination", [None, {"size": 50}])
def test_what_would_have_no_effect_without_a_file_is_refused(execute, orgauth_emulator, argument, pagination):
    with pytest.raises(errors.ConfigurationError, match=f"^{argument}: needs output_path"):
        execute(pagination=pagination, **{argument: argument == "strict" or ["id"]})
    assert orgauth_emulator.stats()["api_requests"] == 0


def test_records_that_are_nowhere(execute, file):
    with pytest.raises(errors.ResponseError, match="records: the answer has nothing at 'items'"):
        execute(output_path=str(file), records="items")
    assert everything_in(file.parent.parent) == []


# Lists that change while they are read


class Other:
    """Another client, who changes the list while page 1 (the second) is read; a ``response_check`` that is true.

    :param acts: one for each time that page 1 is read: how it calls ``OrgAuthHook.run``.
    """

    def __init__(self, *acts):
        self.acts = [*acts]

    def __call__(self, response):
        if "page=1&" in response.url and self.acts:
            # In a thread of its own: the one that sees the page is in the middle of its request.
            other = threading.Thread(target=OrgAuthHook().run, kwargs=self.acts.pop(0))
            other.start()
            other.join()
        return True


CREATE = {
    "endpoint": f"{API}/device/create",
    "method": "POST",
    "json": {"templateId": 353, "name": "new", "ownerId": 879, "orgId": 578},
}
DELETE = {"endpoint": f"{API}/device", "method": "DELETE", "params": {"deviceId": 3}}


def moved(manifest):
    names = ("records", "total", "total_at_start", "total_changes", "duplicates", "missing")
    return tuple(manifest[name] for name in names)


def test_a_device_more_at_the_end(execute, file):
    manifest = execute(output_path=str(file), response_check=Other(CREATE), max_concurrency=1)

    assert moved(manifest) == (251, 251, 250, 1, 0, 0)
    assert read(file)[-1]["name"] == "new"


def test_a_device_more_at_the_beginning_makes_another_come_twice(execute, orgauth_emulator, file):
    orgauth_emulator.settings(newest_first=True)
    manifest = execute(output_path=str(file), response_check=Other(CREATE), max_concurrency=1, unique_by="id")

    assert moved(manifest) == (250, 251, 250, 1, 1, 0)
    assert sorted(device["id"] for device in read(file)) == list(range(1, 251))


def test_without_unique_by_it_is_in_the_file_twice(execute, orgauth_emulator, file):
    orgauth_emulator.settings(newest_first=True)
    manifest = execute(output_path=str(file), response_check=Other(CREATE), max_concurrency=1)

    assert moved(manifest) == (251, 251, 250, 1, 0, 0)
    assert len({device["id"] for device in read(file)}) == 250


def test_a_device_fewer_makes_another_be_missed(execute, file):
    """What was the first of the third page is on the second then, which is read: only the total tells."""
    manifest = execute(output_path=str(file), response_check=Other(DELETE), max_concurrency=1)

    assert moved(manifest) == (249, 249, 250, 1, 0, 0)
    assert 101 not in {device["id"] for device in read(file)}
    file.unlink()
    with pytest.raises(errors.IncompleteListError, match="the total moved from 249 to 248"):
        execute(
            output_path=str(file),
            response_check=Other({**DELETE, "params": {"deviceId": 4}}),
            max_concurrency=1,
            strict=True,
        )
    assert everything_in(file.parent) == []


def test_a_change_and_back_is_seen_too(execute, orgauth_emulator, file):
    orgauth_emulator.settings(newest_first=True)

    def both(response):
        return create(response) and ("page=2&" not in response.url or bool(OrgAuthHook().run(**DELETE)))

    create = Other(CREATE)
    with pytest.raises(errors.IncompleteListError, match="the total moved and is back at 250"):
        execute(output_path=str(file), response_check=both, max_concurrency=1, strict=True)


@pytest.mark.parametrize("strict", [False, True])
def test_fewer_records_than_the_total(execute, orgauth_emulator, file, strict):
    """A server that counts what it does not show."""
    answer(orgauth_emulator, '{"content":[{"id":1},{"id":2}],"totalElements":5}')
    answer(orgauth_emulator, '{"content":[],"totalElements":5}')

    if strict:
        with pytest.raises(errors.IncompleteListError, match="3 of 5 records did not come"):
            execute(output_path=str(file), max_concurrency=1, strict=True)
        assert everything_in(file.parent) == []
    else:
        assert moved(execute(output_path=str(file), max_concurrency=1)) == (2, 5, 5, 0, 0, 3)


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("unique_by", [None, "id"])
def test_strict_fails_and_leaves_nothing(execute, orgauth_emulator, file, suffix, unique_by):
    orgauth_emulator.settings(newest_first=True)

    with pytest.raises(errors.IncompleteListError, match="the total moved from 250 to 251") as caught:
        execute(
            output_path=str(file) + suffix,
            response_check=Other(CREATE),
            max_concurrency=1,
            strict=True,
            unique_by=unique_by,
        )
    assert ("1 records came twice" in str(caught.value)) == (unique_by is not None)
    assert not isinstance(caught.value, AirflowFailException)  # when it is quiet again, it works
    assert everything_in(file.parent.parent) == []
    assert execute(output_path=str(file) + suffix, strict=True)["records"] == 251


@pytest.mark.parametrize("max_concurrency", [1, 8])
@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
@pytest.mark.parametrize("unique_by", [None, "id"])
@pytest.mark.parametrize("page", [0, 3])
def test_an_export_that_fails_leaves_no_file(
    execute, orgauth_emulator, tmp_path, max_concurrency, suffix, unique_by, page
):
    def check(response):
        return f"page={page}&" not in response.url

    for arguments in ({"response_check": check}, {"unique_by": "nothing"}):
        with pytest.raises(errors.ResponseError):
            execute(
                output_path=str(tmp_path / f"a{suffix}"),
                max_concurrency=max_concurrency,
                **{"unique_by": unique_by, **arguments},
            )
        assert everything_in(tmp_path) == []


def test_an_export_that_fails_leaves_yesterdays_file(execute, file):
    execute(output_path=str(file))
    yesterdays = file.read_bytes()

    with pytest.raises(errors.ResponseCheckError):
        execute(output_path=str(file), response_check="content[0].id < `150`", drop_fields=["token"])

    assert file.read_bytes() == yesterdays
    assert everything_in(file.parent) == [file.name]


@pytest.mark.parametrize(
    "pagination",
    ["single", lambda request, answer: None],
    ids=["single", "f"],
)
def test_a_first_page_that_is_taken_for_all_there_is(execute, file, pagination):
    about = {"pagination": pagination, "output_path": str(file)}

    assert execute(**about)["warning"]
    with pytest.raises(errors.IncompleteListError, match="the first page was taken for all there is"):
        execute(**about, strict=True)


@pytest.mark.parametrize(
    "output_path",
    [
        ["a"],
        {"a": 1},
        5,
        "",
        " ",
        "None",
        "~/a.jsonl",
        "file://tmp/a.jsonl",
        "file:/tmp/a.jsonl",
        "s3:/bucket/a",
        "/tmp/a\0",
        "/tmp/a\n",
    ],
)
def test_an_output_path_that_is_none_is_refused_before_anything_is_asked(execute, orgauth_emulator, output_path):
    with pytest.raises(errors.ConfigurationError, match=r"^output_path: "):
        execute(output_path=output_path)
    assert orgauth_emulator.stats()["api_requests"] == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("records", 5),
        ("records", ["x"]),
        ("strict", "false"),
        ("unique_by", ""),
        ("unique_by", []),
        ("drop_fields", ""),
    ],
)
def test_arguments_of_another_kind_are_named(execute, file, name, value):
    with pytest.raises(errors.ConfigurationError, match=rf"^{name}: "):
        execute(**{"output_path": str(file), name: value})
    assert everything_in(file.parent.parent) == []


def test_a_page_that_is_no_json_is_called_that(execute, file, orgauth_emulator):
    answer(orgauth_emulator, "<html>")

    with pytest.raises(errors.ResponseError, match="A page is not JSON"):
        execute(output_path=str(file), records="content")


def test_an_attempt_after_other_default_headers_starts_anew(execute, orgauth_emulator, monkeypatch, file, caplog):
    """Such as one that names a tenant: half of one list and half of another would be in the file."""
    caplog.set_level("INFO")
    store, seen, is_broken = StateInADict(), [], True
    task = SimpleNamespace(dag_id="dag", task_id="t", run_id="run", map_index=-1)

    def check(response):
        seen.append(response.request.headers["X-Tenant"])
        if is_broken and "page=2" in response.request.url:
            raise KeyError("page 2")
        return True

    def attempt(tenant):
        orgauth_emulator.set_connection(monkeypatch, cache="memory", max_attempts=1, headers={"X-Tenant": tenant})
        context = {"ti": task, "task_state_store": store}
        execute(context, output_path=str(file), response_check=check, max_concurrency=1)

    for _ in range(2):
        with pytest.raises(KeyError):
            attempt("tenant-one")
    assert "Resuming after page 2" in caplog.text
    assert "tenant-one" not in json.dumps(store.values)

    is_broken = False
    seen.clear()
    attempt("tenant-two")
    assert "had other arguments (the connection's server or headers)" in caplog.text
    assert seen == ["tenant-two"] * 5
    assert len(read(file)) == 250
