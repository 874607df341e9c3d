"""What a token endpoint asks for in its refusal is told by the name of the field that takes it."""

import json
import sys
from pathlib import Path

import pytest

from airflow_provider_orgauth.client.asked_for import asked_for
from airflow_provider_orgauth.oauth.answers import HttpAnswer, read_answer
from airflow_provider_orgauth.oauth.client import OAuthClient

sys.path.insert(0, str(Path(__file__).parent))
from hostile_server import hostile_server, http

PARAMS = "Put {} into Further token parameters (oauth_params)"
SCOPE = "Set Scope (now empty)."
KEY = "The server wants a signed assertion: set 'Send client credentials in' to private_key_jwt"
CERTIFICATE = "The server wants a TLS client certificate: name it in Client certificate (client_cert)"

# (status, error, error_description, what is said first); None: nothing besides the usual advice
REFUSALS = [
    (
        403,
        "access_denied",
        "No audience parameter was provided, and no default audience has been configured.",
        "audience",
    ),
    (400, "invalid_request", "Missing required parameter: audience", "audience"),
    (400, "invalid_target", "The resource parameter is missing.", "resource"),
    (400, "invalid_request", "A 'resource' must be given.", "resource"),
    (400, "invalid_target", "", "resource"),
    (400, "invalid_request", "account_id is required", "account_id"),
    (400, "invalid_request", "Unknown Account ID", "account_id"),
    (400, "invalid_request", 'Missing "box_subject_type" parameter', "box_subject_type"),
    (400, "invalid_request", "AADSTS900144: The request body must contain the following parameter: 'scope'.", SCOPE),
    (400, "invalid_scope", "No default scopes, 'scope' must be provided.", None),
    (400, "invalid_client", "Requests to the server must use the private_key_jwt token_endpoint_auth_method.", KEY),
    (401, "invalid_client", "A signed JWT was expected.", KEY),
    (
        401,
        "invalid_client",
        "AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        None,
    ),
    (401, "invalid_client", "Invalid audience in the client assertion.", "Check aud in Signed assertion (oauth_jwt)."),
    (401, "invalid_client", "No client certificate was presented.", CERTIFICATE),
    (401, "invalid_client", "mTLS is required", CERTIFICATE),
    (400, "invalid_request", "Parameter grant_type is missing (read in: body).", None),
    (400, "invalid_request", "client_id and client_secret are required", None),
    (400, "unsupported_grant_type", "Grant type is not supported.", None),
    (401, "invalid_client", "Client ID is not found or password is wrong.", None),
    (400, "invalid_grant", "AADSTS500011: The resource principal named x was not found in the tenant.", None),
    (400, "invalid_request", "", None),
    (500, "server_error", "No audience parameter was provided.", None),
    (404, "not_found", "No audience parameter was provided.", None),
]


@pytest.mark.parametrize(("status", "error", "description", "said"), REFUSALS, ids=lambda value: str(value)[:60])
def test_the_field_is_named(status, error, description, said):
    body = json.dumps({"error": error, "error_description": description}).encode()
    refusal = read_answer(HttpAnswer(status, {}, body), sent_at=0.0)
    advice = asked_for(refusal, OAuthClient("https://h/t", "i", "s"))

    if said is None:
        assert advice == ""
    else:
        assert advice.startswith(said if " " in said else PARAMS.format(said))


def test_a_parameter_that_is_there_is_to_be_checked():
    refusal = read_answer(HttpAnswer(400, {}, b'{"error_description": "invalid audience"}'), sent_at=0.0)
    client = OAuthClient("https://h/t", "i", "s", oauth_params={"audience": "a"})

    assert asked_for(refusal, client) == "Check audience in Further token parameters (oauth_params)."


@pytest.mark.parametrize(
    ("description", "first", "then"),
    [
        ("No audience parameter was provided.", PARAMS.format("audience"), "If that is not it: change 'Send grant"),
        ("Something is wrong.", "Change 'Send grant parameters in' to body", ""),
    ],
)
def test_the_test_button_says_it_and_then_the_usual(hook_on, description, first, then):
    answer = json.dumps({"error": "invalid_request", "error_description": description}).encode()
    with hostile_server(token=lambda peer: peer.send(http(answer, status=400))) as server:
        worked, said = hook_on(server).test_connection()

    assert not worked
    assert f"{description} {first}" in said
    assert then in said


def test_a_path_that_is_not_there_may_be_on_another_server(hook_on):
    with hostile_server(token=lambda peer: peer.send(http(b"", status=404))) as server:
        said = hook_on(server).test_connection()[1]

    assert "Where tokens come from another server, Token endpoint takes its whole URL." in said
