"""Keep credentials out of every text that a person or a log may see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from airflow_provider_orgauth.oauth.named_values import named_values

MASK = "***"
MAX_MESSAGE_CHARACTERS = 300
"""Characters of a server's message that are shown; the rest is cut."""

_AUTHORIZATION = re.compile(r"(?i)\b(basic|bearer)\s+[A-Za-z0-9+/=_~.\-]{8,}")
_CODE = re.compile("%[0-9A-F]{2}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
"""Among them, halves of surrogate pairs: neither a log nor a message of Airflow's can hold one."""


def spellings(secret: str) -> Iterator[str]:
    """Yield ``secret`` as it is and as URLs and forms write it, with either case of hexadecimal digits."""
    encoded = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    yield from {secret, *encoded, *(_CODE.sub(lambda code: code[0].lower(), text) for text in encoded)}


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return ``text`` without the named secrets and without anything that looks like a credential.

    A server may echo what it was sent, so what it says is never shown as it came.
    """
    # Longest first: to replace a secret that is part of a longer one would leave the rest of that one.
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, MASK)
    return redact_credentials(text)[0]


def redact_credentials(text: str) -> tuple[str, int]:
    """Return ``text`` without the values of credentials, by their names or after ``Bearer``; and how many there were.

    ``token=…`` in a query or a form, ``"token": "…"`` in JSON, also inside JSON or cut short, ``X-Api-Key: …``.
    """
    text, named = _redact_named(text)
    text, after_scheme = _AUTHORIZATION.subn(rf"\1 {MASK}", text)
    return text, named + after_scheme


def _redact_named(text: str) -> tuple[str, int]:
    pieces, at = [], 0
    for value in named_values(text):
        if text[value.start : value.end] != MASK:
            pieces += [text[at : value.start], value.quote, MASK, value.quote]
            at = value.end
    return ("".join([*pieces, text[at:]]), len(pieces) // 4) if pieces else (text, 0)


def one_line(text: str, secrets: Iterable[str] = ()) -> str:
    """Return a server's words fit for one log line: redacted, without control characters, cut."""
    secrets = tuple(secrets)
    # Twice: what a line break kept apart may be a secret once it is a space.
    text = redact(_CONTROL.sub(" ", redact(text, secrets)), secrets).strip()
    return text if len(text) <= MAX_MESSAGE_CHARACTERS else text[: MAX_MESSAGE_CHARACTERS - 1] + "…"
