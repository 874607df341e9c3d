"""The grants in all placements, down to the byte."""

import json
from base64 import b64decode
from typing import get_args
from urllib.parse import parse_qs, unquote, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.oauth.assertion_settings import AssertionSettings
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


PEM = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
BY_JWT = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}
LONG_SECRET = "a client secret of 32 characters"


def claims_of(assertion):
    return jwt.decode(assertion, options={"verify_signature": False})


@pytest.mark.parametrize(("client_auth", "secret"), [("private_key_jwt", PEM), ("client_secret_jwt", LONG_SECRET)])
@pytest.mark.parametrize("refresh_token", [None, "r"])
def test_a_signed_client_sends_an_assertion_with_each_grant_and_no_secret(client_auth, secret, refresh_token):
    signer = client(client_auth=client_auth, client_secret=secret, grant_params_in="body")
    request = refresh_grant(signer, "r", 1000.0) if refresh_token else client_credentials_grant(signer, 1000.0)

    params = sent_params(request)
    assert params.pop("grant_type") == ("refresh_token" if refresh_token else "client_credentials")
    assertion = params.pop("client_assertion")
    assert claims_of(assertion) | {"jti": ""} == {
        "iss": "my-id",
        "sub": "my-id",
        "aud": URL,
        "iat": 999,
        "exp": 1059,
        "jti": "",
    }
    assert params == {
        "client_id": "my-id",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        **({"refresh_token": "r"} if refresh_token else {}),
    }
    assert "Authorization" not in request.headers
    assert {assertion, assertion.split(".")[2]} <= request.secrets
    assert {secret.strip(), *(line for line in secret.splitlines()[1:-1] if len(line) > 7)} <= request.secrets


def test_a_certificate_needs_the_id_and_nothing_else():
    request = client_credentials_grant(client(client_auth="tls_client_auth", client_secret="", grant_params_in="body"))

    assert sent_params(request) == {"grant_type": "client_credentials", "client_id": "my-id"}
    assert "Authorization" not in request.headers
    assert request.secrets == frozenset()


@pytest.mark.parametrize("client_auth", get_args(SecretAuth))
def test_a_jwt_as_the_grant_comes_without_client_authentication(client_auth):
    settings = AssertionSettings(aud="https://login.example", claims={"sub": "user@example.com"})
    bearer = client(client_auth=client_auth, client_secret=PEM, oauth_params=BY_JWT, oauth_jwt=settings)

    request = client_credentials_grant(bearer, 1000.0)
    params = sent_params(request)
    claims = claims_of(params.pop("assertion"))
    assert params == BY_JWT
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("my-id", "user@example.com", "https://login.example")
    assert "Authorization" not in request.headers
    again = refresh_grant(bearer, "r", 1000.0)
    assert sent_params(again) == {"grant_type": "refresh_token", "refresh_token": "r", "client_id": "my-id"}
    assert "Authorization" not in again.headers


def test_a_jwt_as_the_grant_beside_one_for_the_client():
    settings = AssertionSettings(claims={"sub": "user@example.com"})
    both = client(client_auth="private_key_jwt", client_secret=PEM, oauth_params=BY_JWT, oauth_jwt=settings)

    params = sent_params(client_credentials_grant(both, 1000.0))

    grant, own = claims_of(params["assertion"]), claims_of(params["client_assertion"])
    assert (grant["sub"], own["sub"]) == ("user@example.com", "my-id")
    assert grant["jti"] != own["jti"]


def test_where_the_refresh_is_the_only_grant_all_that_the_connection_says_goes_along():
    params = {"audience": "a", "tenant": "t"}
    subject = client(scope="devices:read", oauth_params=params, refresh_token="first", grant_params_in="body")
    sent = sent_params(refresh_grant(subject, "newest"))

    assert sent["grant_type"] == "refresh_token"
    assert sent["refresh_token"] == "newest"
    assert (sent["scope"], sent["audience"], sent["tenant"]) == ("devices:read", "a", "t")
    assert {"first", "newest"} <= refresh_grant(subject, "newest").secrets
