"""What stands before an action: the page itself asks, Airflow lets people test, and not too often."""

from __future__ import annotations

import math
from collections.abc import Callable

from fastapi import HTTPException, Request

from airflow_provider_orgauth.ui.action_limit import ActionLimit
from airflow_provider_orgauth.ui.airflow_server import base_url, is_in_database, tests_are_enabled
from airflow_provider_orgauth.ui.known_connections import environment_ids
from airflow_provider_orgauth.ui.same_site import foreign_reason


def from_the_page(request: Request) -> None:
    """Refuse what another site made the browser send."""
    reason = foreign_reason(request.headers, base_url())
    if reason is not None:
        raise HTTPException(403, reason)


def by_its_own_name(request: Request) -> None:
    """Refuse another spelling of a variable of the environment: Airflow looks for it in capitals.

    Each would have a limit of its own, might have other rights, and would be in the record as one more connection.
    """
    connection_id = request.path_params["connection_id"]
    listed = connection_id.lower()
    if connection_id != listed and listed in environment_ids() and not is_in_database(connection_id):
        raise HTTPException(404, f"There is no connection {connection_id}. Perhaps {listed} is meant.")


def if_tests_are_enabled() -> None:
    """Refuse where Airflow's own Test button is switched off."""
    if not tests_are_enabled():
        raise HTTPException(403, "Testing connections is switched off: [core] test_connection is not Enabled.")


def not_too_often(action: str, limit: ActionLimit) -> Callable[[Request], None]:
    """Return a dependency that counts ``action``, and refuses it where it was done too often."""

    def count(request: Request) -> None:
        wait = limit.seconds_to_wait(action, request.path_params["connection_id"])
        if wait:
            seconds = math.ceil(wait)
            raise HTTPException(
                429, f"That was done a few times just now. Try again in {seconds} s.", {"Retry-After": str(seconds)}
            )

    return count
