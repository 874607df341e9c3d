"""A page is not taken for the list, unless its user says that one page is wanted."""

import json
import re
import sys
from pathlib import Path

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

sys.path.insert(0, str(Path(__file__).parents[1] / "hooks"))
from hostile_server import hostile_server, http

PAGE = {"content": [{"id": number} for number in range(50)], "totalElements": 2500}
WHOLE = {"content": [{"id": 1}], "totalElements": 1}


@pytest.fixture
def serve(monkeypatch):
    """Return a function that makes a server answer with this JSON from now on."""
    body, headers = [WHOLE], []

    def answer(peer):
        peer.send(http(json.dumps(body[0]).encode(), *headers))

    with hostile_server(api=answer) as server:
        about = {"conn_type": "orgauth", "host": "127.0.0.1", "port": server.port, "schema": "http"}
        about |= {"login": "id", "password": "s3cr3t", "extra": {"cache": "memory", "max_attempts": 1}}
        monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps(about))

        def make(given, *more):
            body[0], headers[:] = given, more
            return server

        yield make


@pytest.fixture
def file(tmp_path):
    return tmp_path / "out" / "devices.json"


def execute(**arguments):
    return OrgApiOperator(task_id="t", **{"endpoint": "/devices", **arguments}).execute({})


def everything_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


SAID = (
    r"is one page of a list, and pagination does not say .*: it holds 50 records of 2,500 \(at 'totalElements'\)\. .*"
)


@pytest.mark.parametrize(
    "response_filter",
    [
        None,
        "content",
        "content[].id",
        "{n: totalElements, d: content[0].id}",
        # Nothing is found on this page.
        "content[?id == `2400`].id",
        "length(content[?id == `2400`]) == `0`",
        "* | [?id == `2400`]",
        "values(@)[] | [?id == `2400`]",
    ],
)
def test_a_result(serve, response_filter):
    serve(PAGE)
    with pytest.raises(errors.TruncatedListError, match=SAID + 'pagination="single".*pagination=False') as caught:
        execute(response_filter=response_filter)
    assert isinstance(caught.value, AirflowFailException)


@pytest.mark.parametrize(
    ("answer", "response_filter"),
    [
        ({"data": {"items": [{"id": 1}], "total": 500}}, "data.total"),
        ({"data": {"items": [{"id": 1}], "total": 500}}, "data.{n: total}"),
        ({"items": [{"id": 1}], "total": 500}, "@.total"),
        ({"items": [{"id": 1}], "total": 500}, "{n: @.total}"),
        ({"data": {"items": [{"id": 1}]}, "meta": {"total": 500, "warnings": []}}, "meta.total"),
        # A whole list.
        ({"errors": [], "data": {"items": [{"id": 1}, {"id": 2}], "total": 2}}, "data.items[].id"),
    ],
)
def test_what_does_not_look_at_the_records_of_a_page(serve, answer, response_filter):
    serve(answer)
    assert execute(response_filter=response_filter)


@pytest.mark.parametrize("response_filter", ["data", "data.items[].id", "data.items[?status == 'OFF']"])
def test_an_empty_array_beside_the_records_does_not_hide_them(serve, response_filter):
    serve({"errors": [], "data": {"items": [{"id": 1}, {"id": 2}], "total": 500}})
    with pytest.raises(errors.TruncatedListError):
        execute(response_filter=response_filter)


def test_a_download(serve, file):
    serve(PAGE)
    with pytest.raises(errors.TruncatedListError, match=SAID):
        execute(output_path=str(file))
    assert everything_in(file.parent) == []

    execute(output_path=str(file), pagination=False)
    assert json.loads(file.read_bytes()) == PAGE


@pytest.mark.parametrize(
    "arguments", [{"records": "content"}, {"fields": ["id"]}, {"unique_by": "id"}, {"strict": True}]
)
def test_an_export_of_records_without_pagination(serve, file, arguments):
    serve(PAGE)
    path = str(file.with_suffix(".jsonl"))
    with pytest.raises(errors.TruncatedListError, match=SAID):
        execute(output_path=path, **arguments)
    assert everything_in(file.parent) == []


