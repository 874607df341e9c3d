"""Hostile values in every field of the connection: one exact request, or one error with the field's name."""

import base64
import json
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest
from known_secrets import CLIENT_ID, SECRET
from recording_server import ACCESS

from airflow_provider_orgauth.exceptions import ConfigurationError

SENT = [
    "a@b",
    "//evil.example",
    "\\\\evil.example",
    "../..",
    "%2e%2e%0d%0a",
    "a;b&client_id=evil&grant_type=password",
    "a?b#c",
    "\u2024\uff0f\u3002\uff11",
    "\u202eevil\u2066",
    "\u010d\u010aX-Injected",
    "\u2028\u2029\x85\xa0",
    "[::1]",
    "{{ var.value.x }}",
    "\U0001f511",
    "x" * 40_000,
]
REFUSED = ["a\r\nX-Injected: 1", "a\nb", "\ra", "a\x00", "a\tb", "\x1b[2J", "a\x7f"]
PLACEMENTS = [(auth, place) for auth in ("header", "header_raw", "params") for place in ("query", "body", "json")]


def parameters(grant):
    """Return the parameters of a token request as a server reads them, each as a list of its values."""
    if grant.all("content-type") == ["application/json"]:
        assert "?" not in grant.target
        return {name: [value] for name, value in json.loads(grant.body).items()}
    return parse_qs(grant.body.decode() or urlsplit(grant.target).query, keep_blank_values=True)


def credentials(grant, client_auth):
    """Return the id and secret as a server reads them."""
    if client_auth == "params":
        sent = parameters(grant)
        return sent["client_id"], sent["client_secret"], sent["grant_type"]
    (basic,) = grant.all("authorization")
    client_id, _, secret = base64.b64decode(basic.removeprefix("Basic ")).decode().partition(":")
    decode = unquote if client_auth == "header" else str
    return [decode(client_id)], [decode(secret)], ["client_credentials"]


@pytest.mark.parametrize("value", SENT, ids=lambda text: ascii(text)[:40])
@pytest.mark.parametrize(("client_auth", "place"), PLACEMENTS)
def test_ids_and_secrets_arrive_as_they_are(connect, server, value, client_auth, place):
    client_id = value.replace(":", "") if client_auth == "header_raw" else value
    hook = connect({"client_auth": client_auth, "grant_params_in": place}, login=client_id, password=value)
    hook.run("/probe")

    grant, call = server.requests
    assert credentials(grant, client_auth) == ([client_id], [value], ["client_credentials"])
    assert urlsplit(grant.target).path == "/oauth2/token"
    assert call.all("authorization") == [f"Bearer {ACCESS}"]
    assert not grant.all("x-injected")


@pytest.mark.parametrize("value", REFUSED, ids=ascii)
@pytest.mark.parametrize("field", ["login", "password"])
@pytest.mark.parametrize("client_auth", ["header", "header_raw", "params"])
def test_ids_and_secrets_that_no_server_reads(connect, server, value, field, client_auth):
    refusal(connect, server, field, {"client_auth": client_auth}, **{field: f"s3cr3t-part{value}"})


def refusal(connect, server, field, extra=None, **fields):
    with pytest.raises(ConfigurationError) as caught:
        connect(extra, **fields).run("/probe")
    said = str(caught.value)
    assert caught.value.field.startswith(field)
    assert "\n" not in said
    assert "\r" not in said
    assert "s3cr3t-part" not in said
    assert SECRET not in said
    assert not server.raw
    return said


@pytest.mark.parametrize(
    "value", ["a b", "a:b/c?d#e", "%0d%0a", "..", "//evil", "a;b", "a@evil", "&client_id=x", "x" * 9000]
)
@pytest.mark.parametrize("place", ["query", "body", "json"])
def test_a_scope_is_one_parameter(connect, server, value, place):
    connect({"scope": value, "grant_params_in": place}).run("/probe")

    grant = server.requests[0]
    assert parameters(grant) == {"grant_type": ["client_credentials"], "scope": [value]}
    assert grant.all("authorization") == ["Basic " + base64.b64encode(f"{CLIENT_ID}:{SECRET}".encode()).decode()]


@pytest.mark.parametrize(
    "value",
    ["a\x00b", "a\x1bb", "\\\\evil", '"a"', "\uff0f", "\u2024", "\u202e", "a\x7f", "\x85a\x01"],
    ids=ascii,
)
def test_a_scope_that_is_none(connect, server, value):
    refusal(connect, server, "scope", {"scope": value})


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/a;b=c/token", "/a;b=c/token"),
        ("/a@evil", "/a@evil"),
        ("/realms//token", "/realms//token"),
        ("token", "/token"),
        ("/\u2024\u2024/token", "/%E2%80%A4%E2%80%A4/token"),
        ("/\uff0fevil", "/%EF%BC%8Fevil"),
        ("/%0d%0aX-Injected:1", "/%0D%0AX-Injected:1"),
        ("/%3Fx", "/%3Fx"),
        ("/%23x", "/%23x"),
        ("/" + "x" * 20_000, "/" + "x" * 20_000),
    ],
    ids=lambda text: ascii(text)[:40],
)
def test_a_token_path_is_one_path(connect, server, path, target):
    connect({"oauth_path": path}).get_access_token()

    (grant,) = server.requests
    assert grant.line == f"POST {target}?grant_type=client_credentials HTTP/1.1"
    assert grant.all("host") == [f"127.0.0.1:{server.port}"]


