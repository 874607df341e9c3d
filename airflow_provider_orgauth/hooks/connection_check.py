"""What the connection's Test button says: one token request, and one sentence about what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_orgauth.client.retry_policy import RetryPolicy
    from airflow_provider_orgauth.hooks.connection import ConnectionSettings
    from airflow_provider_orgauth.oauth.answers import HttpAnswer


def checked(settings: ConnectionSettings, retry: RetryPolicy) -> tuple[bool, str]:
    """Ask for one token, once, and return whether it came, and what to tell the user.

    Reads no cache and leaves nothing behind. Why no token came is a sentence of ``client/token_errors.py``.
    """
    from airflow_provider_orgauth.client.token_endpoint import TokenEndpoint
    from airflow_provider_orgauth.client.token_errors import token_error_of
    from airflow_provider_orgauth.exceptions import ConfigurationError
    from airflow_provider_orgauth.oauth.answers import HttpAnswer
    from airflow_provider_orgauth.oauth.grants import TokenRequest, client_credentials_grant
    from airflow_provider_orgauth.oauth.steps import Send
    from airflow_provider_orgauth.oauth.token import Token

    answers, secrets = list[HttpAnswer](), set[str]()

    def request(now: float) -> TokenRequest:
        made = client_credentials_grant(settings.client, now)
        secrets.update(made.secrets)
        return made

    try:
        outcome = TokenEndpoint(settings.http, retry, observe=answers.append).attempt(Send(request, repeatable=True))
    except ConfigurationError as error:
        return False, str(error)
    if not isinstance(outcome, Token):
        return False, str(token_error_of(outcome, settings.client, now=retry.clock()))
    refresh = "with" if outcome.refresh_token else "without"
    works = (
        f"{settings.client.grant_type} grant works at {settings.client.token_url}: "
        f"a token for {outcome.lifetime:g} s, {refresh} a refresh token."
    )
    return True, " ".join([works, *remarks(answers[-1], frozenset(secrets), settings)])


def remarks(answer: HttpAnswer, secrets: frozenset[str], settings: ConnectionSettings) -> Iterator[str]:
    """Yield a sentence for each thing in the answer that may be of use."""
    from airflow_provider_orgauth.oauth.answer_remarks import AnswerRemarks

    found, server = AnswerRemarks(answer, secrets=secrets), settings.server
    if found.unusual_type is not None:
        yield f"The server calls it {found.unusual_type!r}; it is sent as any other."
    elsewhere = [address for address in found.api_servers() if not server.owns(f"{address}/")]
    if elsewhere:
        yield (
            f"The answer says that the API is at {elsewhere[0]}, and the token goes to {server.origin}: set Server "
            f"address to {elsewhere[0]}, if that is the API you mean."
        )
