"""Who may send a refresh token that a server may take once: one process, and nobody while its request may be under way.

The lease of :mod:`~.lease` is for saving requests: a text of it that comes late makes two renew. Here that must not be.
So there are two registers more. In the first, each process says that it sends, and nothing else is ever written there:
whatever comes late can only make others wait. It is claimed as the lease is, by a write, a wait and a second look. In
the second one, a process says that its request has come to its end. Names are used once, so that is never said of
another's request. Of a process that did not say it, nobody knows whether its request is under way: it is left alone for
longer than any request takes. ``docs/one-token.md`` has the proof, and what it assumes.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from airflow_provider_orgauth.oauth.steps import (
    Lease,
    LoadRefreshToken,
    Lost,
    ReadSending,
    ReadSent,
    RefreshToken,
    Rule,
    SaveRefreshToken,
    Wait,
    WriteSending,
    WriteSent,
)

ANNOUNCE_WITHIN_SECONDS = 3.0
"""Seconds from seeing that nobody sends to having said that this process does, and from then on to the second look."""

SEND_WITHIN_SECONDS = 10.0
"""Seconds after that look in which the request has to be sent."""

SPARE_SECONDS = 20.0
"""Seconds beside a request's timeouts for which others leave alone what may be under way: to look up a name, to send,
to keep what came."""

UNDER_WAY = "another process has sent it, or has died at that, and no other one has come back yet"
UNREADABLE = "the Variable that says which process sends it cannot be read"
UNWRITTEN = "this process could not announce in a Variable that it is about to send it"
TOO_SLOW = "this process was too slow to be sure that it is alone"
NESTED = "a signal handler asks for a token while its own process renews it"


def not_sent(why: str) -> Lost:
    """Return the outcome where a refresh token was not sent."""
    return Lost(why, reached_server=False, cause="store")


@dataclass(frozen=True, slots=True)
class Permit:
    """What allows to send a refresh token.

    :param refresh_token: the newest.
    :param name: of this permission.
    """

    refresh_token: RefreshToken
    name: str


class Sender:
    """One process that may have to send a refresh token. It remembers whose announcement it has seen since when.

    :param clock: seconds that only ever grow.
    :param uniform: a random number between two.
    :param exchange_seconds: how long a token request takes at most.
    """

    def __init__(
        self, clock: Callable[[], float], uniform: Callable[[float, float], float], *, exchange_seconds: float
    ) -> None:
        self.clock = clock
        self._uniform = uniform
        self._left_alone_for = exchange_seconds + SPARE_SECONDS
        self._seen = Lease()
        self._left_alone_until = 0.0
        self._ended: set[str] = set()
        self._behind_since: float | None = None

    def permit(self, *, known: int) -> Rule[Permit | Lost | None]:
        """Return the permit to send the newest refresh token; None where another process may be at it: wait, ask again.

        :param known: the generation of the newest refresh token of which this process has heard.
        """
        looked = self.clock()
        sent = yield ReadSent()
        newest = yield LoadRefreshToken()
        if not isinstance(newest, RefreshToken):
            return newest if isinstance(newest, Lost) else not_sent(UNREADABLE)
        # What comes last must be quick: between this look and the write, another process may announce itself.
        began = self.clock()
        sending = yield ReadSending()
        if not isinstance(sending, Lease):
            return not_sent(UNREADABLE)
        sent = sent if isinstance(sent, Lease) else Lease()
        known = max(known, sent.generation, sending.generation)
        if newest.generation >= known:
            self._behind_since = None
        elif self._is_behind_for_a_moment():
            return None
        else:
            return not_sent(f"number {known} was the last to come, and only number {newest.generation} is found")
        if self._may_be_under_way(sending, {sent.holder, newest.claim}, at=looked):
            return None
        if self.clock() - began > ANNOUNCE_WITHIN_SECONDS / 2:
            return None  # nor would the write be quick, and one that comes late holds up everybody
        mine = Lease(secrets.token_hex(8), generation=newest.generation)
        written = yield WriteSending(mine)
        if self.clock() - began > ANNOUNCE_WITHIN_SECONDS:
            return None  # it may stand over that of a process that sends, and takes its place: nobody sends for a while
        if not written:
            return not_sent(UNWRITTEN)
        yield Wait(ANNOUNCE_WITHIN_SECONDS)
        if (yield ReadSending()) != mine:
            return None
        if newest.generation:
            # It may be in this host's file alone, where the process that got it has died.
            yield SaveRefreshToken(newest)
        if self.clock() - began > SEND_WITHIN_SECONDS:
            yield from self.end(Permit(newest, mine.holder or ""), newest)  # it is not sent
            return not_sent(TOO_SLOW)
        return Permit(newest, mine.holder or "")

    def end(self, permit: Permit, newest: RefreshToken) -> Rule[None]:
        """Say that the request is over, and what came of it is kept, or that there was none.

        :param newest: the refresh token that is to be sent next.
        """
        self._ended.add(permit.name)
        yield WriteSent(Lease(permit.name, generation=newest.generation))

    @property
    def patience(self) -> float:
        """Seconds after which a request that was under way at the first look surely is not, and some to spare."""
        return self._left_alone_for + 2 * SEND_WITHIN_SECONDS

    def _is_behind_for_a_moment(self) -> bool:
        """Return whether the newest one may be on its way, from the file of another host."""
        now = self.clock()
        if self._behind_since is None:
            self._behind_since = now
        return now - self._behind_since < SEND_WITHIN_SECONDS

    def _may_be_under_way(self, sending: Lease, ended: set[str | None], *, at: float) -> bool:
        if sending.holder is None or sending.holder in self._ended | ended:
            return False
        if sending != self._seen:
            spread = self._uniform(0.0, SEND_WITHIN_SECONDS)
            self._seen, self._left_alone_until = sending, self.clock() + self._left_alone_for + spread
        return at < self._left_alone_until
