"""Each field of the connection: what may be typed, and what is said about the rest."""

import json
import os

import pytest
from airflow.providers.common.compat.sdk import Connection
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.hooks.connection import read_connection
from airflow_provider_orgauth.hooks.connection_form import BY_NAME


def connection(extra=None, **changes):
    about = {"host": "fra1.example", "login": "my-id", "password": "my-secret", **changes}
    if extra is not None:
        about["extra"] = extra if isinstance(extra, str) else json.dumps(extra)
    return Connection(conn_id="c", conn_type="orgauth", **about)


def read(extra=None, **changes):
    return read_connection(connection(extra, **changes))


def refusal(extra=None, **changes):
    with pytest.raises(ConfigurationError) as caught:
        read(extra, **changes)
    assert "my-secret" not in str(caught.value)
    assert caught.value.advice
    return str(caught.value)


def test_an_address_and_credentials_are_enough():
    settings = read()

    assert settings.client.token_url == "https://fra1.example/oauth2/token"
    assert (settings.client.client_id, settings.client.client_secret) == ("my-id", "my-secret")
    assert (settings.client.client_auth, settings.client.grant_params_in) == ("header", "query")
    assert settings.client.scope is None
    assert (settings.cache, settings.expiry_margin) == ("variable", 30)
    assert (settings.http.timeout, settings.http.max_attempts, settings.http.verify) == (30, 5, True)
    assert settings.http.headers == {}
    assert settings.http.retry_statuses == frozenset()


@pytest.mark.parametrize(
    ("about", "origin"),
    [
        ({"host": "fra1.blynk.cloud"}, "https://fra1.blynk.cloud"),
        ({"host": " FRA1.blynk.cloud "}, "https://fra1.blynk.cloud"),
        ({"host": "h.example:8443"}, "https://h.example:8443"),
        ({"host": "https://h.example:8443/"}, "https://h.example:8443"),
        ({"host": "HTTPS://h.example"}, "https://h.example"),
        ({"host": "h.example", "port": 8443}, "https://h.example:8443"),
        ({"host": "h.example", "port": 443}, "https://h.example"),
        ({"host": "h.example", "schema": "https"}, "https://h.example"),
        ({"host": "http://127.0.0.1:8089"}, "http://127.0.0.1:8089"),
        ({"host": "localhost", "schema": "http", "port": 8089}, "http://localhost:8089"),
        ({"host": "::1", "schema": "http"}, "http://[::1]"),
        ({"host": "http://localhost.:8089"}, "http://localhost.:8089"),
        ({"host": "[::1]:8089", "schema": "http"}, "http://[::1]:8089"),
        ({"host": "bücher.example"}, "https://xn--bcher-kva.example"),
        ({"host": "http://h.example", "extra": {"allow_http": True}}, "http://h.example"),
    ],
)
def test_a_server_address_in_every_form(about, origin):
    assert read(**about).server.origin == origin


