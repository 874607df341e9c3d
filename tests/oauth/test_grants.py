"""The grants in all placements, down to the byte."""

import json
from base64 import b64decode
from typing import get_args
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.oauth.client import GrantParamsIn, OAuthClient, SecretAuth
from airflow_provider_orgauth.oauth.grants import FORM, JSON, basic_header, client_credentials_grant, refresh_grant

URL = "https://fra1.example/oauth2/token"
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


def client(**changes):
    values = {"token_url": URL, "client_id": "my-id", "client_secret": "s3cr3t/+", **changes}
    return OAuthClient(**values)


def sent_params(request):
    """What a server would read, from wherever it stands, as single values."""
    if request.headers.get("Content-Type") == JSON:
        assert not urlsplit(request.url).query, "parameters in two places"
        return json.loads(request.body)
    query, body = urlsplit(request.url).query, request.body.decode()
    assert not (query and body), "parameters in two places"
    fields = parse_qs(query or body, strict_parsing=True, keep_blank_values=True)
    assert all(len(values) == 1 for values in fields.values()), "a parameter twice"
    return {name: values[0] for name, values in fields.items()}


@pytest.mark.parametrize("client_auth", get_args(SecretAuth))
@pytest.mark.parametrize("grant_params_in", get_args(GrantParamsIn))
def test_each_thing_is_sent_once_and_where_the_connection_says(client_auth, grant_params_in):
    request = client_credentials_grant(client(client_auth=client_auth, grant_params_in=grant_params_in))

    params = sent_params(request)
    assert params.pop("grant_type") == "client_credentials"
    if client_auth == "params":
        assert params == {"client_id": "my-id", "client_secret": "s3cr3t/+"}
        assert "Authorization" not in request.headers
    else:
        assert params == {}
        assert request.headers["Authorization"].startswith("Basic ")
    if grant_params_in == "query":
        assert request.body == b""
        assert "Content-Type" not in request.headers
    else:
        assert request.url == URL
        assert request.headers["Content-Type"] == (JSON if grant_params_in == "json" else FORM)


@pytest.mark.parametrize("client_auth", get_args(SecretAuth))
@pytest.mark.parametrize("grant_params_in", get_args(GrantParamsIn))
@given(refresh_token=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1))
def test_a_refresh_carries_the_refresh_token_beside_the_credentials(client_auth, grant_params_in, refresh_token):
    request = refresh_grant(client(client_auth=client_auth, grant_params_in=grant_params_in), refresh_token)

    params = sent_params(request)
    assert params["grant_type"] == "refresh_token"
    assert params["refresh_token"] == refresh_token
    assert ("client_secret" in params) == (client_auth == "params")


def test_a_body_of_json_has_numbers_and_lists_as_they_are():
    params = {"resource": ("a", "b"), "n": 7, "ratio": 0.5, "yes": True, "text": 'é"'}
    request = client_credentials_grant(client(oauth_params=params, grant_params_in="json", client_auth="params"))

    assert json.loads(request.body) == {
        "grant_type": "client_credentials",
        **params,
        "resource": ["a", "b"],
        "client_id": "my-id",
        "client_secret": "s3cr3t/+",
    }
    assert (request.url, request.body.isascii()) == (URL, True)


def test_a_body_of_json_names_the_spelling_of_json_too():
    request = client_credentials_grant(client(client_secret='a"é', grant_params_in="json", client_auth="params"))

    assert {'a"é', 'a\\"\\u00e9'} <= request.secrets
    assert b'"client_secret": "a\\"\\u00e9"' in request.body


def test_scope_goes_with_the_grant_and_not_with_a_refresh():
    scoped = client(scope="devices:read devices:write")

    assert sent_params(client_credentials_grant(scoped))["scope"] == "devices:read devices:write"
    assert client_credentials_grant(scoped).url.endswith("scope=devices%3Aread%20devices%3Awrite")
    assert "scope" not in sent_params(refresh_grant(scoped, "r"))
    assert "scope" not in sent_params(client_credentials_grant(client()))


@given(client_id=texts, secret=texts)
def test_a_server_that_decodes_gets_back_what_was_typed(client_id, secret):
    """RFC 6749 section 2.3.1: percent-encoded, so a colon in the id cannot be mistaken for the separator."""
    sent_id, _, sent_secret = (
        b64decode(basic_header(client_id, secret, percent_encoded=True)[6:]).decode().partition(":")
    )

    assert (unquote(sent_id), unquote(sent_secret)) == (client_id, secret)
    assert "+" not in sent_id + sent_secret  # a space is %20, which every decoding server reads


def test_every_reserved_character_is_percent_encoded():
    header = basic_header("a/b c", "d/e+f", percent_encoded=True)

    assert b64decode(header.removeprefix("Basic ")) == b"a%2Fb%20c:d%2Fe%2Bf"


@given(client_id=texts.filter(lambda text: ":" not in text), secret=texts)
def test_a_server_that_does_not_decode_gets_utf8_as_it_is(client_id, secret):
    sent = b64decode(basic_header(client_id, secret, percent_encoded=False)[6:])

    assert sent == f"{client_id}:{secret}".encode()


def test_both_headers_are_the_same_for_the_vendors_own_ids():
    client_id, secret = "oa2-client-id_Ab3-_xYz0123456789abcdefghijklmn", "aB3_-" * 8

    assert basic_header(client_id, secret, percent_encoded=True) == basic_header(
        client_id, secret, percent_encoded=False
    )


def test_a_request_names_every_spelling_of_its_credentials_for_redaction():
    request = refresh_grant(client(), "r/+ ~")

    assert {"s3cr3t/+", "s3cr3t%2F%2B", "r/+ ~", "r%2F%2B%20~", "r%2F%2B+~"} <= request.secrets
    assert request.headers["Authorization"].removeprefix("Basic ") in request.secrets


@given(secret=texts, refresh_token=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=8))
def test_no_repr_shows_a_credential(secret, refresh_token):
    secret, refresh_token = "§" + secret, "~" + refresh_token  # § and ~ stand nowhere else
    subject = client(client_secret=secret, client_auth="params")

    for shown in (repr(subject), repr(refresh_grant(subject, refresh_token))):
        assert secret not in shown
        assert "client_secret=" not in shown
        assert refresh_token not in shown
