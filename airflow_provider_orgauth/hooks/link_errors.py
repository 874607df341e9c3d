"""What a refused link means: it says nothing of the connection, and the next try may get a new one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.exceptions import ApiError

if TYPE_CHECKING:
    import requests

_REFUSED = (400, 401, 403, 404, 410)
"""What stores answer where a link has run out, or its signature is wrong."""


def as_of_link(run: Callable[..., requests.Response]) -> Callable[..., requests.Response]:
    """Return a function that does the same, and says of a refusal what it means for a link."""

    def run_link(*given: Any, **about: Any) -> requests.Response:
        try:
            return run(*given, **about)
        except ApiError as error:
            if error.status not in _REFUSED:
                raise
            refused = error
        # Not one of those that fail a task for good: its next try asks the server for a new link.
        raise ApiError(
            refused.message,
            advice="The link is sent without the token, and may have run out: the next try asks for a new one.",
            status=refused.status,
            server_message=refused.server_message,
            response=refused.response,
        )

    return run_link