@pytest.mark.parametrize(
    ("typed", "statuses"),
    [
        ("500, 507", {500, 507}),
        (" 500,507 ", {500, 507}),
        ([500, "507"], {500, 507}),
        ("[500, 507]", {500, 507}),
        (500, {500}),
        ("500", {500}),
        ([], set()),
        ("", set()),
        ([429, 404], {404, 429}),
    ],
)
def test_statuses_to_retry_in_every_form(typed, statuses):
    assert read({"retry_statuses": typed}).http.retry_statuses == statuses


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"host": ""}, "host (Server address): is empty"),
        ({"host": None}, "is empty"),
        ({"host": "https://"}, "not a server address"),
        ({"host": "h example"}, "not a server address"),
        ({"host": "fe80::1%eth0"}, "zone id"),
        ({"host": "x" * 64 + ".example"}, "not a server address"),
        ({"host": "h.example\r\nX: 1"}, "not a server address"),
        ({"host": "h..example"}, "not a server address"),
        ({"host": "h.example:http"}, "not a server address"),
        ({"host": "h.example:99999"}, "not a server address"),
        ({"host": "https://u:p@h.example"}, "holds credentials"),
        ({"host": "h.example/api/v1"}, "holds a path"),
        ({"host": "https://h.example/?x=1"}, "holds a path"),
        ({"host": "h.example:1", "port": 2}, "port: is 2, and Server address says 1"),
        ({"host": "https://h.example", "schema": "http"}, "schema: is http, and Server address says https"),
        ({"host": "ftp://h.example"}, "not a scheme that can be used"),
        ({"host": "http://h.example"}, "plain http"),
        ({"host": "h.example", "schema": "http"}, "allow_http"),
        ({"host": "http://localhost.evil.example"}, "plain http"),
        ({"host": "h.example", "port": 70000}, "port"),
        ({"login": ""}, "login (Client ID): is empty"),
        ({"password": None}, "password (Client secret): is empty"),
        ({"password": "my-secret\n"}, "line break"),
        ({"login": "a:b", "extra": {"client_auth": "header_raw"}}, "colon"),
        ({"extra": "[1]"}, "extra: is not a JSON object"),
        ({"extra": {"client_auth": "Header"}}, "client_auth (Send client credentials in): is 'Header'"),
        (
            {"extra": {"client_auth": "Header"}},
            "header, header_raw, params, private_key_jwt, client_secret_jwt",
        ),
        ({"extra": {"grant_params_in": "form"}}, "query, body, json"),
        ({"extra": {"cache": 1}}, "variable, xcom, memory"),
        ({"extra": {"cache": []}}, "variable, xcom, memory"),
        ({"extra": {"oauth_path": "//evil.example/token"}}, "oauth_path (Token endpoint: path or URL): is neither"),
        ({"extra": {"oauth_path": "https://login.example"}}, "names a server and no path"),
        ({"extra": {"oauth_path": "https://login.example/t?x=1"}}, "query or fragment"),
        ({"extra": {"oauth_path": "https://u:p@login.example/t"}}, "holds credentials"),
        ({"extra": {"oauth_path": "https://login.example/../t"}}, "neither a path on the server nor a URL"),
        ({"extra": {"oauth_path": "ftp://login.example/t"}}, "neither a path on the server nor a URL"),
        ({"extra": {"oauth_path": "https://login..example/t"}}, "oauth_path (Token endpoint: path or URL): is not a"),
        (
            {"extra": {"oauth_path": "http://login.example/t"}},
            "oauth_path (Token endpoint: path or URL): is plain http",
        ),
        # Each of the two is judged alone: what the API may is no leave for the other.
        ({"host": "http://127.0.0.1", "extra": {"oauth_path": "http://login.example/t"}}, "oauth_path"),
        ({"host": "http://h.example", "extra": {"oauth_path": "http://127.0.0.1/t"}}, "host (Server address)"),
        ({"extra": {"oauth_path": "/token?x=1"}}, "query or fragment"),
        ({"extra": {"oauth_path": "/to ken"}}, "neither a path on the server nor a URL"),
        ({"extra": {"oauth_path": 7}}, "Write a text"),
        ({"extra": {"scope": 'a "b"'}}, "scope"),
        ({"extra": {"scope": "é"}}, "scope"),
        ({"extra": {"expiry_margin": -1}}, "a number from 0 to 86400"),
        ({"extra": {"expiry_margin": "soon"}}, "expiry_margin (Renew before expiry (s)): is 'soon'"),
        ({"extra": {"timeout": 0}}, "timeout"),
        ({"extra": {"timeout": "nan"}}, "timeout"),
        ({"extra": {"timeout": True}}, "timeout"),
        ({"extra": {"max_attempts": 0}}, "a whole number from 1 to 100"),
        ({"extra": {"max_attempts": 2.5}}, "a whole number"),
        ({"extra": {"retry_statuses": "500;502"}}, "retry_statuses (Further statuses to retry): is '500;502'"),
        ({"extra": {"retry_statuses": [500, 600]}}, "is '600'. Write whole numbers from 400 to 599"),
        ({"extra": {"retry_statuses": 399}}, "from 400 to 599, separated by commas: 500, 507"),
        ({"extra": {"retry_statuses": True}}, "is 'True'"),
        ({"extra": {"retry_statuses": {"500": 1}}}, "is 'dict'"),
        ({"extra": {"retry_statuses": [[500]]}}, "is 'list'"),
        ({"extra": {"retry_statuses": "500,"}}, "is ''"),
        ({"extra": {"retry_statuses": [401]}}, "names 401, which has a rule of its own"),
        ({"extra": {"retry_statuses": "500, 403"}}, "names 403"),
        ({"extra": {"retry_statuses": "407"}}, "names 407"),
        ({"extra": {"rate_limit": 0}}, "a number from 0.1 to 1000000"),
        ({"extra": {"verify": "/nowhere/ca.pem"}}, "no such file"),
        ({"extra": {"allow_http": "maybe"}}, "true or false"),
        ({"extra": {"headers": "X: 1"}}, "headers (Default headers): is not a JSON object"),
        ({"extra": {"headers": ["X"]}}, "is not a JSON object"),
        ({"extra": {"headers": {"authorization": "Bearer x"}}}, "sets Authorization"),
        ({"extra": {"headers": {"x-a": "1"}, "api_header": "X-A"}}, "headers: sets X-A, which carries the token"),
        ({"extra": {"api_header": "X A"}}, "api_header (Header for the token): is not the name of a header"),
        ({"extra": {"api_header": "Authorization Bearer"}}, "is not the name of a header, or a name and a scheme"),
        ({"extra": {"api_header": "Authorization: Bearer x"}}, "is not the name of a header, or a name and a scheme"),
        ({"extra": {"api_header": ": Bearer"}}, "is not the name of a header"),
        ({"extra": {"api_header": "X-A\r\nX-B: 1"}}, "is not the name of a header"),
        ({"extra": {"api_header": 7}}, "Write a text"),
        ({"extra": {"api_header": "Host"}}, "names Host, which is for something else"),
        ({"extra": {"api_header": "proxy-authorization: Basic"}}, "names proxy-authorization, which is for"),
        ({"extra": {"api_header": "Cookie"}}, "names Cookie"),
        ({"extra": {"headers": {"X Y": "1"}}}, "not a header name"),
        ({"extra": {"headers": {"X": "a\r\nY: 1"}}}, "no header may have"),
        ({"extra": {"headers": {"X": "€"}}}, "no header may have"),
    ],
)
def test_a_wrong_value_is_refused_by_its_fields_name(about, said):
    assert said in refusal(**about)


