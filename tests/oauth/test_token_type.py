"""Which words for a token's type can mean a bearer token."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.oauth.token_type import fault_of, is_unusual


@pytest.mark.parametrize(
    "token_type",
    [
        None,
        "",
        "Bearer",
        " bearer ",
        "BearerToken",
        "Bearer Token",
        "bearer_token",
        "Application Access Token",
        "access token",
        "access_token",
        "AccessToken",
        "MachineAccessToken",
        "urn:ietf:params:oauth:token-type:access_token",
        "urn:ietf:params:oauth:token-type:bearer",
    ],
)
def test_a_bearer_token_in_other_words(token_type):
    assert fault_of(token_type) == ""


@pytest.mark.parametrize(
    "token_type",
    [
        *("DPoP", "dpop", "mac", "MAC", "PoP", "pop", "HoK", "dpop bearer", "pop_access_token"),
        *("DPoPBearer", "DPoPAccessToken", "PoPAccessToken", "BearerDPoP", "MacToken", "dpop-bound access token"),
        *("proof_of_possession_access_token", "Holder-of-Key Bearer"),
    ],
)
def test_a_token_that_is_bound_to_a_key_is_refused(token_type):
    assert "proof of possession" in fault_of(token_type)


@pytest.mark.parametrize("token_type", ["JWT", "id_token", "token", "user", "Basic", "Zoho-oauthtoken", "nap", "名"])
def test_a_word_of_a_servers_own_is_taken_and_noted(token_type):
    assert fault_of(token_type) == ""
    assert is_unusual(token_type)


@pytest.mark.parametrize("token_type", ["N_A", "n_a", "N/A", "na"])
def test_what_is_no_access_token_is_refused(token_type):
    assert "no access token" in fault_of(token_type)


@pytest.mark.parametrize("token_type", [None, "", "Bearer", " bearer", "BEARER", "DPoP", 7])
def test_what_is_not_worth_a_word(token_type):
    assert not is_unusual(token_type)


@pytest.mark.parametrize("token_type", [7, True, ["Bearer"], {"Bearer": 1}])
def test_a_type_that_is_no_text_is_refused(token_type):
    assert "no text" in fault_of(token_type)


@given(st.text())
def test_any_text_means_bearer_or_has_a_fault(token_type):
    fault = fault_of(token_type)
    said = "".join(char for char in token_type.lower() if char.isascii() and char.isalnum())

    assert fault == "" or "only Bearer" in fault
    assert not (fault and said in ("", "bearer", "accesstoken", "bearertoken"))
