"""Which field of the connection takes what a token endpoint asks for in its refusal: an audience, a key, an account.

Its words are read as a person would read them, and only advice comes of it.
"""

from __future__ import annotations

import re

from airflow_provider_orgauth.oauth.answers import RFC_6749_CODES, Reason, Refusal
from airflow_provider_orgauth.oauth.client import OAuthClient

_SPOKEN = RFC_6749_CODES | {Reason.FORBIDDEN}
"""Refusals that are about the request, in the server's own words."""

_SECRET = re.compile(r"(?i)\bclient[ _]secret\b")
_KEY = re.compile(r"(?i)\bprivate_key_jwt\b|\bclient[ _]assertion\b|\b(?:signed|bearer) (?:jwt|assertion)\b|\bjwks?\b")
_CERTIFICATE = re.compile(r"(?i)\bcertificate\b|\bm-?tls\b|\bmutual[ -]tls\b|\btls_client_auth\b")
_SCOPE = re.compile(r"(?i)\bscopes?\b")
_AUDIENCE = re.compile(r"(?i)\baudience\b")
_RESOURCE = re.compile(
    r"(?i)[\"'`]resource[\"'`]|\bresource (?:parameter|indicator|is (?:missing|required|invalid))"
    r"|\b(?:missing|invalid|parameter|required)\W+resource\b|\binvalid_(?:target|resource)\b"
)
_ACCOUNT = re.compile(r"(?i)\baccount[ _]?id\b")

_IS_WANTED = re.compile(r"(?i)\b(?:missing|required?|requires|must|provided?|specif\w+|expect\w*|absent|need\w*)\b")
_PARAMETER = re.compile(
    r"\b(?!(?:invalid|unsupported|unauthorized|client|grant|access|refresh|token|error)_)[a-z]+(?:_[a-z]+)+\b"
)
"""Names with an underscore that are not OAuth's own."""

_KEY_ADVICE = (
    "The server wants a signed assertion: set 'Send client credentials in' to private_key_jwt, with the key as Client "
    "secret, and see Signed assertion (oauth_jwt)."
)
_CERTIFICATE_ADVICE = (
    "The server wants a TLS client certificate: name it in Client certificate (client_cert); if it is all that "
    "identifies the client, set 'Send client credentials in' to tls_client_auth."
)


def asked_for(outcome: Refusal, client: OAuthClient) -> str:
    """Return a sentence that names the field for what the refusal asks for; an empty text where it asks for nothing."""
    if outcome.reason not in _SPOKEN:
        return ""
    said = f"{outcome.error or ''} {outcome.message}"
    if _KEY.search(said):
        if _AUDIENCE.search(said):
            return "Check aud in Signed assertion (oauth_jwt)."
        # With a secret named, it wants one of the two, and found neither. A client that signs knows that it has to.
        return "" if _SECRET.search(said) or client.client_auth.endswith("_jwt") else _KEY_ADVICE
    if _CERTIFICATE.search(said):
        return _CERTIFICATE_ADVICE
    for name, pattern in (("audience", _AUDIENCE), ("resource", _RESOURCE), ("account_id", _ACCOUNT)):
        if pattern.search(said):
            return _parameter_advice(name, client)
    if outcome.reason is not Reason.INVALID_SCOPE and _SCOPE.search(outcome.message) and _IS_WANTED.search(said):
        return f"Set Scope (now {client.scope or 'empty'})."
    named = _PARAMETER.search(outcome.message)
    return _parameter_advice(named[0], client) if named and _IS_WANTED.search(outcome.message) else ""


def _parameter_advice(name: str, client: OAuthClient) -> str:
    if name in client.oauth_params:
        return f"Check {name} in Further token parameters (oauth_params)."
    return f'Put {name} into Further token parameters (oauth_params): {{"{name}": "…"}}.'
