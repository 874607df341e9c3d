"""No compression: the file's bytes are stored as they are."""

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
        """Return nothing: plain bytes have no trailer."""
        return b""

    def state(self) -> dict[str, Any]:
        """Return no state: there is none to take over."""
        return {}
