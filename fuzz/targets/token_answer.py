"""Token answers: any bytes end in a usable token or in one typed error that shows no credential."""

from __future__ import annotations

from collections.abc import Mapping

from airflow_provider_orgauth.client import token_errors
from airflow_provider_orgauth.client.wait_values import YEAR_SECONDS
from airflow_provider_orgauth.exceptions import OrgAuthError
from airflow_provider_orgauth.oauth.answers import (
    MAX_LIFETIME_SECONDS,
    MAX_TOKEN_ANSWER_BYTES,
    HttpAnswer,
    Reason,
    read_answer,
)
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.grants import client_credentials_grant, refresh_grant
from airflow_provider_orgauth.oauth.text_redaction import MAX_MESSAGE_CHARACTERS
from airflow_provider_orgauth.oauth.token import Token
from fuzz import reading
from fuzz.targets.redaction import assert_hidden

SENT_AT = 1_766_000_000.0
CLIENT = OAuthClient("https://fra1.example/oauth2/token", "my-id", "s3cr3t/ +~%41", client_auth="params")
REFRESH_TOKEN = "r3fr3sh/ +~%41"


def check(
    status: int, headers: Mapping[str, str], body: bytes, *, client: OAuthClient = CLIENT, refresh_token: str = ""
) -> None:
    """Assert what must hold of one answer.

    :param refresh_token: what the request carried, if it was a refresh.
    """
    request = refresh_grant(client, refresh_token) if refresh_token else client_credentials_grant(client)
    answer = read_answer(HttpAnswer(status, headers, body), sent_at=SENT_AT, secrets=request.secrets)
    if isinstance(answer, Token):
        assert_usable(answer)
        assert 200 <= status < 300
        assert len(body) <= MAX_TOKEN_ANSWER_BYTES
        return
    assert isinstance(answer.reason, Reason)
    assert answer.status == status
    assert len(answer.message) <= MAX_MESSAGE_CHARACTERS + 200
    error = token_errors.token_error_of(answer, client, now=SENT_AT)
    assert isinstance(error, OrgAuthError)
    assert error.advice
    assert error.status == status
    assert error.retry_after is None or 0 < error.retry_after <= YEAR_SECONDS
    secrets = [client.client_secret, refresh_token] if refresh_token else [client.client_secret]
    for text in (str(error), error.server_message, answer.message, answer.error or "", answer.location or ""):
        assert text.isprintable() or not any(char < " " for char in text), "more than one line"
        assert_hidden(text, secrets)
    assert_hidden(repr(answer), secrets)


def assert_usable(token: Token) -> None:
    """Assert that ``token`` can be put into a header, and its numbers into arithmetic."""
    for value in (token.access_token, token.refresh_token):
        assert value is None or (value and value.isascii() and value.isprintable())
    assert len(token.access_token) < 20 or token.access_token not in repr(token)
    assert token.issued_at == SENT_AT
    assert 0 < token.lifetime <= MAX_LIFETIME_SECONDS
    assert token.refresh_lifetime is None or 0 < token.refresh_lifetime <= MAX_LIFETIME_SECONDS
    if token.lifetime < 1e-3:  # less than a clock of this age can tell
        return
    assert token.is_fresh(SENT_AT, 30)
    assert not token.is_fresh(SENT_AT + token.lifetime, 30)
    short_refresh = token.refresh_lifetime is not None and token.refresh_lifetime < 1e-3
    assert token.refresh_token is None or short_refresh or token.can_refresh(SENT_AT)


def one(data: bytes) -> None:
    """Lines with the status, the Location and the Content-Type; then the body.

    ``{secret}`` and ``{refresh}`` stand for what the request carried.
    """
    (status, location, content_type), body = reading.lines(data, 3)
    for name, value in (("{secret}", CLIENT.client_secret), ("{refresh}", REFRESH_TOKEN)):
        body = body.replace(name.encode(), value.encode())
        location, content_type = location.replace(name, value), content_type.replace(name, value)
    headers = {"location": location, "content-type": content_type}
    check(reading.number(status, low=100, high=999), headers, body, refresh_token=REFRESH_TOKEN)
