"""One module per parser; see :mod:`fuzz`."""

from __future__ import annotations

NAMES = (
    "api_error",
    "connection_address",
    "connection_extra",
    "expression",
    "lease_record",
    "redaction",
    "response",
    "retry_after",
    "sealed_record",
    "server_url",
    "token_answer",
    "token_record",
)
"""The modules of this folder: each is a target of the fuzzer."""
