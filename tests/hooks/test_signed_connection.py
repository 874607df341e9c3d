"""A connection whose password is a private key: what its fields may be, and that no line of the key is seen."""

import json
import logging
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.hooks import masking
from airflow_provider_orgauth.hooks.connection import read_connection
from airflow_provider_orgauth.oauth.assertion_settings import AssertionSettings

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
LINES = [line for line in PEM.splitlines()[1:-1] if len(line) >= 8]
JOINED = PEM.replace("\n", "")
SIGNED = {"client_auth": "private_key_jwt", "grant_params_in": "body"}
BEARER = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}
DIGEST = "ab" * 32
IN_BASE64 = "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s"


def read(password=PEM, host="h.example", **extra):
    about = {"host": host, "port": None, "schema": None, "login": "my-id", "password": password}
    return read_connection(SimpleNamespace(**about, extra=json.dumps(extra)))


@pytest.mark.parametrize("password", [PEM, JOINED, PEM.replace("\n", "\r\n")])
def test_a_key_may_have_lines(password):
    assert read(password, **SIGNED).client.client_secret == password


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ({}, AssertionSettings()),
        ({"alg": "PS256", "kid": "k"}, AssertionSettings(alg="PS256", kid="k")),
        ({"x5t#S256": IN_BASE64}, AssertionSettings(thumbprint=IN_BASE64)),
        ({"x5t#S256": f"{IN_BASE64}="}, AssertionSettings(thumbprint=IN_BASE64)),
        ({"x5t#S256": DIGEST}, AssertionSettings(thumbprint=IN_BASE64)),
        ({"x5t#S256": ":".join([*["AB"] * 32])}, AssertionSettings(thumbprint=IN_BASE64)),
        ({"aud": ["a", "b"], "kid": None}, AssertionSettings(aud=("a", "b"))),
        ({"aud": "a", "claims": {"scope": ["x"]}}, AssertionSettings(aud="a", claims={"scope": ["x"]})),
    ],
)
def test_what_goes_into_an_assertion(typed, meant):
    assert read(**SIGNED, oauth_jwt=typed).client.oauth_jwt == meant
    assert read(**SIGNED, oauth_jwt=json.dumps(typed)).client.oauth_jwt == meant


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("[]", "is not a JSON object"),
        ({"typ": "JWT"}, "has 'typ'. It takes alg, kid, x5t#S256, aud, claims"),
        ({"alg": "none"}, "unknown alg. Write one of RS256"),
        ({"alg": ["RS256"]}, "unknown alg"),
        ({"kid": 7}, "has a kid that is no text"),
        ({"x5t#S256": "abc"}, "openssl x509"),
        ({"x5t#S256": "é" * 43}, "openssl x509"),
        ({"aud": []}, "has an aud that is no text"),
        ({"claims": "x"}, "has claims that are no JSON object"),
        ({"claims": {"jti": "1"}}, "has the claim jti, which is made anew"),
        ({"claims": {"aud": "x"}}, "has the claim aud, which has a place of its own"),
        ({"claims": {"sub": 7}}, "has an iss or sub that is no text"),
    ],
)
def test_a_wrong_assertion_field_is_refused_by_name(typed, said):
    with pytest.raises(ConfigurationError) as caught:
        read(**SIGNED, oauth_jwt=typed)
    assert caught.value.field == "oauth_jwt (Signed assertion)"
    assert said in str(caught.value)


@pytest.mark.parametrize("client_auth", ["header", "header_raw", "params", "client_secret_jwt", "tls_client_auth"])
@pytest.mark.parametrize("password", [PEM, JOINED, JOINED[:60]], ids=["lines", "joined", "its beginning"])
def test_a_private_key_is_never_sent_as_a_secret(client_auth, password):
    with pytest.raises(ConfigurationError, match="holds a private key") as caught:
        read(password, client_auth=client_auth, grant_params_in="body", client_cert="/x.pem")
    assert not [line for line in LINES if line in str(caught.value)]


@pytest.mark.parametrize(
    ("password", "extra", "said"),
    [
        ("", SIGNED, "password (Client secret): is empty. Paste the private key"),
        (" \n", SIGNED, "password (Client secret): is empty"),
        (PEM, {"client_auth": "private_key_jwt"}, "grant_params_in (Send grant parameters in): is query"),
        ("a" * 40, {"client_auth": "client_secret_jwt"}, "grant_params_in (Send grant parameters in): is query"),
        (PEM, {"oauth_params": BEARER}, "grant_params_in (Send grant parameters in): is query"),
        ("\ud800", SIGNED, "is not valid Unicode"),
    ],
)
def test_what_no_server_takes_is_refused(password, extra, said):
    with pytest.raises(ConfigurationError) as caught:
        read(password, **extra)
    assert said in str(caught.value)


def encrypted():
    return RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"passphrase")).decode()


@pytest.mark.parametrize(
    ("password", "oauth_jwt", "field", "said"),
    [
        ("not-a-key", {}, "password (Client secret)", "holds no private key"),
        (encrypted(), {}, "password (Client secret)", "openssl pkey"),
        (
            PEM,
            {"alg": "ES256"},
            "oauth_jwt (Signed assertion)",
            "ES256, which is not for this kind of key",
        ),
        (PEM, {"alg": "HS256"}, "oauth_jwt (Signed assertion)", "HS256, which is not for this kind of key"),
    ],
)
def test_what_cannot_sign_is_told_at_once_by_task_and_test_button(
    connect, orgauth_emulator, clockwork, password, oauth_jwt, field, said
):
    hook = connect({**SIGNED, "oauth_jwt": oauth_jwt}, password=password)

    with pytest.raises(ConfigurationError) as caught:
        hook.get_access_token()
    assert caught.value.field == field
    assert said in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None
    worked, message = hook.test_connection()
    assert not worked
    assert said in message
    assert clockwork.slept == []
    assert orgauth_emulator.stats()["token_requests"] == 0


@pytest.mark.parametrize(
    "extra", [SIGNED, {"grant_params_in": "body", "oauth_params": BEARER}], ids=["client", "grant"]
)
@pytest.mark.parametrize("password", [PEM, JOINED], ids=["lines", "joined"])
def test_airflow_masks_each_line_of_the_key(connect, monkeypatch, password, extra):
    told = []
    monkeypatch.setattr(masking, "mask_secret", lambda secret, name=None: told.append(secret))
    connect(extra, password=password).url("/x")

    assert {*LINES} <= {*told}


def test_neither_key_nor_assertion_is_in_a_log_or_an_error(connect, orgauth_emulator, caplog):
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    hook = connect(SIGNED, password=key.decode())
    with (
        caplog.at_level(logging.DEBUG),
        caplog.at_level(logging.DEBUG, "urllib3.connectionpool"),
        pytest.raises(Exception, match="/oauth2/token") as caught,  # the emulator takes no assertion
    ):
        hook.get_access_token()

    said = f"{caplog.text} {caught.value!r} {hook.test_connection()} {hook._settings!r}"
    assert "/oauth2/token" in caplog.text
    assert "eyJ" not in said
    assert not [line for line in key.decode().splitlines()[1:-1] if line in said]
