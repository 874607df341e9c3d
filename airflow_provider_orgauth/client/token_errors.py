"""The error for each reason why there is no token, with what to do next: also what the Test button says."""

from __future__ import annotations

from urllib.parse import urlsplit

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.client import proxies
from airflow_provider_orgauth.client.asked_for import asked_for
from airflow_provider_orgauth.client.asked_wait import FORBIDDEN, TOO_MANY_REQUESTS, asked_wait, until
from airflow_provider_orgauth.client.network_errors import advice_for
from airflow_provider_orgauth.client.signing_advice import signing_advice
from airflow_provider_orgauth.oauth.answers import Reason, Refusal
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.further_params import CLIENT_CREDENTIALS
from airflow_provider_orgauth.oauth.steps import Lost

_CLASSES: dict[Reason, type[errors.TokenError]] = {
    Reason.INVALID_REQUEST: errors.InvalidRequestError,
    Reason.INVALID_CLIENT: errors.InvalidClientError,
    Reason.INVALID_GRANT: errors.InvalidGrantError,
    Reason.UNAUTHORIZED_CLIENT: errors.UnauthorizedClientError,
    Reason.UNSUPPORTED_GRANT_TYPE: errors.UnsupportedGrantTypeError,
    Reason.INVALID_SCOPE: errors.InvalidScopeError,
    Reason.FORBIDDEN: errors.TokenForbiddenError,
    Reason.NOT_FOUND: errors.TokenEndpointError,
    Reason.REDIRECT: errors.TokenEndpointError,
    Reason.UNAVAILABLE: errors.TokenUnavailableError,
    Reason.UNUSABLE: errors.TokenResponseError,
    Reason.MISSING: errors.TokenResponseError,
    Reason.AMBIGUOUS: errors.TokenResponseError,
    Reason.UNSUITABLE: errors.TokenResponseError,
}


NEW_ONE = (
    "a new refresh token from the server, and put it into the connection's refresh_token (Refresh token to begin with)"
)


def token_error_of(outcome: Refusal | Lost, client: OAuthClient, *, now: float) -> errors.OrgAuthError:
    """Return the error to raise: what the token endpoint said or did, and what to change.

    :param now: epoch seconds.
    """
    if isinstance(outcome, Lost):
        return _lost(outcome, client)
    if outcome.reason is Reason.PROXY:
        return proxies.refused_by_proxy(f"the token endpoint {client.token_url}", outcome.status)
    said = f": {outcome.message}" if outcome.message else " and gave no reason"
    code = f" {outcome.error}" if outcome.error else ""
    if outcome.reason in (Reason.UNUSABLE, Reason.REDIRECT):
        message = f"The token endpoint {client.token_url} gave no token (status {outcome.status}{said})."
    else:
        message = f"The token endpoint {client.token_url} answered {outcome.status}{code}{said.rstrip('.')}."
    retry_after = asked_wait(outcome.headers, now=now) if outcome.reason is Reason.UNAVAILABLE else None
    if retry_after:
        message += f" It asks to wait until {until(retry_after, now=now)}."
    return _CLASSES[outcome.reason](
        message,
        retry_after=retry_after,
        advice=_whole_advice(outcome, client),
        status=outcome.status,
        error=outcome.error,
        server_message=outcome.message,
    )


def _lost(outcome: Lost, client: OAuthClient) -> errors.OrgAuthError:
    if outcome.cause == "store":
        return errors.TokenUnavailableError(
            f"The refresh token was not sent to {client.token_url}: {outcome.message}.",
            advice="The server may take it once, so it is sent by one process, which has to know that it is alone and "
            "has the newest one. Check that tasks can read and write Variables; a later retry may find all well. "
            f"If this lasts, get {NEW_ONE}.",
        )
    message = f"No answer from the token endpoint {client.token_url}: {outcome.message}."
    server = _server_field(client)
    if outcome.cause == "request":
        return errors.ConfigurationError(
            "token request",
            f"cannot be sent to {client.token_url}: {outcome.message}",
            advice=f"Check {server}, and this machine's proxy settings (HTTPS_PROXY, HTTP_PROXY).",
        )
    if outcome.cause == "proxy":
        return proxies.refused_by_proxy(f"the token endpoint {client.token_url}", outcome.proxy_status)
    if outcome.cause == "certificate":
        return errors.CertificateError(
            message, advice=f"Correct {server}, or set TLS verification to the server's CA bundle."
        )
    usual = f"Check {server}, and that this machine can reach it (firewall, proxy, DNS)."
    return errors.TokenUnavailableError(message, advice=advice_for(outcome.message, usual))


