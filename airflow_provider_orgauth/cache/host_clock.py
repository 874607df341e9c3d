"""The file in which the processes of one host share what they learned of its clock: one for each server."""

from __future__ import annotations

import hashlib

from airflow_provider_orgauth.cache.host_file import HostFile


def clock_file(server: str) -> HostFile:
    """Return the file about the clock of ``server`` (scheme, host and port). It holds no secret."""
    return HostFile(f"{hashlib.sha256(server.encode()).hexdigest()[:32]}.clock")
