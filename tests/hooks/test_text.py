"""The same bytes are the same text everywhere: a single call, a page of a list, an error's words, a token's answer."""

import gzip
import json
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

sys.path.insert(0, str(Path(__file__).parent))
from hostile_server import hostile_server

CSV = "id;Ort\n1;Zürich\n"
WORDS = "Gerät 東京 nicht gefunden"
LATIN = "Gerät nicht gefunden"
ZIP = b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + bytes(range(256))
BINARIES = {
    "application/zip": ZIP,
    "application/octet-stream": ZIP,
    "text/csv": ZIP,
    "text/plain; charset=iso-8859-1": ZIP,
    "application/json": gzip.compress(b'{"a": 1}'),
    "application/pdf": b"%PDF-1.7\nall of it ASCII",
    "image/png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
}


def answer(body, content_type, status="200 OK"):
    kind = f"Content-Type: {content_type}\r\n" if content_type else ""
    head = f"HTTP/1.1 {status}\r\n{kind}Content-Length: {len(body)}\r\n\r\n"
    return lambda peer: peer.send(head.encode("latin-1") + body)


@pytest.fixture
def serve(hook_on):
    """Return a context: a server that gives one answer, and a hook on it."""

    @contextmanager
    def serving(api=None, token=None):
        with hostile_server(api=api, token=token) as server:
            yield hook_on(server)

    return serving


def execute(**arguments):
    return OrgApiOperator(task_id="t", endpoint="/x", **arguments).execute({})


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("text/csv", CSV.encode()),
        ("text/csv", CSV.encode("cp1252")),
        ("text/csv", b"\xef\xbb\xbf" + CSV.encode()),
        ("text/csv", CSV.encode("utf-16")),
        ("text/csv; charset=iso-8859-1", CSV.encode("latin-1")),
        ('text/csv; charset="utf-8"', CSV.encode()),
        ("text/csv; charset=idna", CSV.encode()),
        ("application/octet-stream", CSV.encode()),
        ("", CSV.encode()),
    ],
)
def test_a_single_calls_text(serve, content_type, content):
    with serve(answer(content, content_type)) as hook:
        assert execute() == CSV
        assert hook.run("/x").text == CSV
        assert execute(response_filter=lambda response: response.text) == CSV


JSON = [
    ("application/json", WORDS, "utf-8", b""),
    ("application/json", WORDS, "utf-8", b"\xef\xbb\xbf"),
    ("application/json", WORDS, "utf-16", b""),
    ("application/json", WORDS, "utf-16-be", b""),
    ("application/json", WORDS, "utf-32-le", b""),
    ("application/json; charset=utf-16", WORDS, "utf-16-le", b""),
    ("application/json; charset=utf-8", WORDS, "utf-16", b""),
    ("application/json; charset=gb18030", WORDS, "gb18030", b""),
    ("application/json; charset=iso-8859-1", LATIN, "latin-1", b""),
    ("application/json; charset=iso-8859-1", WORDS, "utf-8", b""),
    ("application/problem+json; charset='windows-1252'", LATIN, "cp1252", b""),
    ("text/plain", WORDS, "utf-8", b""),
    ("text/plain", LATIN, "cp1252", b""),
    ("", WORDS, "utf-16-le", b""),
]


@pytest.mark.parametrize(("content_type", "words", "charset", "mark"), JSON)
def test_json_is_read_the_same_way_everywhere(serve, tmp_path, content_type, words, charset, mark):
    def said(value):
        return answer(mark + json.dumps(value, ensure_ascii=False).encode(charset), content_type)

    page = {"items": [{"a": words}, {"b": 1}]}
    with serve(said(page)) as hook:
        assert execute() == page == hook.run("/x").json()
        assert execute(response_check=f"items[0].a == '{words}'", response_filter="items[0].a") == words
        assert execute(pagination="single") == page["items"]
        assert list(hook.paginate("/x", pagination="single")) == page["items"]
        assert execute(pagination="single", response_check=f"items[0].a == '{words}'") == page["items"]
        execute(pagination="single", output_path=str(tmp_path / "x.jsonl"))
    lines = (tmp_path / "x.jsonl").read_bytes().decode().splitlines()
    assert [json.loads(line) for line in lines] == page["items"]

    with serve(_with_status(said({"error": {"message": words}}), "404 Not Found")) as hook:
        with pytest.raises(errors.ApiError) as caught:
            hook.run("/x")
        assert caught.value.server_message == words

    token = said({"access_token": "acc3ss", "token_type": "Bearer", "expires_in": 300, "note": words})
    with serve(token=token) as hook:
        assert hook.get_access_token() == "acc3ss"
    refusal = said({"error": "invalid_client", "error_description": words})
    with serve(token=_with_status(refusal, "401 Unauthorized")) as hook:
        with pytest.raises(errors.InvalidClientError) as refused:
            hook.get_access_token()
        assert refused.value.server_message == words