def test_records_as_a_result(serve):
    serve(PAGE)
    with pytest.raises(errors.TruncatedListError, match=SAID):
        execute(records="content")
    assert len(execute(records="content", pagination="single")) == 50


def test_a_hooks_list(serve):
    serve(PAGE)
    with pytest.raises(errors.TruncatedListError, match=SAID):
        list(OrgAuthHook().paginate("/devices", pagination=None))
    assert len(list(OrgAuthHook().paginate("/devices", pagination="single"))) == 50
    assert len(list(OrgAuthHook().paginate("/devices", pagination=None, params={"page": 3}))) == 50
    assert OrgAuthHook().run("/devices").json() == PAGE


@pytest.mark.parametrize(
    "pagination",
    [{"type": "cursor", "cursor": "nextt"}, {"type": "link", "next_url": "links.nextt"}],
    ids=["cursor", "link"],
)
def test_a_misspelt_cursor(serve, pagination):
    serve({"items": [1], "next": "/devices?cursor=2", "links": {"next": "/devices?cursor=2"}})
    with pytest.raises(errors.TruncatedListError, match="it says that there are more"):
        list(OrgAuthHook().paginate("/devices", pagination=pagination))
    serve({"items": [1]})
    assert list(OrgAuthHook().paginate("/devices", pagination=pagination)) == [1]


def test_one_page_that_is_wanted_is_said_and_not_warned_of(serve, file, caplog):
    serve(PAGE)
    caplog.set_level("INFO")
    path = file.with_suffix(".jsonl")
    manifest = execute(pagination="single", output_path=str(path))

    assert len(path.read_bytes().splitlines()) == 50
    assert "50 records of 2,500" in manifest["warning"]
    (said,) = [record for record in caplog.records if "taken for all there is" in record.getMessage()]
    assert said.levelname == "INFO"


@pytest.mark.parametrize(
    "arguments",
    [
        {"pagination": False},
        {"params": {"page": 0, "size": 50}},
        {"params": {"offset": 0}},
        {"endpoint": "/devices?page=0"},
        {"method": "POST", "json": {"cursor": "abc"}},
        {"method": "POST", "data": {"page": 0}},
        {"response_filter": lambda response: response.json()},
        {"response_filter": "totalElements"},
        {"response_filter": "{n: totalElements}"},
        {"pagination": False, "method": "POST", "data": "x"},
    ],
    ids=str,
)
def test_who_wants_one_page_says_so(serve, arguments):
    serve(PAGE)
    execute(**arguments)


def test_an_order_is_written_whatever_its_total(serve):
    serve({"number": 7, "total": 1500, "items": [1, 2, 3]})
    assert execute(method="POST", json={"a": 1})["total"] == 1500
    with pytest.raises(errors.TruncatedListError, match="pagination=False"):
        execute()
    assert execute(pagination=False)["total"] == 1500


def test_a_thing_with_an_id_is_read_whatever_its_total(serve, file):
    serve(order := {"id": 7, "total": 1500, "items": [1, 2, 3], "tags": []})
    assert execute() == order
    execute(output_path=str(file))
    assert json.loads(file.read_bytes()) == order


@pytest.mark.parametrize("header", ['Link: </devices?page=2>; rel="next"', "X-Total-Count: 2500"])
def test_a_header_says_it(serve, file, header):
    serve([1, 2], header)
    with pytest.raises(errors.TruncatedListError):
        execute()
    with pytest.raises(errors.TruncatedListError):
        execute(output_path=str(file))


def test_json_that_is_too_large_to_look_at_is_a_file(serve, file, monkeypatch):
    from airflow_provider_orgauth.hooks import downloaded_page

    monkeypatch.setattr(downloaded_page, "LOOKED_AT_BYTES", 100)
    serve(PAGE)
    execute(output_path=str(file))
    assert json.loads(file.read_bytes()) == PAGE
    serve(PAGE, "Link: </b>; rel=next")
    with pytest.raises(errors.TruncatedListError, match="Link header"):
        execute(output_path=str(file))


