"""Check the connection's further token parameters: what they may be, and which names belong to other fields."""

from __future__ import annotations

import math
from typing import Any

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.oauth.further_params import ParamValue

FIELD = "oauth_params (Further token parameters)"

REFRESH_TOKEN = "refresh_token (Refresh token to begin with)"  # noqa: S105

OWNED = {
    "client_id": "login (Client ID)",
    "client_secret": "password (Client secret)",
    "scope": "scope (Scope)",
    "client_assertion": "client_auth (Send client credentials in)",
    "client_assertion_type": "client_auth (Send client credentials in)",
    "assertion": "oauth_jwt (Signed assertion)",
    "refresh_token": REFRESH_TOKEN,
}
"""Parameters that another field sends, and that field: each is sent once, and secrets have places of their own."""

_ALLOWED = "Write texts, numbers, true or false, or a list of texts for a parameter that comes several times."


def checked_params(given: dict[str, Any]) -> dict[str, ParamValue]:
    """Return the parameters, with a tuple for a list.

    :raises ConfigurationError: naming the parameter, never its value, which may be a secret.
    """
    return {_checked_name(name): _checked(name, value) for name, value in given.items()}


def _checked_name(name: str) -> str:
    if not name or not name.isprintable() or not name.isascii():
        raise ConfigurationError(FIELD, f"{name[:40]!a} is no name of a parameter", advice="Correct the name.")
    owner = OWNED.get(name.lower())
    if owner is not None:
        raise ConfigurationError(FIELD, f"names {name}, which another field sends", advice=f"Put it into {owner}.")
    return name


def _checked(name: str, value: Any) -> ParamValue:
    if name == "grant_type":
        return _checked_grant(value)
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return tuple(_text(name, one) for one in value)
    if isinstance(value, str):
        return _text(name, value)
    if isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise ConfigurationError(FIELD, f"the value of {name!r} is no value of a parameter", advice=_ALLOWED)


def _checked_grant(value: Any) -> str:
    if value == "refresh_token":
        raise ConfigurationError(
            FIELD,
            "asks for the grant refresh_token, which each renewal makes by itself",
            advice=f"Leave it out. Where the server knows no other grant, put the refresh token into {REFRESH_TOKEN}.",
        )
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ConfigurationError(FIELD, "grant_type is no name of a grant", advice="Write it as the server names it.")
    return value


def _text(name: str, value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ConfigurationError(
            FIELD, f"the value of {name!r} is not valid Unicode", advice="Paste it again."
        ) from None
    return value
