"""Find out whether a token request is the client's: a Basic header, or ``client_id`` and ``client_secret``."""

from __future__ import annotations

import base64
import binascii
from hmac import compare_digest
from urllib.parse import unquote, unquote_plus

Pair = tuple[str, str]


def basic_pairs(header: str, decoding: str) -> list[Pair]:
    """Return the (id, secret) pairs that a Basic header may mean; none if it is not one.

    ``percent`` decodes as RFC 6749 section 2.3.1 asks (``+`` is a space there too), ``raw`` takes the UTF-8 bytes as
    they came, like the servers that never decode, and ``both`` lets either reading pass.
    """
    scheme, _, encoded = header.strip().partition(" ")
    if scheme.lower() != "basic":
        return []
    try:
        client_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        return []
    if not colon:
        return []
    raw = (client_id, secret)
    form = (unquote_plus(client_id), unquote_plus(secret))
    if decoding == "raw":
        return [raw]
    if decoding == "percent":
        return [form]
    return [raw, form, (unquote(client_id), unquote(secret))]


def matches(given: list[Pair], client: Pair) -> bool:
    """Return whether one of ``given`` is ``client``."""
    return any(_same(one[0], client[0]) & _same(one[1], client[1]) for one in given)


def _same(one: str, other: str) -> bool:
    return compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