def _server_field(client: OAuthClient) -> str:
    """Return the field of the connection that names the token endpoint's server."""
    return "Server address" if client.api_origin is None else "Token endpoint"


def _address(client: OAuthClient) -> str:
    """Return the fields of the connection that say where the token endpoint is."""
    return "Server address and Token endpoint" if client.api_origin is None else "Token endpoint"


def _whole_advice(outcome: Refusal, client: OAuthClient) -> str:
    usual = signing_advice(outcome.reason, client) or _advice(outcome, client)
    asked = asked_for(outcome, client)
    return f"{asked} If that is not it: {usual[:1].lower()}{usual[1:]}" if asked else usual


def _advice(outcome: Refusal, client: OAuthClient) -> str:
    """Say what to change, in the words of the connection form."""
    match outcome.reason:
        case Reason.INVALID_CLIENT:
            advice = (
                "Check Client ID and Client secret in the connection; if they are right, the server may want them "
                f"sent another way: change 'Send client credentials in' (now {client.client_auth})."
            )
            # Without an error code, the 401 may not even be the token endpoint's.
            return advice if outcome.error else f"{advice} Check Token endpoint as well."
        case Reason.INVALID_REQUEST:
            other = {"query": "body", "body": "query (or json)", "json": "body"}[client.grant_params_in]
            return (
                f"Change 'Send grant parameters in' to {other}; if that is not it, check Client ID, Client secret "
                f"and 'Send client credentials in' (now {client.client_auth})."
            )
        case Reason.INVALID_SCOPE:
            return f"Change Scope (now {client.scope or 'empty'}) to one that the server grants to this client."
        case Reason.INVALID_GRANT if client.refresh_token is not None:
            return f"Get {NEW_ONE}: the one that was sent is spent, expired or revoked, and no newer one is known."
        case Reason.UNAUTHORIZED_CLIENT | Reason.UNSUPPORTED_GRANT_TYPE if client.refresh_token is not None:
            return "Ask the server's administrator to allow the refresh token grant for this Client ID."
        case Reason.UNAUTHORIZED_CLIENT | Reason.UNSUPPORTED_GRANT_TYPE | Reason.INVALID_GRANT:
            if client.grant_type != CLIENT_CREDENTIALS:
                return (
                    f"Check grant_type in Further token parameters (now {client.grant_type}), and that the server "
                    "allows it for this Client ID."
                )
            return "Ask the server's administrator to allow the client credentials grant for this Client ID."
        case Reason.FORBIDDEN:
            return (
                "Check Client secret; if it is right, ask the server's administrator to enable the API scope "
                "for this Client ID."
            )
        case Reason.NOT_FOUND:
            elsewhere = " Where tokens come from another server, Token endpoint takes its whole URL."
            return f"Check {_address(client)}." + (elsewhere if client.api_origin is None else "")
        case Reason.REDIRECT:
            host = urlsplit(outcome.location or "").netloc
            if client.api_origin is None and host and host != urlsplit(client.token_url).netloc:
                return f"The client lives in another region: set Server address to {host}."
            return f"Set {_address(client)} to where the redirect points."
        case Reason.UNUSABLE:
            return (
                f"Check {_address(client)}: something other than the token endpoint answered, such as a proxy or a "
                "login page."
            )
        case Reason.MISSING:
            return (
                "Check Token endpoint: what answered there speaks JSON, but this is no token answer (RFC 6749 section "
                "5.1)."
            )
        case Reason.AMBIGUOUS:
            return (
                "Ask the server's administrator for an answer with one access_token at the top (RFC 6749 section "
                "5.1); nothing says which of these is for the API."
            )
        case Reason.UNSUITABLE:
            return (
                "Ask the server's administrator to issue bearer tokens (RFC 6750) to this Client ID, without a proof "
                "of possession such as DPoP or MAC; or check Scope."
            )
        case _ if outcome.status in (FORBIDDEN, TOO_MANY_REQUESTS):
            return (
                "The server limits how often tokens are asked for. With 'Share the token through' set to variable, "
                "one is enough for all tasks."
            )
        case _:
            return "The server is overloaded or down; the task's next retry may find it well."
