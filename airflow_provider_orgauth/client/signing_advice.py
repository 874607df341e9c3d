"""What to change where the token endpoint refuses a client that signs, or that is known by its certificate."""

from __future__ import annotations

from airflow_provider_orgauth.oauth.answers import Reason
from airflow_provider_orgauth.oauth.client import OAuthClient

_KEY = "that the server has the public key that belongs to the one in Client secret"
_CLOCK = "and that this machine's clock is right"


def signing_advice(reason: Reason, client: OAuthClient) -> str | None:
    """Return a sentence in the words of the connection form; None: what is true of other clients holds of this one."""
    if client.is_jwt_bearer and reason in (Reason.INVALID_GRANT, Reason.INVALID_CLIENT, Reason.INVALID_REQUEST):
        return (
            f"Check Client ID, Signed assertion (aud; sub and scope in claims), {_KEY}, {_CLOCK}; some servers "
            "also want the user to have consented once."
        )
    if reason is Reason.INVALID_CLIENT and client.client_auth == "tls_client_auth":
        return "Check Client ID, and that the server has the certificate in Client certificate for it."
    if reason is Reason.INVALID_CLIENT and client.signs:
        key = "Client secret" if client.client_auth == "client_secret_jwt" else _KEY
        return f"Check Client ID, {key}, Signed assertion (alg, kid, aud), {_CLOCK}."
    if reason is Reason.INVALID_REQUEST and (client.signs or client.client_auth == "tls_client_auth"):
        return "Check Client ID, Scope, Signed assertion and Further token parameters."
    return None
