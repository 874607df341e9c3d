"""Certificates: verified by default, by a bundle of one's own, or not at all; a failure says which to change."""

import json
import sys
from pathlib import Path

import pytest

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
def secure_hook(authority, monkeypatch, clockwork):
    """Return a function that makes a hook on an HTTPS emulator whose certificate is for ``name``."""
    running = []

    def make(name="127.0.0.1", *, expired=False, host=None, **extra):
        context = running_emulator(ssl_context=authority.server_context(name, expired=expired))
        emulator = context.__enter__()
        running.append(context)
        connection = json.loads(emulator.connection_json(cache="memory", **extra)) | {"host": host or emulator.host}
        monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps(connection))
        return OrgAuthHook(clock=clockwork.clock, sleep=clockwork.sleep)

    yield make
    for context in running:
        context.__exit__(None, None, None)


def test_a_bundle_of_ones_own(secure_hook, authority):
    assert secure_hook(verify=str(authority.bundle)).run(PROFILE).status_code == 200


def test_no_verification_when_the_connection_says_so_whatever_the_environment_says(secure_hook, authority, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(authority.bundle))
    hook = secure_hook("other.example", verify="false")

    with pytest.warns(Warning, match="Unverified HTTPS"):
        assert hook.run(PROFILE).status_code == 200


def test_the_environments_bundle_is_used_by_default(secure_hook, authority, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))

    assert secure_hook().run(PROFILE).status_code == 200


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({}, "does not verify"),
        ({"name": "other.example", "trusted": True}, "does not verify: .*127.0.0.1"),
        ({"expired": True, "trusted": True}, "does not verify: certificate has expired"),
    ],
    ids=["unknown authority", "wrong host name", "expired"],
)
def test_a_certificate_that_does_not_verify_fails_at_once(secure_hook, authority, monkeypatch, clockwork, about, said):
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    trusted = about.pop("trusted", False)
    hook = secure_hook(**about, **({"verify": str(authority.bundle)} if trusted else {}))

    with pytest.raises(errors.CertificateError, match=said) as caught:
        hook.run(PROFILE)
    assert "TLS verification" in str(caught.value)
    assert clockwork.slept == []
    worked, message = hook.test_connection()
    assert not worked
    assert "TLS verification" in message


def test_a_certificate_that_goes_bad_between_token_and_call(secure_hook, authority, monkeypatch, clockwork):
    hook = secure_hook(verify=str(authority.bundle))
    hook.get_access_token()
    empty = authority.bundle.with_name("another.pem")
    empty.write_bytes(Authority(Path(str(authority.bundle.parent))).bundle.read_bytes())
    hook.get_conn().verify = str(empty)

    with pytest.raises(errors.CertificateError):
        hook.run(PROFILE)
