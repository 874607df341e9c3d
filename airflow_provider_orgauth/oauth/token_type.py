"""What a token is good for (RFC 6749 section 7.1), in the words that servers have for it.

A client must not use a token whose type it does not understand. Most unknown words are no type of their own:
``BearerToken``, ``Application Access Token`` and ``user`` come from servers that mean a bearer token (RFC 6750) and
nothing else. What no bearer may use is a token that is bound to a key: it is worth nothing without a proof for each
request. Nor is ``N_A`` a token for any API (RFC 8693 section 2.2.1).
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[^a-z0-9]+")

_BOUND = frozenset({"dpop", "mac", "pop", "hok", "hmac", "signature", "holderofkey", "proofofpossession"})
"""Types whose tokens want a proof of possession: RFC 9449, the MAC drafts, RFC 7800 and its kin."""

_OF_ANY_TOKEN = re.compile("bearer|access|token|bound")

_BEARER = "bearer"
_NOT_APPLICABLE = "na"


def fault_of(token_type: object) -> str:
    """Return why a token of this type cannot be sent as a bearer; an empty text if it can.

    :param token_type: as it came; None and an empty text are a server that does not say, and that means Bearer.
    """
    if token_type is None or token_type == "":
        return ""
    if not isinstance(token_type, str):
        return "is no text, and only Bearer is supported"
    words = _WORD.split(token_type.lower())
    run_together = "".join(words)
    if not _BOUND.isdisjoint({*words, _OF_ANY_TOKEN.sub("", run_together)}):  # run together: "DPoPAccessToken"
        return "wants a proof of possession with each request, and only Bearer is supported"
    return (
        "is that of no access token (RFC 8693), and only Bearer is supported" if run_together == _NOT_APPLICABLE else ""
    )


def is_unusual(token_type: object) -> bool:
    """Return whether this is another word for a type that can be sent as a bearer."""
    return isinstance(token_type, str) and token_type.strip().lower() not in ("", _BEARER) and not fault_of(token_type)
