"""Renew ahead of time: when this process looks for the next token, at a random moment of its own.

In a token's last tenth every process of a fleet looks for its successor once. The moments are spread, so the first one
renews the token while all the others still use the old one, and those that look later find the new one. No process
waits for a token that has run out, and none has to be in charge.
"""

from __future__ import annotations

from collections.abc import Callable

from airflow_provider_orgauth import forks
from airflow_provider_orgauth.oauth.token import Token


class RenewalMoments:
    """The moments of one process, one per client."""

    def __init__(self) -> None:
        self._moments: dict[str, tuple[Token, float]] = {}
        forks.watch(self)

    def after_fork(self) -> None:
        """Draw new moments: forked children that kept their parent's would all renew at once."""
        self.forget()

    def forget(self) -> None:
        """Drop all moments, as a new process would start."""
        self._moments = {}

    def has_come(
        self, client: str, token: Token, *, now: float, margin: float, uniform: Callable[[float, float], float]
    ) -> bool:
        """Return whether to look for the successor of ``token``, which is still good at ``now`` (epoch seconds).

        :param client: whose token it is.
        :param uniform: a random number between two.
        """
        known, moment = self._moments.get(client, (None, 0.0))
        if known is not token:
            moment = self.draw(client, token, now=now, margin=margin, uniform=uniform)
        return now >= moment

    def draw(
        self, client: str, token: Token, *, now: float, margin: float, uniform: Callable[[float, float], float]
    ) -> float:
        """Choose a moment, from ``now`` at the earliest, and return it."""
        first, last = token.early_window(margin)
        moment = uniform(min(max(first, now), last), last)
        self._moments[client] = (token, moment)
        return moment
