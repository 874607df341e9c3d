"""What the buttons do. Each says what happened in a sentence for the person who pressed it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from airflow_provider_orgauth.compat import AirflowNotFoundException
from airflow_provider_orgauth.exceptions import OrgAuthError
from airflow_provider_orgauth.ui.server_hook import ServerHook

log = logging.getLogger(__name__)

NOT_SHARED = "Its tokens are not shared through Variables, so there is none that could be renewed or forgotten for all."


def test(connection_id: str, user: str) -> dict[str, Any]:
    """Ask for one token and leave nothing behind."""
    return _said(lambda: ServerHook(connection_id, user=user).test_connection(), connection_id)


def renew(connection_id: str, user: str) -> dict[str, Any]:
    """Renew the shared token."""
    return _said(lambda: _if_shared(connection_id, user, ServerHook.renew), connection_id)


def forget(connection_id: str, user: str) -> dict[str, Any]:
    """Delete the shared token."""
    return _said(lambda: _if_shared(connection_id, user, ServerHook.forget), connection_id)


def _if_shared(connection_id: str, user: str, act: Callable[[ServerHook], tuple[bool, str]]) -> tuple[bool, str]:
    hook = ServerHook(connection_id, user=user)
    return act(hook) if hook.is_shared else (False, NOT_SHARED)


def _said(act: Callable[[], tuple[bool, str]], connection_id: str) -> dict[str, Any]:
    try:
        done, says = act()
    except AirflowNotFoundException:
        done, says = False, f"There is no connection {connection_id} that this API server can read."
    except OrgAuthError as error:
        done, says = False, str(error)
    except Exception as error:  # of the database, or of a secrets backend: its words may hold anything
        log.exception("The page of the tokens could not act on connection %s.", connection_id)
        done, says = False, f"It failed ({type(error).__name__}). The API server's log says more."
    return {"done": done, "says": says}
