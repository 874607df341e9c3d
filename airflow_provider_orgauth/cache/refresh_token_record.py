"""A refresh token as text.

::

    {"refresh_token": "…", "generation": 3, "claim": "5d0e…"}
"""

from __future__ import annotations

import json

from airflow_provider_orgauth.cache.token_record import number_of, record_of, text_of
from airflow_provider_orgauth.oauth.steps import RefreshToken


def refresh_token_to_text(refresh_token: RefreshToken) -> str:
    """Return ``refresh_token`` as JSON text."""
    return json.dumps(
        {
            "refresh_token": refresh_token.text,
            "generation": refresh_token.generation,
            "claim": refresh_token.claim,
        }
    )


def refresh_token_from_text(text: str) -> RefreshToken:
    """Return the refresh token in ``text``.

    :raises UnreadableRecordError: there is none.
    """
    record = record_of(text)
    claim = None if record.get("claim") is None else text_of(record, "claim")
    return RefreshToken(text_of(record, "refresh_token"), number_of(record, "generation"), claim)
