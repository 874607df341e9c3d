"""The client's certificate: shown to token endpoint and API, in threads and on a loop, and read for each connection."""

import asyncio
import json
import shutil
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.emulator import running_emulator
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

sys.path.insert(0, str(Path(__file__).parent))
from tls import Authority

PROFILE = "/api/v1/organization/profile"


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def asking_emulator(authority):
    with running_emulator(ssl_context=authority.asking_context("127.0.0.1")) as emulator:
        yield emulator


@pytest.fixture
def certified_hook(authority, asking_emulator, monkeypatch, clockwork):
    """Return a function that makes a hook for a server that takes only clients with a certificate."""

    def make(client_cert, **extra):
        extra = {"cache": "memory", "verify": str(authority.bundle), "client_cert": str(client_cert), **extra}
        monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", asking_emulator.connection_json(**extra))
        return OrgAuthHook(clock=clockwork.clock, sleep=clockwork.sleep)

    return make


def sync(hook):
    return hook.run(PROFILE).status_code


def on_a_loop(hook):
    async def call():
        return (await hook.run_async(PROFILE)).status_code

    return asyncio.run(call())


ways = pytest.mark.parametrize("call", [sync, on_a_loop])


@ways
def test_it_is_shown_to_token_endpoint_and_api(certified_hook, authority, asking_emulator, call):
    hook = certified_hook(authority.client_file("me"))

    assert call(hook) == 200
    assert asking_emulator.stats()["token_requests"] == 1


def test_without_it_there_is_no_token(certified_hook, authority, clockwork):
    with pytest.raises(errors.TokenUnavailableError):
        certified_hook("").get_access_token()


@ways
def test_an_exchanged_file_is_read_for_the_next_connection(certified_hook, authority, call):
    stranger = Authority(_folder(authority, "elsewhere")).client_file("me")
    file = authority.bundle.with_name("current.pem")
    shutil.copy(authority.client_file("me"), file)
    hook = certified_hook(file, max_attempts=1)
    assert call(hook) == 200

    shutil.copy(stranger, file)
    hook._connections.close()
    with pytest.raises(errors.OrgAuthError):
        call(hook)

    shutil.copy(authority.client_file("me"), file)
    hook._connections.close()
    assert call(hook) == 200


def test_on_a_loop_that_goes_on_the_next_request_shows_the_new_file(certified_hook, authority):
    stranger = Authority(_folder(authority, "elsewhere")).client_file("me")
    file = authority.bundle.with_name("current.pem")
    shutil.copy(authority.client_file("me"), file)
    hook = certified_hook(file, max_attempts=1)

    async def calls():
        assert (await hook.run_async(PROFILE)).status_code == 200
        shutil.copy(stranger, file)
        with pytest.raises(errors.ApiConnectionError):
            await hook.run_async(PROFILE)
        shutil.copy(authority.client_file("me"), file)
        assert (await hook.run_async(PROFILE)).status_code == 200

    asyncio.run(calls())


def _folder(authority, name):
    folder = authority.bundle.with_name(name)
    folder.mkdir()
    return folder


def _key(encryption=None):
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


def _certificate(authority):
    text = authority.client_file("me").read_bytes()
    return text[text.index(b"-----BEGIN CERTIFICATE") :]


WRONG = {
    "missing": (lambda _: None, "cannot be read (No such file or directory)"),
    "empty": (lambda _: b"", "not a PEM with a certificate and its private key"),
    "no key": (_certificate, "not a PEM with a certificate and its private key"),
    "no certificate": (lambda _: _key(), "not a PEM with a certificate and its private key"),
    "another key": (lambda authority: _key() + _certificate(authority), "is not the certificate's"),
    "encrypted": (
        lambda authority: _key(BestAvailableEncryption(b"passphrase")) + _certificate(authority),
        "encrypted private key",
    ),
}


@ways
@pytest.mark.parametrize(("content", "said"), WRONG.values(), ids=WRONG)
def test_a_file_that_cannot_be_shown_is_named_at_once(certified_hook, authority, clockwork, content, said, call):
    file = authority.bundle.with_name("wrong.pem")
    made = content(authority)
    if made is not None:
        file.write_bytes(made)
    hook = certified_hook(file)

    with pytest.raises(errors.ConfigurationError) as caught:
        call(hook)
    assert caught.value.field == "client_cert (Client certificate)"
    assert said in str(caught.value)
    assert clockwork.slept == []
    worked, message = hook.test_connection()
    assert not worked
    assert said in message


@ways
def test_a_file_that_goes_away_between_token_and_call(certified_hook, authority, call):
    file = authority.client_file("me")
    hook = certified_hook(file)
    hook.get_access_token()
    file.unlink()

    with pytest.raises(errors.ConfigurationError, match="client_cert"):
        call(hook)


def test_tls_client_auth_sends_the_id_and_no_secret(certified_hook, authority, asking_emulator, monkeypatch):
    hook = certified_hook(authority.client_file("me"), client_auth="tls_client_auth")

    with pytest.raises(errors.InvalidClientError):  # the emulator wants a secret
        hook.get_access_token()
    assert asking_emulator.stats()["token_requests"] == 1


@pytest.mark.parametrize(
    ("extra", "host", "said"),
    [
        ({"client_auth": "tls_client_auth"}, "https://h.example", "client_cert (Client certificate): is empty"),
        (
            {"client_auth": "tls_client_auth", "client_cert": "/x.pem"},
            "http://127.0.0.1",
            "the token endpoint is reached without TLS",
        ),
    ],
)
def test_tls_client_auth_wants_a_certificate_and_tls(monkeypatch, extra, host, said):
    connection = {"conn_type": "orgauth", "host": host, "login": "my-id", "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps(connection))

    worked, message = OrgAuthHook().test_connection()

    assert not worked
    assert said in message