def test_a_hooks_download_says_it(serve, file, caplog):
    serve(PAGE)
    OrgAuthHook().download("/devices", file)
    assert "is one page of a list: it holds 50 records of 2,500" in caplog.text
    assert json.loads(file.read_bytes()) == PAGE


@pytest.mark.parametrize("argument", ["records", "fields", "drop_fields", "unique_by"])
def test_false_is_no_list(argument):
    with pytest.raises(errors.ConfigurationError, match=r"^pagination: False is one answer as it is"):
        OrgApiOperator(
            task_id="t",
            endpoint="/a",
            output_path="/tmp/a.jsonl",
            pagination=False,
            **{argument: ["a"] * (argument != "records") or "a"},
        )


# Names that promise another kind of file


@pytest.mark.parametrize("suffix", [".csv", ".CSV", ".tsv", ".xlsx", ".xls", ".xml", ".html", ".pdf", ".avro", ".orc"])
@pytest.mark.parametrize("compression", ["", ".gz", ".zst"])
def test_an_export_is_not_called_what_it_is_not(serve, suffix, compression):
    with pytest.raises(errors.ConfigurationError, match=rf"^output_path: is called \{suffix.lower()}.*\.jsonl"):
        OrgApiOperator(
            task_id="t", endpoint="/a", pagination="single", output_path=f"/tmp/a-{{{{ ds }}}}{suffix}{compression}"
        )


def test_nor_a_compressed_parquet():
    with pytest.raises(errors.ConfigurationError, match=r"^output_path: is called \.parquet"):
        OrgApiOperator(task_id="t", endpoint="/a", pagination="single", output_path="/tmp/a.parquet.gz")


def test_a_rendered_name_is_checked_before_anything_is_sent(serve, file):
    server = serve(WHOLE)
    operator = OrgApiOperator(task_id="t", endpoint="/devices", pagination="single", output_path="{{ x }}")
    operator.output_path = str(file.with_suffix(".csv"))
    with pytest.raises(errors.ConfigurationError, match=r"is called \.csv"):
        operator.execute({})
    assert server.requests == []


def test_a_download_may_be_called_anything(serve, file):
    serve("a,b")
    for suffix in (".csv", ".tsv", ".xml", ".html"):
        execute(output_path=str(file.with_suffix(suffix)))


# A filter that finds nothing


@pytest.mark.parametrize(
    ("response_filter", "said"),
    [
        (
            "conten",
            r"the answer has no 'conten'\. Did you mean 'content'\? It has 'content', 'totalElements', 'device'\.",
        ),
        ("content[].nme", r"no 'nme'\. Did you mean 'name'"),
        ("content[].{n: nme, i: identifier}", r"no 'identifier', 'nme'"),
        ("{a: totalElments}", "Did you mean 'totalElements'"),
        ("name", r"nothing is at that place of the answer\. It has"),
        ("not_null(contents, items)", "no 'contents', 'items'"),
        ("content[9]", "nothing is at that place"),
    ],
)
def test_a_filter_that_finds_nothing_says_which_names_there_are(serve, caplog, response_filter, said):
    serve({"content": [{"name": "s3cr3t value", "id": 5}], "totalElements": 1, "device": {"token": "t0k3n"}})
    execute(response_filter=response_filter)

    warnings = [record.getMessage() for record in caplog.records if "finds nothing" in record.getMessage()]
    assert len(warnings) == 1
    assert re.search(said, warnings[0])
    assert "s3cr3t" not in warnings[0]
    assert "t0k3n" not in warnings[0]


@pytest.mark.parametrize(
    "response_filter",
    ["seen", "device.seen", "content[?id > `7`].name", "content[].tag", "content[0].name", "totalElements", "device"],
)
def test_a_null_that_the_answer_has_is_no_reason(serve, caplog, response_filter):
    serve(
        {"content": [{"name": "a", "id": 5, "tag": None}], "totalElements": 1, "seen": None, "device": {"seen": None}}
    )
    execute(response_filter=response_filter)
    assert "finds nothing" not in caplog.text


def test_a_filter_of_a_list_sees_its_records(serve, caplog):
    serve(WHOLE)
    assert execute(pagination="single", response_filter="content[].id") is None
    assert "The expression sees a list of 1, each with 'id'." in caplog.text
