"""The JWT bearer grant at Authlib, whose stock grant checks issuer, audience, time, signature, user and consent."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from foreign_oauth import CLIENTS, ForeignServer

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

pytestmark = pytest.mark.foreign

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC = json.dumps(json.loads(jwt.get_algorithm_by_name("RS256").to_jwk(KEY.public_key())))
SERVER = ForeignServer(
    name="authlib-jwt-bearer",
    launcher=("authlib_jwt_bearer.py", PUBLIC),
    token_path="/oauth/token",
    revoke_path="",
    accepts=frozenset(),
    refusals={},
    basic_decodes=True,
)


@pytest.fixture
def connect(
    start_foreign_server: Callable[[ForeignServer], ForeignServer], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., OrgAuthHook]:
    server = start_foreign_server(SERVER)

    def make(password: str = PEM, **oauth_jwt: Any) -> OrgAuthHook:
        connection = {
            "conn_type": "orgauth",
            "host": server.api_url,
            "login": CLIENTS[0].id,
            "password": password,
            "extra": {
                "grant_params_in": "body",
                "oauth_path": "/oauth/token",
                "oauth_params": {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"},
                "oauth_jwt": oauth_jwt,
                "cache": "memory",
            },
        }
        monkeypatch.setenv("AIRFLOW_CONN_BEARER", json.dumps(connection))
        return OrgAuthHook("bearer", sleep=lambda _: None)

    return make


@pytest.mark.parametrize("claims", [{}, {"sub": "user@example.com"}], ids=["of its own", "of a user"])
@pytest.mark.parametrize("password", [PEM, PEM.replace("\n", ""), PEM.replace("\n", "\\n")], ids=["", "joined", "\\n"])
def test_a_signed_grant_gives_a_token_for_the_api(connect, claims, password):
    hook = connect(password, claims={**claims, "of": password[-40:-30]})

    assert hook.run("/api/profile").json() == {"client": CLIENTS[0].id}
    worked, message = hook.test_connection()
    assert worked, message


@pytest.mark.parametrize(
    ("oauth_jwt", "error"),
    [
        ({"aud": "https://other.example"}, errors.InvalidGrantError),
        ({"claims": {"sub": "user@other.example"}}, errors.InvalidGrantError),
        ({"claims": {"sub": "stranger@example.com"}}, errors.InvalidClientError),
        ({"claims": {"iss": "nobody"}}, errors.InvalidGrantError),
    ],
    ids=["another audience", "an unknown user", "no consent", "an unknown issuer"],
)
def test_a_refused_grant_says_what_to_check(connect, oauth_jwt, error):
    with pytest.raises(error, match=r"Signed assertion \(aud; sub and scope in claims\)") as caught:
        connect(**oauth_jwt).get_access_token()
    assert "consented" in str(caught.value)


def test_a_secret_in_place_of_the_key(connect):
    with pytest.raises(errors.ConfigurationError, match=r"password \(Client secret\): holds no private key"):
        connect("a-client-secret").get_access_token()