@pytest.mark.parametrize(
    "path",
    [
        "/a\r\nX-Injected: 1",
        "/a HTTP/1.1\r\n\r\nGET /",
        "/a\x00",
        "/a\tb",
        "//127.0.0.1:{evil}/token",
        "///127.0.0.1:{evil}/token",
        "\\\\127.0.0.1:{evil}\\token",
        "/\\127.0.0.1:{evil}/token",
        "http:127.0.0.1:{evil}/token",
        "http://127.0.0.1:{evil}",
        "http://127.0.0.1:{evil}/a b",
        "http://127.0.0.1:{evil}\\token",
        "http://127.0.0.1:{evil}//token",
        "http://127.0.0.1:{evil}/../token",
        "http://127.0.0.1:{evil}/a/%2e%2e/token",
        "http://127.0.0.1:{evil}/token?client_id=x",
        "http://127.0.0.1:{evil}/token#x",
        "http://127.0.0.1:{evil}#@127.0.0.1:{own}/token",
        "http://127.0.0.1:{evil}\\@127.0.0.1:{own}/token",
        "http://u:s3cr3t-part@127.0.0.1:{evil}/token",
        "http://@127.0.0.1:{evil}/token",
        "http://127.0.0.1:{evil}:{own}/token",
        "http://127.0.0.1:0/token",
        "http://127.0.0.1:99999/token",
        "http://127.1:{evil}/token",
        "http://2130706433:{evil}/token",
        "http://localhost.evil:{evil}/token",
        "http://0.0.0.0:{evil}/token",
        "http://[::1/token",
        "http:///token",
        "ftp://127.0.0.1:{evil}/token",
        "http://127.0.0.1:{evil}\uff0ftoken",
        "http://\u202e127.0.0.1:{evil}/token",
        "http://127.0.0.1\r\nX-Injected:1/token",
        "http://127.0.0.1:{own}@127.0.0.1:{evil}/token",
        "http://u:s3cr3t-part@127.0.0.1:{own}/token",
        "/../token",
        "/a/%2e%2e/token",
        "/a/..;/token",
        "/a/..%2ftoken",
        "/token?client_id=x",
        "/token#x",
        "javascript:alert(1)",
    ],
    ids=ascii,
)
def test_a_token_path_that_is_none(connect, server, evil, path):
    path = path.replace("{own}", str(server.port)).replace("{evil}", str(evil.port))
    refusal(connect, server, "oauth_path", {"oauth_path": path})
    assert evil.connections == 0


@pytest.mark.parametrize(
    "host",
    [
        "http://127.0.0.1:{own}\r\nX-Injected: 1",
        "http://127.0.0.1\x00:{own}",
        "http://127.0.0.1\t.evil:{own}",
        "http://u:s3cr3t-part@127.0.0.1:{own}",
        "http://127.0.0.1:{own}@127.0.0.1:{evil}",
        "http://127.0.0.1:{own}\\@127.0.0.1:{evil}",
        "http://127.0.0.1:{own}#@127.0.0.1:{evil}",
        "http://127.0.0.1:{own}/..",
        "http://127.0.0.1:{own}//127.0.0.1:{evil}",
        "http://127.0.0.1:{own};x",
        "http://127.0.0.1:{own}?x",
        "//127.0.0.1:{own}",
        "\\\\127.0.0.1:{own}",
        "http:127.0.0.1:{own}",
        "http://127.0.0.1\uff0f:{own}",
        "http://127.0.0.1\u2024evil:{own}",
        "http://127.0.0.1\u202e:{own}",
        "http://\u202e\u2066127.0.0.1:{own}",
        "http://[127.0.0.1]:{own}",
        "http://\uff11\uff12\uff17.0.0.1:{own}",
        "http://127\u30020\uff0e0\uff611:{own}",
        "http://[::1",
        "http://[::1]]:{own}",
        "http://[::1%25lo]:{own}",
        "http://127.0.0.1:{own}:{evil}",
        "http://127.0.0.1:-1",
        "http://127.0.0.1:+{own}@",
        "http://127.0.0.1:0",
        "http://127.1:{own}",  # an address to the resolver, and to nobody who reads the rule about loopback
        "http://2130706433:{own}",
        "http://0x7f000001:{own}",
        "http://0177.0.0.1:{own}",
        "http://localhost.evil:{own}",
        "http://" + "a." * 200 + "b:{own}",
        "http://" + "x" * 100_000,
        "file:///etc/passwd",
        "javascript://127.0.0.1",
        "http+unix://127.0.0.1:{own}",
        "{{ conn.other.password }}",
        "%31%32%37.0.0.1:{own}",
    ],
    ids=lambda text: ascii(text)[:40],
)
def test_a_server_address_that_is_none(connect, server, evil, host):
    host = host.replace("{own}", str(server.port)).replace("{evil}", str(evil.port))
    with pytest.raises(ConfigurationError) as caught:
        connect(host=host).run("/probe")

    assert caught.value.field.startswith(("host", "schema", "port"))
    assert "\n" not in str(caught.value)
    assert "s3cr3t-part" not in str(caught.value)
    assert len(str(caught.value)) < 400
    assert server.connections == evil.connections == 0


