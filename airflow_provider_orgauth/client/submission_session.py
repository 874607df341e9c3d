"""The session of one submission: a request that starts something, which may have arrived though no answer came."""

from __future__ import annotations

from typing import Any

import requests

from airflow_provider_orgauth.client.exchange import Answer, Unanswered
from airflow_provider_orgauth.client.session import OrgSession

TIMED_OUT = 408
"""A proxy may say this of a server that takes long, and does what was asked all the same."""


class Arrival:
    """Whether the server may have done what a submission asks for, be it at an earlier attempt or before a redirect."""

    def __init__(self) -> None:
        self.is_possible = False


class SubmissionSession(OrgSession):
    """The same session, its connections, headers and cookies included.

    :param arrival: told of each attempt, before it is sent and again when it is known what came of it.
    """

    def __init__(self, session: OrgSession, arrival: Arrival) -> None:
        vars(self).update(vars(session))
        self._arrival = arrival

    def transmitted(
        self, request: requests.PreparedRequest, access_token: str, kwargs: dict[str, Any]
    ) -> Answer[requests.Response] | Unanswered:
        """Send it once; else as :meth:`OrgSession.transmitted`."""
        before = self._arrival.is_possible
        self._arrival.is_possible = True  # whatever ends this process, or this call, from here on
        result = super().transmitted(request, access_token, kwargs)
        self._arrival.is_possible = before or _may_have_acted(result)
        return result


def _may_have_acted(result: Answer[requests.Response] | Unanswered) -> bool:
    if isinstance(result, Unanswered):
        return result.why.reached_server
    return not 400 <= result.status < 500 or result.status == TIMED_OUT