@pytest.mark.parametrize(
    ("typed", "name", "meant"),
    [
        ({"expiry_margin": "10"}, "expiry_margin", 10),
        ({"expiry_margin": 0}, "expiry_margin", 0),
        ({"expiry_margin": ""}, "expiry_margin", 30),
        ({"expiry_margin": None}, "expiry_margin", 30),
        ({"cache": " memory "}, "cache", "memory"),
    ],
)
def test_a_form_json_and_a_uri_write_the_same_value_differently(typed, name, meant):
    assert getattr(read(typed), name) == meant


@pytest.mark.parametrize(
    ("typed", "verify"),
    [(True, True), ("true", True), ("False", False), (False, False), (None, True), (os.devnull, os.devnull)],
)
def test_verify_takes_a_flag_or_a_path(typed, verify):
    assert read({"verify": typed}).http.verify == verify


@pytest.mark.parametrize(
    ("typed", "token_url", "api_origin"),
    [
        ("https://login.example/t", "https://login.example/t", "https://fra1.example"),
        ("HTTPS://LOGIN.example:443/t", "https://login.example/t", "https://fra1.example"),
        ("https://fra1.example:8443/t", "https://fra1.example:8443/t", "https://fra1.example"),
        ("https://bücher.example/t", "https://xn--bcher-kva.example/t", "https://fra1.example"),
        ("https://login.example/", "https://login.example/", "https://fra1.example"),
        ("http://localhost:8080/t", "http://localhost:8080/t", "https://fra1.example"),
        ("http://[::1]:8080/t", "http://[::1]:8080/t", "https://fra1.example"),
        ("https://fra1.example/t", "https://fra1.example/t", None),
        ("/t", "https://fra1.example/t", None),
    ],
)
def test_a_token_endpoint_in_every_form(typed, token_url, api_origin):
    client = read({"oauth_path": typed}).client

    assert (client.token_url, client.api_origin) == (token_url, api_origin)


