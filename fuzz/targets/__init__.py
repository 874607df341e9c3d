"""One module per parser; see :mod:`fuzz`."""

from __future__ import annotations

SHARES = {
    "api_error": 2,
    "asked_wait": 2,
    "charset": 2,
    "connection_address": 4,
    "connection_extra": 4,
    "expression": 4,
    "json_body": 4,
    "lease_record": 1,
    "link_header": 2,
    "redaction": 2,
    "refresh_token_record": 1,
    "response": 4,
    "sealed_record": 1,
    "server_url": 4,
    "state_record": 2,
    "token_answer": 4,
    "token_record": 2,
}
"""The modules of this folder, each a target of the fuzzer, and their shares of its time: most for the larger ones."""

NAMES = tuple(SHARES)
