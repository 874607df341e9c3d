"""One renewal at a time among hosts that share nothing but a register of text, such as an Airflow Variable.

Such a register has no compare-and-swap, so it is claimed with a delay, as in Fischer's timed mutual exclusion
(Lamport, "A fast mutual exclusion algorithm", 1987): read it free, write a claim, wait, and continue only if the claim
is still there. Fischer needs a bound on how long a write takes; here a claimant times its own write and does not trust
a claim that came late. Clocks of two hosts are never compared: to each host, a claim is dead once it has itself seen it
unchanged for ``HELD_FOR_SECONDS``, or once the token that it was for is there. ``docs/one-token.md`` has the proof and
the cases in which it fails; each costs a token request and no task.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from airflow_provider_orgauth.oauth.generation import believed, successor
from airflow_provider_orgauth.oauth.steps import Lease, Load, ReadLease, Rule, Wait, WriteLease
from airflow_provider_orgauth.oauth.token import Token

CLAIM_WITHIN_SECONDS = 0.5
"""Seconds from reading the lease free to having written the claim, and from then on until it is looked at again."""

HELD_FOR_SECONDS = 5.0
"""Seconds for which others respect a claim that does not change: its holder may have died."""

SPREAD_SECONDS = 2.0
"""Seconds, at random on top of that: those that wait must not all claim at once what a dead holder left."""

LEASE_PATIENCE_SECONDS = (15.0, 30.0)
"""Seconds after which a process stops waiting, whatever the lease says: drawn from this range, so not all at once."""

FIRST_LOOK_SECONDS, LONGEST_LOOK_SECONDS = 0.25, 1.0
"""Seconds between two looks while another process renews."""


class Entry(Enum):
    """How the wait for the lease ended."""

    FOUND = auto()
    """The shared cache has a token that will do."""
    MINE = auto()
    """The lease is held."""
    BUSY = auto()
    """Another process renews, and there was no time to wait."""
    OVERDUE = auto()
    """Another process renews, and has been for too long: renew regardless."""
    NONE = auto()
    """The lease cannot be read, or what is written does not stay."""
    NEEDLESS = auto()
    """No other process could see a new token: there is nothing to agree on."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What :meth:`Claimant.take_turn` returns.

    :param shared: the token that was last seen in the shared cache, or None.
    :param generation: of the token that is asked for now.
    :param claim: what was written into the lease, where it is held.
    :param leave_by: until when (on the clock given) the lease is surely held; later it may be another's.
    """

    entry: Entry
    shared: Token | None
    generation: int = 0
    claim: Lease | None = None
    leave_by: float = 0.0


def mark(token: Token | None) -> str:
    """Return a digest that identifies ``token`` without showing it; for None, a text that is in no lease.

    It counts when it was asked for, too: there are servers that answer with the access token they gave before.
    """
    if token is None:
        return ""
    told_apart_by = (token.access_token, token.issued_at, token.generation)
    return hashlib.sha256(repr(told_apart_by).encode()).hexdigest()[:16]


class Claimant:
    """One process on its way to a lease. It remembers which claim it has seen since when, and the highest generation.

    :param clock: seconds that only ever grow.
    :param uniform: a random number between two.
    :param on_turn: called with how each wait for the lease ended.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        uniform: Callable[[float, float], float],
        on_turn: Callable[[Entry], object] = lambda _: None,
    ) -> None:
        self._clock = clock
        self._uniform = uniform
        self._on_turn = on_turn
        self._seen = Lease()
        self._respected_until = 0.0
        self._highest = 0
        self._confirmed: Lease | None = None

    def take_turn(
        self,
        shared: Token | None,
        *,
        usable: Callable[[Token | None], bool],
        wait: bool,
        now: Callable[[], float],
        known: int = 0,
    ) -> Rule[Turn]:
        """Wait until it is this process's turn to renew, or until another process has renewed.

        :param shared: what the shared cache holds, as far as is known.
        :param usable: whether a token from the shared cache makes renewing needless.
        :param wait: False gives up at once where another process renews.
        :param now: epoch seconds, for the generation of a first token.
        :param known: the highest generation that this process has seen elsewhere.
        """
        self._highest = max(self._highest, known)

        def turn(entry: Entry, **about: Any) -> Turn:
            self._on_turn(entry)
            return Turn(entry, shared, **{"generation": self._next(shared, now()), **about})

        patient_until = self._clock() + self._uniform(*LEASE_PATIENCE_SECONDS)
        pause = FIRST_LOOK_SECONDS
        late = False
        claimed: Lease | None = None  # what was there before the claim
        vanished = 0  # claims after which it is there again: no write stays, or a former write came in late
        while True:
            began = self._clock()
            if began > patient_until:
                # This process may have been stopped for that long, and the token may be there by now.
                shared = _token((yield Load()))
                return turn(Entry.FOUND if usable(shared) else Entry.OVERDUE)
            lease = yield ReadLease()
            vanished += lease == claimed
            if not isinstance(lease, Lease) or (lease == claimed and (late or vanished > 1)):
                # Without a lease, another process of this host may have got a token all the same.
                shared = _token((yield Load()))
                return turn(Entry.FOUND if usable(shared) else Entry.NONE)
            self._highest = max(self._highest, believed(lease.generation))
            if late or self._is_held(lease, shared):
                if not wait:
                    return turn(Entry.BUSY)
                late, claimed = False, None
                yield Wait(pause)
                pause = min(LONGEST_LOOK_SECONDS, pause * 1.5)
                shared = _token((yield Load()))
                if usable(shared):
                    return turn(Entry.FOUND)
                continue
            if lease.renewed != mark(shared):
                # The token was renewed since the cache was read, or may have been: look before asking for another.
                shared = _token((yield Load()))
                if usable(shared):
                    return turn(Entry.FOUND)
            # A new name for each claim: a former claim, of this process too, must not look like this one.
            mine = Lease(holder=secrets.token_hex(8), generation=self._next(shared, now()))
            claimed, self._highest = lease, mine.generation
            written = yield WriteLease(mine)
            if not written or self._clock() - began > CLAIM_WITHIN_SECONDS:
                late = True  # another process may hold the lease: wait as for another's claim
                continue
            yield Wait(CLAIM_WITHIN_SECONDS)
            seen = yield ReadLease()
            if seen == mine:
                self._confirmed = mine
                leave_by = began + HELD_FOR_SECONDS - CLAIM_WITHIN_SECONDS
                return turn(Entry.MINE, generation=mine.generation, claim=mine, leave_by=leave_by)

    def leave(self, turn: Turn, stands: Token | None) -> Rule[None]:
        """Release the lease, if it is surely still this process's: after ``leave_by``, another may hold it.

        :param stands: the token that is shared now, or None if the turn was in vain.
        """
        if (
            turn.claim is None
            or not self.has_time(turn)
            or (yield ReadLease()) != turn.claim
            or not self.has_time(turn)
        ):
            return
        generation = max(turn.generation, stands.generation if stands else 0)
        yield WriteLease(Lease(renewed=mark(stands) or None, generation=generation))

    def has_time(self, turn: Turn) -> bool:
        """Return whether the lease is still this process's for sure; also True where it never held one."""
        return turn.claim is None or self._clock() < turn.leave_by

    def _next(self, shared: Token | None, now: float) -> int:
        self._highest = max(self._highest, shared.generation if shared else 0)
        return successor(self._highest, now=now)

    def _is_held(self, lease: Lease, shared: Token | None) -> bool:
        """Return whether the lease is claimed, by a claim first seen about ``HELD_FOR_SECONDS`` ago at most.

        One for the generation that is shared already is not: its holder is done, or its text was written twice. Nor is
        one that this process was too slow to use.
        """
        if (
            lease.holder is None
            or lease == self._confirmed
            or (shared is not None and lease.generation <= shared.generation)
        ):
            return False
        now = self._clock()
        if lease != self._seen:
            self._seen, self._respected_until = lease, now + HELD_FOR_SECONDS + self._uniform(0, SPREAD_SECONDS)
        return now < self._respected_until


def _token(outcome: object) -> Token | None:
    return outcome if isinstance(outcome, Token) else None
