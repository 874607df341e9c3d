"""Credentials inside an API's answer, found by the names of their keys.

A device of the Organization API carries its own ``token``: a list of devices is a list of secrets, and neither XCom
nor a task log is a place for those.
"""

from __future__ import annotations

import re
from typing import Any

from airflow_provider_orgauth.oauth.credential_names import ANY_SPELLING, is_credential_name
from airflow_provider_orgauth.oauth.redaction import MASK, redact_authorization, redact_query

_PAIR_IN_TEXT = re.compile(
    # "token": "…", also with quotes escaped (JSON inside JSON), single, or missing at the end of a text that was cut
    rf"(?is)(?<![a-z0-9_-])({ANY_SPELLING})"
    r"(?P<quote>\\*[\"'])(\s*[:=]\s*)(?P=quote)(?!(?P=quote)).+?((?<!\\)(?P=quote)|\Z)"
)


def masked(value: Any) -> tuple[Any, int]:
    """Return ``value`` with every credential replaced by ``***``, and how many there were.

    ``value`` is parsed JSON or text. It is not changed; what holds no credential is returned as it is.
    """
    if isinstance(value, str):
        return _masked_text(value)
    if isinstance(value, dict):
        return _masked_object(value)
    if isinstance(value, list | tuple):
        items, counts = zip(*map(masked, value), strict=True) if value else ((), ())
        return (list(items), sum(counts)) if any(counts) else (value, 0)
    return value, 0


def _masked_object(value: dict[Any, Any]) -> tuple[dict[Any, Any], int]:
    result, count = {}, 0
    for key, content in value.items():
        if is_credential_name(key) and content and not isinstance(content, bool):
            result[key] = MASK
            count += 1
        else:
            result[key], inner = masked(content)
            count += inner
    return (result, count) if count else (value, 0)


def _masked_text(text: str) -> tuple[str, int]:
    """Mask ``"token": "…"`` and ``token=…`` in a text: lines of JSON, JSON in a string, a form, an answer cut short."""
    text, pairs = _PAIR_IN_TEXT.subn(rf"\1\g<quote>\3\g<quote>{MASK}\4", text)
    text, parameters = redact_query(text)
    text, headers = redact_authorization(text)
    return text, pairs + parameters + headers
