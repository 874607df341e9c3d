"""Which errors of a look end a wait, and which may be over at the next look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.client.retryable import BUSY_STATUSES

if TYPE_CHECKING:
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

_TROUBLE = (
    errors.ApiConnectionError,
    errors.ApiRateLimitedError,
    errors.ApiServerError,
    errors.TokenResponseError,
    errors.TokenUnavailableError,
)
"""An error that is not here ends the wait: wrong credentials, a 403, another server, an answer that is no text, …"""


def is_trouble(error: errors.OrgAuthError) -> bool:
    """Return whether the server, the network or the token endpoint is in trouble, and may be well again."""
    return isinstance(error, _TROUBLE) or (isinstance(error, errors.ApiError) and error.status in BUSY_STATUSES)


def may_pass(error: errors.OrgAuthError, hook: OrgAuthHook) -> bool:
    """Return whether the next look may find all well.

    :param hook: whose connection may name further statuses. Asked where a status came: it has been read then.
    """
    return is_trouble(error) or (isinstance(error, errors.ApiError) and error.status in hook.retry_statuses)


def is_about_all(error: errors.OrgAuthError) -> bool:
    """Return whether every request on the connection would meet this error: there is no token for it."""
    return isinstance(error, errors.TokenRefusedError | errors.TokenEndpointError)


def is_about_credentials(error: errors.OrgAuthError) -> bool:
    """Return whether an error may come from what the connection says, which somebody may have changed meanwhile."""
    return isinstance(
        error,
        errors.TokenRefusedError
        | errors.TokenEndpointError
        | errors.ApiUnauthorizedError
        | errors.ApiForbiddenError
        | errors.CertificateError
        | errors.ConfigurationError
        | errors.ForeignOriginError
        | errors.ProxyRefusedError,
    )


def kind_of(error: errors.OrgAuthError) -> tuple[object, ...]:
    """Return what two errors have in common that are the same for a log: the times in their texts differ."""
    return type(error), error.status, error.error, error.server_message
