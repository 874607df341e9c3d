"""Further parameters of a token request, of whatever names a server has: ``audience``, ``resource``, ``account_id``.

They come from the connection as JSON. A form, or a query, has texts only; there a list is a parameter that comes
several times, as RFC 8707 has it for ``resource``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from airflow_provider_orgauth.oauth.redacted_names import may_be_secret_name

ParamValue = str | int | float | bool | tuple[str, ...]
"""A value; a tuple stands for a parameter that comes several times."""

Params = Mapping[str, ParamValue]

CLIENT_CREDENTIALS = "client_credentials"
"""The grant that is asked for where the connection names no other one (RFC 6749 section 4.4)."""

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
"""The grant that is a JWT, signed by the client (RFC 7523 section 2.1)."""

WITH_REFRESH = ("resource", "audience")
"""What a refresh repeats: for which API the token is (RFC 8707 section 2.2). The rest belongs to the first grant."""


def grant_type_in(params: Params) -> str:
    """Return the grant that is asked for."""
    return str(params.get("grant_type", CLIENT_CREDENTIALS))


def pairs(params: Params) -> Iterator[tuple[str, str]]:
    """Yield names and values as a form has them: ``true`` and ``1.5`` as in JSON, a list's values one by one."""
    for name, value in params.items():
        for one in value if isinstance(value, tuple) else (value,):
            yield name, one if isinstance(one, str) else json.dumps(one)


def secrets_in(params: Params) -> Iterator[str]:
    """Yield the values that are secret by their names."""
    yield from (value for name, value in pairs(params) if value and may_be_secret_name(name))


def identity(params: Params, *, with_secrets: bool) -> dict[str, ParamValue | None]:
    """Return what tells tokens apart that were asked for with other parameters; in one order, however they were typed.

    :param with_secrets: False leaves the names of secret ones and no value.
    """
    return {
        name: value if with_secrets or not may_be_secret_name(name) else None for name, value in sorted(params.items())
    }