def _with_status(send, status):
    class Other:
        def __init__(self, peer):
            self.peer = peer

        def send(self, data):
            return self.peer.send(data.replace(b"200 OK", status.encode(), 1))

    return lambda peer: send(Other(peer))


@pytest.mark.parametrize(("content_type", "content"), BINARIES.items(), ids=BINARIES)
def test_bytes_that_are_no_text_name_the_way_out(serve, content_type, content):
    with serve(answer(content, content_type)) as hook:
        for arguments in ({}, {"response_check": "a"}, {"response_filter": "a"}, {"pagination": "single"}):
            with pytest.raises(errors.ResponseNotTextError) as caught:
                execute(**arguments)
            said = str(caught.value)
            assert f"{content_type.partition(';')[0] or 'no Content-Type'}, " in said
            assert f"{len(content):,} bytes)" in said
            assert "output_path=… without pagination, or with OrgAuthHook.download(…) in a @task" in said
            assert "response_filter" in said
            assert "\ufffd" not in said
            assert isinstance(caught.value, AirflowFailException)  # the next try would bring the same
        with pytest.raises(errors.ResponseNotTextError):
            list(hook.paginate("/x", pagination="single"))
        assert hook.run("/x").content == content


def test_a_callable_filter_and_check_get_the_bytes(serve):
    with serve(answer(ZIP, "application/zip")):
        size = execute(
            response_check=lambda response: response.ok, response_filter=lambda response: len(response.content)
        )

    assert size == len(ZIP)


@pytest.mark.parametrize(
    ("content_type", "content", "why"),
    [
        ("text/csv; charset=utf-8", CSV.encode("latin-1"), "names the charset 'utf-8', and byte 11 does not fit"),
        ("application/json", LATIN.encode("latin-1"), "names no charset, and byte 4 is not UTF-8"),
        ("text/csv", "Zürich, Malmö".encode()[:-1], "names no charset, and byte 14 is not UTF-8"),
        ("text/csv", "Москва".encode("cp1251"), "names no charset"),
    ],
)
def test_text_that_does_not_fit_its_charset_is_refused(serve, content_type, content, why):
    with serve(answer(content, content_type)), pytest.raises(errors.ResponseNotTextError, match=why):
        execute()


def test_bytes_are_logged_as_what_they_are(serve, caplog):
    caplog.set_level("INFO")
    with serve(answer(ZIP, "application/octet-stream")), pytest.raises(errors.ResponseNotTextError):
        execute(pagination="single", log_response=True)

    assert f"The answer: no text (application/octet-stream, beginning as ZIP does, {len(ZIP):,} bytes)" in caplog.text
    assert "\ufffd" not in caplog.text


def test_json_with_nul_bytes_is_logged_as_what_it_is(serve, caplog):
    caplog.set_level("INFO")
    with (
        serve(answer(b'{"a": 1}\0\0', "application/json")),
        pytest.raises(errors.ResponseError, match="is JSON and is not"),
    ):
        execute(log_response=True)

    assert "\0" not in caplog.text


def test_a_guess_is_said(serve, caplog):
    with serve(answer(CSV.encode("cp1252"), "text/csv")):
        execute()
    assert "read as windows-1252" in caplog.text
    caplog.clear()
    for content_type in ("text/xml", "text/csv; charset=windows-1252", "text/csv"):
        content = '<?xml version="1.0" encoding="windows-1252"?><a>ü</a>'.encode("cp1252")
        with serve(answer(content if content_type != "text/csv" else CSV.encode(), content_type)):
            execute()
    assert "windows-1252" not in caplog.text


@pytest.mark.parametrize("content_type", ["image/png", "application/json", "text/plain", ""])
@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf"])
def test_what_is_empty_is_none(serve, content_type, content):
    if content and content_type == "image/png":
        content = b""
    with serve(answer(content, content_type)):
        assert execute() is None


@pytest.mark.parametrize("content_type", ["text/html", "text/html; x=y"])
def test_json_that_calls_itself_html_and_quotes_some(serve, content_type):
    """The quoted document's charset is not that of the answer."""
    body = """{"page": "<meta charset='windows-1251'>", "name": "Zürich"}"""

    with serve(answer(body.encode(), content_type)):
        assert execute()["name"] == "Zürich"
