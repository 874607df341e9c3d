"""Both grants in all placements, against the emulator; the servers in tests/foreign see them too."""

from typing import get_args

import pytest

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.oauth.client import GrantParamsIn, SecretAuth

PROFILE = "/api/v1/organization/profile"


@pytest.mark.parametrize("client_auth", get_args(SecretAuth))
@pytest.mark.parametrize("grant_params_in", get_args(GrantParamsIn))
def test_grant_and_refresh(make_hook, orgauth_emulator, clockwork, client_auth, grant_params_in):
    orgauth_emulator.settings(grants_in=grant_params_in)
    hook = make_hook(client_auth=client_auth, grant_params_in=grant_params_in)
    hook.run(PROFILE)
    clockwork.advance(280)
    hook.run(PROFILE)

    stats = orgauth_emulator.stats()
    assert stats["token_requests_by_grant"] == {"client_credentials": 1, "refresh_token": 1}
    assert stats["token_requests_refused"] == 0
    assert stats["grant_params_in"] == {grant_params_in: 2}
    assert set(stats["credentials_in"]) == {grant_params_in if client_auth == "params" else "header"}


@pytest.mark.parametrize(
    ("client_id", "secret"),
    [
        ("plain", "plain"),
        ("with space", "a+b c"),
        ("a:b", "c:d"),
        ("50%", "100%25"),
        ("ключ", "sécrèt€"),
        ("a&b=c", "x=y&grant_type=evil"),
        ("\U0001f511", "~-._!*'()"),
    ],
)
@pytest.mark.parametrize(
    ("client_auth", "decoding"), [("header", "percent"), ("header_raw", "raw"), ("params", "percent")]
)
def test_ids_and_secrets_of_any_characters(connect, orgauth_emulator, client_id, secret, client_auth, decoding):
    if client_auth == "header_raw" and ":" in client_id:
        with pytest.raises(errors.ConfigurationError, match="colon"):
            connect({"client_auth": client_auth}, login=client_id, password=secret).get_access_token()
        return
    orgauth_emulator.settings(client_id=client_id, client_secret=secret, basic_decoding=decoding)
    hook = connect({"client_auth": client_auth}, login=client_id, password=secret)

    assert hook.run(PROFILE).status_code == 200


def test_parameters_in_the_wrong_place_are_an_error_that_says_which_to_change(make_hook, orgauth_emulator):
    orgauth_emulator.settings(grants_in="body")
    with pytest.raises(errors.InvalidRequestError, match="'Send grant parameters in' to body"):
        make_hook(grant_params_in="query").get_access_token()

    assert orgauth_emulator.stats()["token_requests"] == 1


def test_a_scope_that_the_server_requires(make_hook, orgauth_emulator):
    orgauth_emulator.settings(required_scope="devices:read")

    assert make_hook(scope="devices:read").get_access_token()
    with pytest.raises(errors.InvalidScopeError, match=r"Change Scope \(now other\)"):
        make_hook(scope="other").get_access_token()


@pytest.mark.parametrize("rfc_status", [True, False])
def test_wrong_credentials_fail_at_once(connect, orgauth_emulator, clockwork, rfc_status):
    from airflow.providers.common.compat.sdk import AirflowFailException

    orgauth_emulator.settings(rfc_status=rfc_status)
    with pytest.raises(errors.InvalidClientError, match="Check Client ID and Client secret") as caught:
        connect(password="wrong-secret").run(PROFILE)

    assert isinstance(caught.value, AirflowFailException)
    assert caught.value.error == "invalid_client"
    assert caught.value.status == (401 if rfc_status else 400)
    assert "wrong-secret" not in str(caught.value)
    assert clockwork.slept == []
    assert orgauth_emulator.stats()["token_requests"] == 1


def test_a_netrc_entry_for_the_host_does_not_replace_our_credentials(
    make_hook, orgauth_emulator, monkeypatch, tmp_path
):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))

    assert make_hook().run(PROFILE).status_code == 200
    assert orgauth_emulator.stats()["token_requests_refused"] == 0
