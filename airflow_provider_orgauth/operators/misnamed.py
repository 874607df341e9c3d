"""Arguments that other operators call otherwise: said here, where Airflow would only say that they are invalid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_orgauth.exceptions import ConfigurationError

_MEANT = {
    "conn_id": "org_conn_id",
    "http_conn_id": "org_conn_id",
    "orgauth_conn_id": "org_conn_id",
    "url": "endpoint",
    "body": "json",
}
"""Names of other operators, and what they are called here."""


def refuse_misnamed(kwargs: Mapping[str, Any]) -> None:
    """Refuse an argument under the name that it has elsewhere.

    :param kwargs: what the class did not take itself.
    :raises ConfigurationError: naming it, and the name that it has here.
    """
    for name in kwargs:
        if name in _MEANT:
            raise ConfigurationError(name, "is no argument here", advice=f"It is called {_MEANT[name]}.")
