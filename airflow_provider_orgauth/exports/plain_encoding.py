"""A file as it is."""

from __future__ import annotations

from typing import Any


class PlainEncoding:
    """An :class:`~airflow_provider_orgauth.exports.encoding.Encoding` that changes nothing."""

    def add(self, data: bytes) -> bytes:
        """Return ``data``."""
        return data

    def cut(self) -> bytes:
        """Return nothing: nothing is held back."""
        return b""

    def finish(self) -> bytes:
        """Return nothing: the file ends where it ends."""
        return b""

    def state(self) -> dict[str, Any]:
        """Return nothing: there is nothing to know."""
        return {}