def test_plain_http_to_a_token_endpoint_wants_leave_too():
    assert (
        read({"oauth_path": "http://login.example/t", "allow_http": True}).client.token_url == "http://login.example/t"
    )


def test_headers_come_as_an_object_or_as_its_text():
    assert read({"headers": {"X-Team": "data", "X-N": 1}}).http.headers == {"X-Team": "data", "X-N": "1"}
    assert read({"headers": '{"X-Team": "data"}'}).http.headers == {"X-Team": "data"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("X-Shopify-Access-Token", "X-Shopify-Access-Token"),
        ("X-Token:", "X-Token"),
        (" authorization :  Zoho-oauthtoken ", "authorization: Zoho-oauthtoken"),
        ("Authorization", "Authorization"),
        ("", "Authorization: Bearer"),
    ],
)
def test_the_header_for_the_token_in_every_form(typed, meant):
    assert read({"api_header": typed}).http.api_header == meant


def test_authorization_is_free_where_the_token_is_elsewhere():
    read({"api_header": "X-Token", "headers": {"Authorization": "Basic a gateway's"}})


def test_token_parameters_come_as_an_object_or_as_its_text():
    params = {"audience": "a", "resource": ["b", "c"], "n": 1, "yes": True}
    meant = {**params, "resource": ("b", "c")}

    assert read({"oauth_params": params}).client.oauth_params == meant
    assert read({"oauth_params": json.dumps(params)}).client.oauth_params == meant
    assert read({"oauth_params": {}}) == read()


def test_a_mistyped_field_is_said_and_not_guessed(caplog):
    settings = read({"expirymargin": 10})

    assert settings.expiry_margin == 30
    assert "Unknown field 'expirymargin'" in caplog.text
    assert "Did you mean 'expiry_margin'?" in caplog.text


def of_uri(uri):
    if hasattr(Connection, "from_uri"):
        return Connection.from_uri(uri, conn_id="c")
    from airflow.models import Connection as StoredConnection  # 3.0's other one, for tasks, reads no URI

    return StoredConnection(conn_id="c", uri=uri)


def test_the_same_connection_as_uri_and_as_json():
    extra = {"client_auth": "params", "max_attempts": "3", "allow_http": "true", "headers": '{"X": "1"}'}
    made = connection(extra, host="h.example", schema="http", port=8080, password="s/e c+r:é%")
    for parsed in (
        of_uri(made.get_uri()),
        Connection.from_json(made.as_json(), conn_id="c") if hasattr(made, "as_json") else made,
    ):
        assert read_connection(parsed) == read_connection(made)


def test_a_uri_as_a_person_writes_it():
    uri = "orgauth://my-id:my%2Fsecret@fra1.example:8443/https?client_auth=params&expiry_margin=5&verify=false"
    settings = read_connection(of_uri(uri))

    assert settings.server.origin == "https://fra1.example:8443"
    assert settings.client.client_secret == "my/secret"
    assert (settings.client.client_auth, settings.expiry_margin, settings.http.verify) == ("params", 5, False)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


@given(extra=st.dictionaries(st.sampled_from([*BY_NAME, "other"]), anything, max_size=4))
def test_any_extra_ends_in_settings_or_in_one_error_that_names_a_field(extra):
    try:
        settings = read(extra)
    except ConfigurationError as error:
        refused = error
    else:
        assert settings.http.max_attempts >= 1
        assert settings.http.timeout > 0
        return
    assert any(name in refused.field for name in [*BY_NAME, "extra"])


@given(host=st.text(max_size=30), schema=st.none() | st.text(max_size=6), port=st.none() | st.integers(-1, 70000))
def test_any_address_ends_in_one_origin_or_in_one_error(host, schema, port):
    try:
        server = read(host=host, schema=schema, port=port).server
    except ConfigurationError:
        return
    assert server.scheme in ("http", "https")
    assert not set(server.origin) & set(" @\\\r\n\t?#")
    assert server.owns(server.url("/x"))
