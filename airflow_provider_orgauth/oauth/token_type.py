"""What a token is good for (RFC 6749 section 7.1), in the words that servers have for it.

A client must not use a token whose type it does not understand. Not every unknown word is such a type: ``BearerToken``,
``Application Access Token`` and ``access_token`` come from servers that mean a bearer token (RFC 6750) and nothing
else. What no bearer may use is a token that is bound to a key: it is worth nothing without a proof for each request.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[^a-z0-9]+")

_BOUND = frozenset({"dpop", "mac", "pop", "hok", "hmac", "signature", "holderofkey", "proofofpossession"})
"""Types whose tokens want a proof of possession: RFC 9449, the MAC drafts, RFC 7800 and its kin."""

_MEANS_BEARER = ("bearer", "accesstoken")

_OF_ANY_TOKEN = re.compile("bearer|access|token|bound")


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
    return "" if any(one in run_together for one in _MEANS_BEARER) else "is unknown, and only Bearer is supported"
