"""Credentials inside an API's answer, found by the names of their keys.

A device of the Organization API carries its own ``token``: a list of devices is a list of secrets, and neither XCom
nor a task log is a place for those.
"""

from __future__ import annotations

import re
from typing import Any

from airflow_provider_orgauth.oauth.redaction import MASK

_CREDENTIAL_KEYS = frozenset(
    {
        "token",
        "accesstoken",
        "authtoken",
        "devicetoken",
        "refreshtoken",
        "idtoken",
        "secret",
        "clientsecret",
        "password",
        "passwd",
        "apikey",
        "privatekey",
        "authorization",
    }
)
"""Without case, ``-`` and ``_``. Whole names only: ``nextPageToken`` and ``tokenType`` are no credentials."""


def masked(value: Any) -> tuple[Any, int]:
    """Return ``value`` with every credential replaced by ``***``, and how many there were.

    ``value`` is parsed JSON. It is not changed; what holds no credential is returned as it is.
    """
    if isinstance(value, dict):
        return _masked_object(value)
    if isinstance(value, list | tuple):
        items, counts = zip(*map(masked, value), strict=True) if value else ((), ())
        return (list(items), sum(counts)) if any(counts) else (value, 0)
    return value, 0


def _masked_object(value: dict[Any, Any]) -> tuple[dict[Any, Any], int]:
    result, count = {}, 0
    for key, content in value.items():
        if is_credential(key) and content and not isinstance(content, bool | int | float):
            result[key] = MASK
            count += 1
        else:
            result[key], inner = masked(content)
            count += inner
    return (result, count) if count else (value, 0)


def is_credential(key: object) -> bool:
    """Tell whether a value under this key is a credential."""
    return isinstance(key, str) and re.sub(r"[-_]", "", key).lower() in _CREDENTIAL_KEYS
