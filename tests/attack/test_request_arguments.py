"""Method, params, headers and bodies of ``run`` that try to be more than they are: what the wire carried."""

import json
from datetime import date, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from known_secrets import secrets_in
from recording_server import ACCESS, http, token_answer

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

SPLIT = "1 HTTP/1.1\r\nHost: evil\r\n\r\nGET /smuggled HTTP/1.1\r\nX: "
HOSTILE = [
    "a\r\nX-Injected: 1",
    SPLIT,
    "a\nb",
    "a\rb",
    "a\x00b",
    "\t",
    "a&admin=1",
    "a;b=c#d?e",
    "//evil.example/",
    "\\\\evil\\x",
    "@evil",
    "../..",
    "%2e%2e%0d%0a",
    "+ %2B",
    "\u2024\uff0f\u3002\uff11\u202e",
    "\u010d\u010aX-Injected: 1",
    "\u2028\u2029\x85",
    "x" * 100_000,
]


def sent_one(server, method="GET"):
    (request,) = server.api
    assert request.line.startswith(f"{method} /probe")
    assert request.line.endswith(" HTTP/1.1")
    assert request.all("authorization") == [f"Bearer {ACCESS}"]
    assert request.all("host") == [f"127.0.0.1:{server.port}"]
    assert not request.all("x-injected")
    return request


def refused(server, field, call):
    with pytest.raises(ConfigurationError) as caught:
        call()
    assert caught.value.field == field
    assert "\n" not in str(caught.value)
    assert not secrets_in(str(caught.value))
    assert not server.api


@pytest.mark.parametrize("value", HOSTILE, ids=lambda text: ascii(text)[:40])
def test_a_parameter_arrives_as_it_is_in_name_and_in_value(hook, server, value):
    hook.run("/probe", params={"id": value, value: "x"})

    query = urlsplit(sent_one(server).target).query
    assert parse_qsl(query, keep_blank_values=True) == [("id", value), (value, "x")]


@pytest.mark.parametrize("value", ["a=1\r\nX-Injected: 1", f"a={SPLIT}", "a=\x00", "a=\t#/x"], ids=ascii)
def test_a_query_that_is_a_text_splits_nothing(hook, server, value):
    hook.run("/probe", params=value)

    assert urlsplit(sent_one(server).target).path == "/probe"


@pytest.mark.parametrize("value", HOSTILE, ids=lambda text: ascii(text)[:40])
@pytest.mark.parametrize("kind", ["json", "form", "text"])
def test_a_body_arrives_whole(hook, server, value, kind):
    argument = {"json": {"json": {value: value}}, "form": {"data": {value: value}}, "text": {"data": value}}[kind]
    hook.run("/probe", method="POST", **argument)

    body = sent_one(server, "POST").body
    if kind == "json":
        assert json.loads(body) == {value: value}
    elif kind == "form":
        assert parse_qsl(body.decode(), keep_blank_values=True) == [(value, value)]
    else:
        assert body.decode() == value


def test_a_file_name_adds_no_part_and_no_header(hook, server):
    hook.run("/probe", method="POST", files={'f"\r\nX-Injected: 1': ('n"\r\n\r\nX-Injected: 1', b"content")})

    body = sent_one(server, "POST").body
    assert b"\nX-Injected" not in body
    assert body.count(b"\r\n\r\n") == 1


@pytest.mark.parametrize(
    "value", ["a", "a: b", "a\tb", 'a,b;c="d"', "é\xff", "@//evil\\..", "%0d%0aX-Injected: 1", "x" * 50_000, ""]
)
def test_a_header_value_arrives_as_it_is(hook, server, value):
    hook.run("/probe", headers={"X-Mine": value})

    assert sent_one(server).all("x-mine") == [value]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Mine": "a\r\nX-Injected: 1"},
        {"X-Mine": "a\nX-Injected: 1"},
        {"X-Mine": "a\r\n X-Injected: 1"},
        {"X-Mine": "a\rX-Injected: 1"},
        {"X-Mine": b"a\r\nX-Injected: 1"},
        {"X-Mine": "a\x00b"},
        {"X-Mine": b"a\x00b"},
        {"X-Mine": "a\x0bb"},
        {"X-Mine": "a\x7fb"},
        {"X-Mine": "\u010d\u010aX-Injected: 1"},
        {"X-Mine": "\ud800"},
        {"X-Mine": " a"},
        {"X-Mine": 5},
        {"X-Mine": ["a"]},
        {"X-Injected: 1\r\nX-Mine": "a"},
        {"X Mine": "a"},
        {"X-Mine ": "a"},
        {"X-Mine\x00": "a"},
        {"X-Mine\t": "a"},
        {"X-M\u0131ne": "a"},
        {"": "a"},
        {"Host": "evil.example"},
        {"host": "localhost"},
        {b"Host": "evil.example"},
        {"Transfer-Encoding": "chunked"},
        {"transfer-encoding": "identity"},
        {"Transfer-Encoding ": "chunked"},
        {"Content-Length": "5"},
        {"content-length": "+0"},
    ],
    ids=ascii,
)
def test_headers_that_could_say_something_else_are_refused(hook, server, headers):
    refused(server, "headers", lambda: hook.run("/probe", headers=headers))


