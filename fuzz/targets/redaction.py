"""Redaction: no given secret comes through, however it is spelled and whatever stands around it."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import quote, quote_plus

from airflow_provider_orgauth.oauth.text_redaction import (
    MASK,
    MAX_MESSAGE_CHARACTERS,
    one_line,
    redact,
    redact_credentials,
    spellings,
)
from fuzz import reading

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def written(secret: str) -> list[str]:
    """Return ``secret`` as a URL or form may write it: this list is made without the code under test."""
    percent = quote(secret, safe="")
    lower = re.sub("%..", lambda code: code[0].lower(), percent)
    return [secret, percent, quote(secret), quote_plus(secret), lower, lower.replace("%20", "+")]


def assert_hidden(text: str, secrets: Collection[str]) -> None:
    """Assert that none of ``secrets`` stands in ``text``, which was made for people to read."""
    for secret in secrets:
        for spelling in written(secret):
            assert spelling not in text, "a secret came through"


def check(text: str, secrets: Collection[str]) -> None:
    """Assert what must hold for one text and the secrets that it may hold.

    A secret with an asterisk is left out: the mask itself can complete it (``ab*`` after ``ab``).
    """
    secrets = [secret for secret in secrets if secret and "*" not in secret]
    given = {spelling for secret in secrets for spelling in spellings(secret)}
    redacted = redact(text, given)
    assert_hidden(redacted, secrets)

    line = one_line(text, given)
    assert_hidden(line, secrets)
    assert not _CONTROL.search(line)
    assert len(line) <= MAX_MESSAGE_CHARACTERS
    assert line == line.strip()

    shown, count = redact_credentials(text)
    assert (count == 0) == (shown == text) or MASK in text
    assert redact_credentials(shown)[0] == shown, "a second look finds more"


def check_parameter(name: str, value: str) -> None:
    """Assert that a credential in a query string is found by its name, whatever its value is."""
    for encoded in (quote(value), quote(value, safe=""), quote_plus(value)):
        said = f'https://h.example:443 "POST /oauth2/token?grant_type=x&{name}={encoded}&end=1 HTTP/1.1" 400 None'
        assert redact(said) == said.replace(f"{name}={encoded}&", f"{name}={MASK}&")


def one(data: bytes) -> None:
    """A line with a secret; then a text, in which ``{}`` stands for the secret and ``{n}`` for its n-th spelling."""
    (secret,), rest = reading.lines(data, 1)
    text = reading.text(rest)
    try:
        secret.encode()
    except UnicodeEncodeError:  # no connection and no token answer holds such a secret
        return
    if len(secret) < 8:  # shorter ones stand in the texts by chance, as the mask's neighbours too
        secret = f"5ecr3t.{secret}"
    for at, spelling in enumerate(written(secret)):
        text = text.replace(f"{{{at or ''}}}", spelling)
    check(text, [secret])
