"""What the buttons do. Each says what happened in a sentence for the person who pressed it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from airflow_provider_orgauth.exceptions import OrgAuthError
from airflow_provider_orgauth.hooks.database_hook import DatabaseHook, Said

log = logging.getLogger(__name__)

ATTEMPTS = 1
"""A person waits, and can press again."""


def test(connection_id: str, user: str) -> dict[str, Any]:
    """Ask for one token and leave nothing behind."""
    return _said(lambda hook: Said(*hook.test_connection()), connection_id, user)


def renew(connection_id: str, user: str) -> dict[str, Any]:
    """Renew the shared token."""
    return _said(DatabaseHook.renew, connection_id, user)


def forget(connection_id: str, user: str) -> dict[str, Any]:
    """Delete the shared token."""
    return _said(DatabaseHook.forget, connection_id, user)


def _said(act: Callable[[DatabaseHook], Said], connection_id: str, user: str) -> dict[str, Any]:
    try:
        said = act(DatabaseHook(connection_id, user=user, max_attempts=ATTEMPTS))
    except OrgAuthError as error:
        said = Said(False, str(error))
    except Exception as error:  # of the database, or of a secrets backend: its words may hold anything
        log.exception("The page of the tokens could not act on connection %s.", connection_id)
        said = Said(False, f"It failed ({type(error).__name__}). The API server's log says more.")
    return {"done": said.done, "says": said.says}
