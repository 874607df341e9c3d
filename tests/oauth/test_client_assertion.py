"""Signed assertions: each claim and header that RFC 7523 section 3 and the servers ask for, verified with the key."""

import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from airflow_provider_orgauth.oauth.assertion_settings import AssertionSettings
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.client_assertion import assertion_grant, client_assertion
from airflow_provider_orgauth.oauth.private_key import PrivateKeyError

TOKEN_URL = "https://h.example/oauth2/token"
NOW = 1_800_000_000.9
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
SECRET = "a client secret of 32 characters"


def client(key, client_auth="private_key_jwt", **about):
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return OAuthClient(TOKEN_URL, "my-id", pem, client_auth, oauth_jwt=AssertionSettings(**about))


def read(assertion, key, alg):
    options = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
    return jwt.decode(assertion, key.public_key() if hasattr(key, "public_key") else key, [alg], options=options)


@pytest.mark.parametrize(
    ("key", "alg"),
    [
        (RSA, "RS256"),
        (EC, "ES256"),
        (ec.generate_private_key(ec.SECP384R1()), "ES384"),
        (ec.generate_private_key(ec.SECP521R1()), "ES512"),
        (ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_claims_and_the_usual_algorithm_of_a_key(key, alg):
    assertion = client_assertion(client(key), now=NOW)

    claims = read(assertion, key, alg)
    assert jwt.get_unverified_header(assertion) == {"alg": alg, "typ": "JWT"}
    assert claims.pop("jti")
    assert claims == {"iss": "my-id", "sub": "my-id", "aud": TOKEN_URL, "iat": 1_799_999_999, "exp": 1_800_000_059}


@pytest.mark.parametrize("alg", ["PS256", "RS384", "PS512"])
def test_another_algorithm_of_the_key(alg):
    assert read(client_assertion(client(RSA, alg=alg), now=NOW), RSA, alg)


@pytest.mark.parametrize("alg", ["ES256", "HS256"])
def test_an_algorithm_that_is_for_other_keys(alg):
    with pytest.raises(ValueError, match="RS256, PS256"):
        client_assertion(client(RSA, alg=alg), now=NOW)


def test_signed_with_the_client_secret():
    signer = OAuthClient(TOKEN_URL, "my-id", SECRET, "client_secret_jwt")

    assert read(client_assertion(signer, now=NOW), SECRET, "HS256")["sub"] == "my-id"


def test_a_secret_that_is_no_key():
    with pytest.raises(PrivateKeyError):
        client_assertion(OAuthClient(TOKEN_URL, "my-id", SECRET, "private_key_jwt"), now=NOW)


def test_no_two_have_the_same_id():
    signer = client(EC)

    assert len({read(client_assertion(signer, now=NOW), EC, "ES256")["jti"] for _ in range(100)}) == 100


def test_headers_that_name_the_key():
    assertion = client_assertion(client(EC, kid="key-1", thumbprint="abc"), now=NOW)

    assert jwt.get_unverified_header(assertion) == {"alg": "ES256", "typ": "JWT", "kid": "key-1", "x5t#S256": "abc"}


def test_a_jwk_brings_the_name_of_its_key_along():
    jwk = json.dumps(json.loads(jwt.get_algorithm_by_name("ES256").to_jwk(EC)) | {"kid": "from the key"})
    named = OAuthClient(TOKEN_URL, "my-id", jwk, "private_key_jwt")

    assert jwt.get_unverified_header(client_assertion(named, now=NOW))["kid"] == "from the key"


def test_another_audience_and_further_claims():
    signer = client(EC, aud="https://h.example/", claims={"scope": ["restlets"], "sub": "me", "iss": None})

    claims = read(client_assertion(signer, now=NOW), EC, "ES256")

    assert (claims["aud"], claims["scope"], claims["sub"]) == ("https://h.example/", ["restlets"], "me")
    assert "iss" not in claims
    several = client(EC, aud=("https://a.example", "https://b.example"))
    assert read(client_assertion(several, now=NOW), EC, "ES256")["aud"] == ["https://a.example", "https://b.example"]


def test_the_claims_of_a_grant_are_not_those_of_the_client():
    signer = client(EC, claims={"sub": "user@example.com", "scope": "read"})

    granted = read(assertion_grant(signer, now=NOW), EC, "ES256")
    own = read(client_assertion(signer, now=NOW, with_claims=False), EC, "ES256")

    assert (granted["iss"], granted["sub"], granted["scope"]) == ("my-id", "user@example.com", "read")
    assert (own["sub"], own.get("scope")) == ("my-id", None)
    assert granted["jti"] != own["jti"]


def test_a_grant_is_of_nobody_else_unless_the_connection_says_so():
    assert "sub" not in read(assertion_grant(client(EC), now=NOW), EC, "ES256")
