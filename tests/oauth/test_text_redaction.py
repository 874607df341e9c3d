"""No secret comes through redaction: whatever it is, however it is spelled, whatever stands around it."""

import logging
from typing import get_args
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_orgauth.answers.result_redaction import masked
from airflow_provider_orgauth.client.log_redaction import CredentialFilter
from airflow_provider_orgauth.oauth.client import GrantParamsIn, OAuthClient, SecretAuth
from airflow_provider_orgauth.oauth.grants import client_credentials_grant, refresh_grant
from airflow_provider_orgauth.oauth.redacted_names import CREDENTIAL_NAMES
from airflow_provider_orgauth.oauth.text_redaction import redact
from fuzz.targets import redaction

secrets = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=8, max_size=40)
around = st.text(st.characters(exclude_categories=["Cs"]), max_size=10) | st.sampled_from(
    ["client_secret=", "Bearer ", "&token=", '"', "\n", "%", "\u2028"]
)
names = st.sampled_from(
    [*CREDENTIAL_NAMES - {"authorization"}, "client_secret", "API_KEY", "device-token", "x-api-key", "Auth_Token"]
)


@given(data=st.data(), held=st.lists(secrets, min_size=1, max_size=3))
def test_a_text_shows_no_secret_that_was_in_it(data, held):
    parts = []
    for secret in held:
        parts += [data.draw(around), data.draw(st.sampled_from(redaction.written(secret)))]
    redaction.check("".join([*parts, data.draw(around)]), held)


@given(text=st.text(max_size=400), held=st.lists(st.text(max_size=5), max_size=2))
@example(text="ab\ncdefgh", held=["ab cdefgh"])
def test_a_line_is_one_line(text, held):
    for secret in filter(None, held):
        if "*" in secret or secret in "***…":
            return
    redaction.check(text, [secret for secret in held if len(secret) > 3])


@given(secret=secrets.map(lambda text: text.replace("*", "x")), data=st.data())
def test_a_secret_inside_another_leaves_nothing_of_that_standing(secret, data):
    start = data.draw(st.integers(0, len(secret) - 1))
    part = secret[start : data.draw(st.integers(start + 1, len(secret)))]

    for held in ([part, secret], [secret, part]):
        assert redact(f"\0{secret}\0", held) == f"\0{redaction.MASK}\0"


@given(name=names, value=secrets)
def test_a_credential_in_a_query_is_found_by_its_name(name, value):
    redaction.check_parameter(name, value)


@given(
    client_id=secrets,
    secret=secrets,
    refresh_token=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=8, max_size=40),
    client_auth=st.sampled_from(get_args(SecretAuth)),
    grant_params_in=st.sampled_from(get_args(GrantParamsIn)),
)
def test_the_log_of_a_token_request_shows_no_credential(client_id, secret, refresh_token, client_auth, grant_params_in):
    client = OAuthClient("https://h/t", client_id, secret, client_auth, grant_params_in)
    for grant_type in ("client_credentials", "refresh_token"):
        is_refresh = grant_type == "refresh_token"
        request = refresh_grant(client, refresh_token) if is_refresh else client_credentials_grant(client)
        # as urllib3 logs it: no secret is known there, only what its parameter is called
        record = logging.makeLogRecord(
            {"msg": '%s "%s %s" %s', "args": ("h", "POST", request.url, 200), "name": "urllib3.connectionpool"}
        )
        assert CredentialFilter().filter(record)
        said = record.getMessage()
        assert said.startswith('h "POST https://h/t')
        said = said.replace(f"grant_type={grant_type}", "\0")  # which a secret may happen to begin
        redaction.assert_hidden(
            said.replace(redaction.MASK, "\0").replace(redaction.quote(client_id, safe=""), "\0"),
            [f"={spelling}" for value in (secret, refresh_token) for spelling in redaction.written(value)],
        )


@pytest.mark.parametrize("name", sorted(CREDENTIAL_NAMES))
def test_one_list_for_a_query_a_text_of_json_and_a_result(name):
    for text in (f"/x?{name.upper()}=s3cr3t-value&a=1", f'{{"{name}": "s3cr3t-value"}}'):
        assert "s3cr3t" not in masked(text)[0]
    assert "s3cr3t" not in redact(f"/x?a=1&{name}=s3cr3t-value")
    assert masked({name: "s3cr3t-value"}) == ({name: "***"}, 1)


@pytest.mark.parametrize("name", ["token[]", "token[0]", "filter[token]", "auth[client][api-key]", "tokens[token][]"])
def test_a_credential_is_found_in_brackets_too(name):
    for written in (name, quote(name), quote(name).lower()):
        assert redact(f"/x?a=1&{written}=s3cr3t-value&b=2") == f"/x?a=1&{written}=***&b=2"


@pytest.mark.parametrize("kind", ["Bearer", "basic"])
def test_an_authorization_in_a_query_is_hidden_with_its_second_word(kind):
    assert "s3cr3t" not in redact(f"authorization={kind} s3cr3t-value")


def test_names_that_only_look_alike_stay():
    assert (
        redact("/x?nextPageToken=abc&token_type=b&tokens=c&page_token=d")
        == "/x?nextPageToken=abc&token_type=b&tokens=c&page_token=d"
    )
