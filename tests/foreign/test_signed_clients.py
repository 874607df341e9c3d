"""Clients that sign, or show a certificate, at a server that nobody here wrote, over TLS and with an API elsewhere."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import oidc_provider
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from oidc_provider import OidcProvider

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.grants import client_credentials_grant

sys.path.insert(0, str(Path(__file__).parents[1] / "hooks"))
from tls import Authority

pytestmark = pytest.mark.foreign

PROFILE = "/api/profile"
SECRET = "a-client-secret-of-more-than-32-characters"
KEYS = {
    "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "PS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}
Connect = Callable[..., OrgAuthHook]


def pem_of(alg: str) -> str:
    return KEYS[alg].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_jwk(key: Any, alg: str, **more: Any) -> dict[str, Any]:
    return json.loads(jwt.get_algorithm_by_name(alg).to_jwk(key.public_key())) | {"use": "sig", **more}


def registered(client_id: str, method: str, **more: Any) -> dict[str, Any]:
    about = {"grant_types": ["client_credentials"], "redirect_uris": [], "response_types": [], "scope": "read write"}
    return {"client_id": client_id, "token_endpoint_auth_method": method, **about, **more}


def certificate_of(file: Path) -> tuple[x509.Certificate, str]:
    text = file.read_text()
    certificate = x509.load_pem_x509_certificate(text[text.index("-----BEGIN CERTIFICATE") :].encode())
    return certificate, b64encode(certificate.public_bytes(Encoding.DER)).decode()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def client_file(authority: Authority) -> Path:
    return authority.client_file("me")


@pytest.fixture(scope="session")
def server(authority: Authority, client_file: Path) -> Iterator[OidcProvider]:
    if reason := oidc_provider.missing():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    certificate, x5c = certificate_of(client_file)
    own = public_jwk(_Public(certificate), "ES256", x5c=[x5c])
    clients = [
        *(
            registered(
                f"client-{alg}",
                "private_key_jwt",
                token_endpoint_auth_signing_alg=alg,
                jwks={"keys": [public_jwk(KEYS[alg], alg, kid=f"key-{alg}")]},
            )
            for alg in KEYS
        ),
        registered("client-HS256", "client_secret_jwt", client_secret=SECRET),
        registered(
            "client-bound",
            "private_key_jwt",
            jwks={"keys": [public_jwk(KEYS["ES256"], "ES256")]},
            token_endpoint_auth_signing_alg="ES256",
            tls_client_certificate_bound_access_tokens=True,
        ),
        registered(
            "client-tls",
            "tls_client_auth",
            tls_client_auth_subject_dn="CN=me",
            tls_client_certificate_bound_access_tokens=True,
        ),
        registered("client-self-signed", "self_signed_tls_client_auth", jwks={"keys": [own]}),
    ]
    with oidc_provider.running(authority.client_file("127.0.0.1"), authority.bundle, clients) as running:
        yield running


class _Public:
    """A certificate, as something with a public key."""

    def __init__(self, certificate: x509.Certificate) -> None:
        self.public_key = certificate.public_key


@pytest.fixture
def connect(
    server: OidcProvider, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Iterator[Connect]:
    """Make a connection in the environment, and a hook for it. No log record may hold a line of what signs."""
    caplog.set_level(logging.DEBUG)
    passwords: list[str] = []
    number = iter(range(100))

    def make(client_id: str, client_auth: str, password: str = "", **extra: Any) -> OrgAuthHook:
        passwords.append(password)
        connection = {
            "conn_type": "orgauth",
            "host": server.api_url,
            "login": client_id,
            "password": password,
            "extra": {
                "client_auth": client_auth,
                "grant_params_in": "body",
                "oauth_path": f"{server.url}/token",
                "verify": str(server.bundle),
                "cache": "memory",
                # Tokens are cached by client and parameters: so each test has a token of its own.
                "oauth_params": {"test": f"{os.environ['PYTEST_CURRENT_TEST']} {next(number)}"},
                **extra,
            },
        }
        monkeypatch.setenv("AIRFLOW_CONN_SIGNED", json.dumps(connection))
        return OrgAuthHook("signed", sleep=lambda _: None)

    yield make
    logged = "\n".join(record.getMessage() for record in caplog.get_records("call"))
    assert "/token" in logged, "nothing was captured"
    lines = {line for password in passwords for line in password.splitlines() if not line.startswith("-----")}
    assert not [line for line in lines if line in logged]


@pytest.fixture
def token_requests(server: OidcProvider) -> Callable[[], list[dict[str, Any]]]:
    before = len(server.token_requests())
    return lambda: server.token_requests()[before:]


SIGNERS = {
    **{alg: (f"client-{alg}", "private_key_jwt", pem_of(alg)) for alg in KEYS},
    "HS256": ("client-HS256", "client_secret_jwt", SECRET),
}
signers = pytest.mark.parametrize("alg", SIGNERS)


@signers
def test_a_signed_client_calls_the_api(connect: Connect, alg: str):
    named = {"oauth_jwt": {"alg": alg, "kid": f"key-{alg}"}} if alg != "HS256" else {}
    hook = connect(*SIGNERS[alg], **named)

    assert hook.run(PROFILE).json()["client"] == f"client-{alg}"
    assert hook.test_connection()[0]


def test_the_issuer_as_the_audience(connect: Connect, server: OidcProvider):
    assert connect(*SIGNERS["ES256"], oauth_jwt={"aud": server.url}).run(PROFILE).status_code == 200


def test_a_foreign_audience_is_refused_with_what_to_check(connect: Connect):
    with pytest.raises(errors.InvalidClientError) as caught:
        connect(*SIGNERS["ES256"], oauth_jwt={"aud": "https://other.example"}).get_access_token()
    assert "Signed assertion" in str(caught.value)
    assert "clock" in str(caught.value)


def test_another_key_is_refused(connect: Connect):
    client_id, client_auth, _ = SIGNERS["RS256"]
    with pytest.raises(errors.InvalidClientError):
        connect(client_id, client_auth, pem_of("PS256")).get_access_token()


@signers
def test_no_assertion_is_sent_twice_where_an_answer_is_lost(
    connect: Connect, server: OidcProvider, token_requests: Callable[[], list[dict[str, Any]]], alg: str
):
    """The server remembers what it has seen: the same one again would be 401, "must only be used once"."""
    hook = connect(*SIGNERS[alg], oauth_jwt={"alg": alg})
    server.lose_next_answer()

    assert hook.run(PROFILE).status_code == 200
    asked = token_requests()
    assert [one["status"] for one in asked] == [200, 200]
    assert len({one["jti"] for one in asked}) == 2


@pytest.mark.parametrize(("off", "statuses"), [(-300.0, [401, 200]), (300.0, [200])])  # its server looks at exp only
@pytest.mark.parametrize("alg", ["ES256", "HS256"])
def test_a_host_whose_clock_is_off_signs_again_by_the_servers(
    connect: Connect, token_requests: Callable[[], list[dict[str, Any]]], alg: str, off: float, statuses: list[int]
):
    connect(*SIGNERS[alg])
    hook = OrgAuthHook("signed", clock=lambda: time.time() + off, sleep=lambda _: None)

    assert hook.run(PROFILE).status_code == 200
    assert [one["status"] for one in token_requests()] == statuses
    assert hook.test_connection()[0]


def test_the_server_does_refuse_the_same_one_twice(server: OidcProvider):
    """What the test above relies on."""
    client_id, client_auth, password = SIGNERS["ES256"]
    client = OAuthClient(f"{server.url}/token", client_id, password, client_auth, grant_params_in="body")
    made = client_credentials_grant(client, time.time())
    answers = [
        requests.post(made.url, data=made.body, headers=made.headers, verify=str(server.bundle), timeout=10)
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [200, 401]


def test_a_resource_is_the_audience_of_the_token(connect: Connect):
    hook = connect(*SIGNERS["ES256"], oauth_params={"resource": "https://api.example"}, scope="read")

    assert hook.run(PROFILE).json()["aud"] == "https://api.example"


def on_a_loop(hook: OrgAuthHook) -> int:
    async def call() -> int:
        return (await hook.run_async(PROFILE)).status_code

    return asyncio.run(call())


@pytest.mark.parametrize("client_id", ["client-tls", "client-self-signed"])
def test_a_client_that_is_known_by_its_certificate(connect: Connect, client_file: Path, client_id: str, token_requests):
    hook = connect(client_id, "tls_client_auth", client_cert=str(client_file))

    answer = hook.run(PROFILE).json()
    assert answer["client"] == client_id
    assert answer["bound"] == (client_id == "client-tls")
    assert on_a_loop(hook) == 200
    (asked,) = token_requests()
    assert "client_secret" not in asked["params"]


def test_a_certificate_of_somebody_else(connect: Connect, authority: Authority):
    other = authority.client_file("other")
    with pytest.raises(errors.InvalidClientError) as caught:
        connect("client-tls", "tls_client_auth", client_cert=str(other)).get_access_token()
    assert "Client certificate" in str(caught.value)


def test_a_token_that_is_bound_to_a_certificate(connect: Connect, client_file: Path):
    hook = connect("client-bound", "private_key_jwt", pem_of("ES256"), client_cert=str(client_file))

    assert hook.run(PROFILE).json()["bound"] is True
    assert on_a_loop(hook) == 200
    stolen = {"Authorization": f"Bearer {hook.get_access_token()}"}
    url, bundle = hook.url(PROFILE), hook.get_conn().verify
    assert requests.get(url, headers=stolen, verify=bundle, timeout=10).status_code == 401
