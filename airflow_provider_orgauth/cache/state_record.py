"""A token's state as text: JSON, with the names of :mod:`~.token_state`.

::

    {"server": "https://…", "token_server": "https://…", "connection_ids": ["my_api"], "failure": null,
     "forgotten": null,
     "renewals": [{"issued_at": 1766000000.0, "lifetime": 300.0, "grant": "client_credentials",
                   "refresh_token_held": true, "generation": 1766000001,
                   "by": {"connection_id": "my_api", "host": "worker-1", "dag_id": "a_dag", …}}],
     "hours": [{"hour": 490555, "requests": 12, "failures": 0,
                "api_requests": 900, "api_too_many": 3, "api_waits": 40}]}
"""

from __future__ import annotations

import msgspec

from airflow_provider_orgauth.cache.token_state import TokenState

STATE_KEY_PREFIX = "orgauth_state_"
"""What the keys of these Variables begin with. No word that Airflow masks: it would keep each text for ever."""

MAX_RECORD_CHARACTERS = 64 * 1024
"""Characters; a text that is longer was not written here."""


def state_to_text(state: TokenState) -> str:
    """Return ``state`` as JSON text."""
    return msgspec.json.encode(state).decode()


def state_from_text(text: object) -> TokenState | None:
    """Return the state in ``text``; None where it is no such text, whoever wrote it."""
    if not isinstance(text, str) or len(text) > MAX_RECORD_CHARACTERS:
        return None
    try:
        return msgspec.json.decode(text.encode(), type=TokenState)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
