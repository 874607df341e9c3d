"""Keep credentials out of every text that a person or a log may see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from airflow_provider_orgauth.oauth.credential_names import ANY_SPELLING

MASK = "***"
MAX_MESSAGE = 300
"""Characters of a server's message that are shown; the rest is cut."""

_QUERY_CREDENTIAL = re.compile(
    # Also "filter[token]=" and "token[]=", as some servers have it. What follows "authorization=Bearer" is one more
    # word, and found by the next pattern.
    rf"(?i)(?:(?<![a-z0-9_])|(?<=%5b))((?:{ANY_SPELLING})(?:\]|\[\w*\]|%5d|%5b\w*?%5d)*)"
    r"=(?!(?:basic|bearer)\s)[^&\s\"'<>]+"
)
_AUTHORIZATION = re.compile(r"(?i)\b(basic|bearer)\s+[A-Za-z0-9+/=_~.\-]{8,}")
_CODE = re.compile("%[0-9A-F]{2}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def spellings(secret: str) -> Iterator[str]:
    """Yield ``secret`` as it is and as URLs and forms write it, with either case of hexadecimal digits."""
    encoded = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    yield from {secret, *encoded, *(_CODE.sub(lambda code: code[0].lower(), text) for text in encoded)}


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return ``text`` without the named secrets and without anything that looks like a credential.

    A server may echo what it was sent, so what it says is never shown as it came.
    """
    # Longest first: a secret that is part of a longer one must not leave the rest of that one standing.
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, MASK)
    return redact_authorization(redact_query(text)[0])[0]


def redact_authorization(text: str) -> tuple[str, int]:
    """Return ``text`` without what follows ``Bearer`` or ``Basic``, and how many of these there were."""
    return _AUTHORIZATION.subn(rf"\1 {MASK}", text)


def redact_query(text: str) -> tuple[str, int]:
    """Return ``text`` without the values of ``client_secret=…``, ``token=…`` and the like, and how many there were."""
    return _QUERY_CREDENTIAL.subn(rf"\1={MASK}", text)


def one_line(text: str, secrets: Iterable[str] = ()) -> str:
    """Return a server's words fit for one log line: redacted, without control characters, cut."""
    secrets = tuple(secrets)
    # Twice: what a line break kept apart may be a secret once it is a space.
    text = redact(_CONTROL.sub(" ", redact(text, secrets)), secrets).strip()
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"
