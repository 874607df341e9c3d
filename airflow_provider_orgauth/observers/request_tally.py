"""Counts API requests for the people who look at the page of the tokens."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any, Literal

from airflow_provider_orgauth.cache.host_tally import SENT, TOO_MANY, WAITED, HostTally, tally_of
from airflow_provider_orgauth.client.observer import Observer, Wait
from airflow_provider_orgauth.oauth.client import OAuthClient


def request_tally(client: OAuthClient, clock: Callable[[], float]) -> RequestTally | None:
    """Return what counts the requests of ``client`` on this host; None where that cannot be.

    :param clock: epoch seconds.
    """
    tally = tally_of(client)
    return None if tally is None else RequestTally(tally, clock)


class RequestTally(Observer):
    """Puts each request into the tally of its client. It never raises, and costs a request a microsecond or two.

    :param clock: epoch seconds.
    """

    def __init__(self, tally: HostTally, clock: Callable[[], float]) -> None:
        self._tally = tally
        self._clock = clock

    def sending(self, method: str, url: str, headers: MutableMapping[str, Any], *, resends: int) -> bool:
        """Ask to be told what came of it."""
        return True

    def sent(
        self, began: bool, headers: MutableMapping[str, Any], *, status: int | None, error: type[BaseException] | None
    ) -> None:
        """Count a request, whatever came of it."""
        self._tally.add(TOO_MANY if status == 429 else SENT, self._clock())

    def retrying(self, of: Literal["api", "token"], *, status: int | None, wait: Wait | None, seconds: float) -> None:
        """Count a wait that the server asked for."""
        if of == "api" and wait == "retry_after":
            self._tally.add(WAITED, self._clock())

    def waiting(self, wait: Wait, seconds: float) -> None:
        """Count a wait for the connection's limit, or for a busy server."""
        self._tally.add(WAITED, self._clock())