@pytest.mark.parametrize("headers", [{"Transfer-Encoding": "chunked"}, {"transfer-encoding": "x, chunked"}], ids=ascii)
def test_a_body_has_one_length(hook, server, headers):
    refused(server, "headers", lambda: hook.run("/probe", method="POST", json={}, headers=headers))
    refused(server, "headers", lambda: hook.run("/probe", method="POST", headers=headers))


def test_a_length_that_is_wrong_is_put_right(hook, server):
    hook.run("/probe", method="POST", data=b"GET /smuggled HTTP/1.1\r\n\r\n", headers={"Content-Length": "3"})

    assert sent_one(server, "POST").all("content-length") == ["26"]


def test_a_body_in_pieces_is_still_possible(hook, server):
    hook.run("/probe", method="POST", data=iter([b"0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n"]))

    request = server.api[0]
    assert request.all("transfer-encoding") == ["chunked"]
    assert not request.all("content-length")


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION", b"Authorization"])
def test_no_header_takes_the_tokens_place(hook, server, name):
    hook.run("/probe", headers={name: "Basic ZXZpbA=="})

    sent_one(server)


def test_the_servers_own_name_as_host_is_no_attack(hook, server):
    hook.run("/probe", headers={"Host": f"127.0.0.1:{server.port}"})

    sent_one(server)


@pytest.mark.parametrize(
    "method",
    [
        "GET /smuggled HTTP/1.1\r\nX: ",
        "GET /smuggled?",
        "GET ",
        " GET",
        "GET\t",
        "GET\x00",
        "GET\r\n",
        "",
        "G\u00c9T",
        "\u017fEARCH",
        "GET/",
        "GET:",
        "TRACE",
        "trace",
        "TRACK",
        "CONNECT",
        None,
        5,
        b"GET",
    ],
    ids=ascii,
)
def test_what_is_no_method_is_refused(hook, server, method):
    refused(server, "method", lambda: hook.run("/probe", method=method))


@pytest.mark.parametrize("method", ["get", "PATCH", "PROPFIND", "M-SEARCH"])
def test_other_methods_are_sent(hook, server, method):
    hook.run("/probe", method=method)

    sent_one(server, method.upper())


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"params": {"a": "\ud800"}}, "params.a"),
        ({"data": "\ud800"}, "request"),
        ({"data": {"\ud800": "x"}}, "data.a name"),
    ],
    ids=ascii,
)
def test_half_a_character_is_a_clear_error(hook, server, arguments, field):
    refused(server, field, lambda: hook.run("/probe", method="POST", **arguments))


FORMS = {"flag": True, "off": False, "none": None, "ids": [1, None, 2], "day": date(2026, 1, 31), "kind": {"b", "a"}}
MEANT = [
    ("flag", "true"),
    ("off", "false"),
    ("ids", "1"),
    ("ids", "2"),
    ("day", "2026-01-31"),
    *[("kind", "a"), ("kind", "b")],
]


@pytest.mark.parametrize("pairs", [False, True])
@pytest.mark.parametrize("way", ["run", "session", "walk", "operator", "form"])
def test_each_value_arrives_in_the_form_that_servers_read(hook, server, way, pairs):
    params = list(FORMS.items()) if pairs else FORMS
    match way:
        case "run":
            hook.run("/probe", params=params)
        case "session":
            hook.get_conn().get("/probe", params=params)
        case "walk":
            server.answer = lambda request: token_answer() if request.is_grant else http(200, "[]")
            list(hook.paginate("/probe", pagination=None, params=params))
        case "operator":
            OrgApiOperator(task_id="t", endpoint="/probe", params=dict(params)).execute({})
        case "form":
            hook.run("/probe", method="POST", data=params)
    (request,) = server.api
    sent = request.body.decode() if way == "form" else urlsplit(request.target).query

    assert parse_qsl(sent) == MEANT


def test_a_form_with_files_takes_the_same_values_and_bytes(hook, server):
    hook.run("/probe", method="POST", data={"flag": True, "blob": b"\xff"}, files={"f": b"x"})
    body = sent_one(server, "POST").body

    assert b'name="flag"\r\n\r\ntrue\r\n' in body
    assert b'name="blob"\r\n\r\n\xff\r\n' in body


@pytest.mark.parametrize("argument", ["params", "data"])
@pytest.mark.parametrize("value", [float("nan"), {"password": "s3cr3t"}, b"s3cr3t", datetime(2026, 1, 31)])  # noqa: DTZ001
def test_a_value_without_a_sensible_form_is_never_sent(hook, server, argument, value):
    refused(server, f"{argument}.since", lambda: hook.run("/probe", method="POST", **{argument: {"since": value}}))
    with pytest.raises(ConfigurationError, match=rf"^{argument}\.since: "):
        hook.get_conn().post("/probe", **{argument: {"since": value}})
    assert not server.requests  # not even a token was asked for


def test_what_is_set_on_the_session_goes_along_in_the_same_forms(hook, server):
    session = hook.get_conn()
    session.params = {"archived": False, "size": 5}
    session.get("/probe", params={"flag": True, "size": None})

    assert parse_qsl(urlsplit(sent_one(server).target).query) == [("archived", "false"), ("flag", "true")]