@pytest.mark.parametrize(
    "host",
    [
        "http://127.0.0.1:{own}/",
        " 127.0.0.1:{own} ",
    ],
    ids=ascii,
)
def test_a_server_address_is_the_host_that_is_named(connect, server, host):
    connect({"oauth_path": "/t"}, host=host.replace("{own}", str(server.port)), schema="http").run("/probe")

    assert {value for request in server.requests for value in request.all("host")} == {f"127.0.0.1:{server.port}"}


@pytest.mark.parametrize(
    "schema",
    ["http://evil.example/", "javascript", "https\r\nX: 1", "ht\ttp", "http\x00", "\uff48ttp", "http@evil", "//"],
    ids=ascii,
)
def test_a_schema_that_is_none(connect, server, schema):
    refusal(connect, server, "schema", host=f"127.0.0.1:{server.port}", schema=schema)


@pytest.mark.parametrize(
    "value",
    ["a: b", "@//evil\\..", "\xff\xe9", "{{ x }}", "%0d%0aX-Injected: 1", "x" * 30_000, ""],
    ids=lambda t: ascii(t)[:30],
)
def test_default_headers_arrive_as_they_are_and_only_at_the_api(connect, server, value):
    connect({"headers": {"X-Mine": value, "X-Spaced": f" {value}  "}}).run("/probe")

    grant, call = server.requests
    assert call.all("x-mine") == call.all("x-spaced") == [value]
    assert not grant.all("x-mine")
    assert not call.all("x-injected")


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Mine": "s3cr3t-part\r\nX-Injected: 1"},
        {"X-Mine": "s3cr3t-part\x00"},
        {"X-Mine": "s3cr3t-part\tb"},
        {"X-Mine": "s3cr3t-part\u010d\u010a"},
        {"X-Mine\r\nX-Injected": "1"},
        {"X Mine": "s3cr3t-part"},
        {"X-Mine:": "s3cr3t-part"},
        {"X-M\u0131ne": "s3cr3t-part"},
        {"": "s3cr3t-part"},
        {"Authorization": "Basic s3cr3t-part"},
        {"aUTHORIZATION": "Basic s3cr3t-part"},
        {"Host": "evil.example"},
        {"Transfer-Encoding": "chunked"},
        {"content-length": "0"},
    ],
    ids=ascii,
)
def test_default_headers_that_say_something_else(connect, server, headers):
    refusal(connect, server, "headers", {"headers": headers})


def test_a_header_that_is_a_list_is_json_in_one_line(connect, server):
    connect({"headers": {"X-Mine": ["\u20ac\r\n"]}}).run("/probe")

    assert server.api[0].all("x-mine") == ['["\\u20ac\\r\\n"]']


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("client_auth", "header\r\n"),
        ("client_auth", "header\x00"),
        ("grant_params_in", "QUERY"),
        ("cache", "../variable"),
        ("verify", "/nowhere\x00/ca.pem"),
        ("verify", "/nowhere\r\nX: 1"),
        ("timeout", "1\r\n2"),
        ("timeout", "\u0661\u0660\x00"),
        ("max_attempts", "1e400"),
        ("retry_statuses", "500\x00"),
        ("rate_limit", "6000/min"),
        ("rate_limit", "nan"),
        ("expiry_margin", "-0x1"),
        ("allow_http", "true\x00"),
    ],
    ids=ascii,
)
def test_other_settings(connect, server, field, value):
    said = "" if value.strip() == "header" else refusal(connect, server, field, {field: value})
    assert "\x00" not in said


@pytest.mark.parametrize("value", ["s3cr3t-part" * 9])
def test_an_id_with_odd_letters_is_quoted_for_the_url(connect, server, value):
    connect({"client_auth": "params"}, login=value + "&\u20ac", password=SECRET).run("/probe")

    assert f"client_id={quote(value + '&€', safe='')}" in server.requests[0].target
