"""The landing that a path asks for."""

from __future__ import annotations

from typing import Any

from airflow_provider_orgauth.exports.landing import Landing
from airflow_provider_orgauth.exports.local import LocalLanding


def landing_of(path: Any, *, key: str) -> Landing:
    """Return where an export to ``path``, an Airflow ``ObjectStoragePath``, lands.

    :param key: tells this task's unfinished file from another's with the same final name.
    """
    return LocalLanding(path.path, key=key)
