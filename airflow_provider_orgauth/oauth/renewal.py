"""The token's life: use it, refresh it, or be granted a new one.

:func:`renew` is the whole rule as a generator of :mod:`~.steps`; where hosts share the token, :mod:`~.lease` lets one
of them renew it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from airflow_provider_orgauth.oauth.answers import Refusal
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.generation import successor
from airflow_provider_orgauth.oauth.grants import client_credentials_grant, refresh_grant
from airflow_provider_orgauth.oauth.lease import Claimant, Entry, Turn
from airflow_provider_orgauth.oauth.steps import Load, Lock, Lost, Outcome, Rule, Save, Send, TakeRefreshToken
from airflow_provider_orgauth.oauth.token import Token

Usable = Callable[[Token | None], bool]
Renewed = Token | Refusal | Lost | None

LOOKS, SECONDS_BETWEEN_LOOKS = 8, 5.0
"""How often to look for the token, and seconds in between, while another process of the host is at it.

Long in all: that process may be waiting for another host. If it dies, the operating system frees its lock.
"""

MAX_ROUNDS = 3
"""Attempts at the whole rule, where a pause of the process made its turn, or the token it got, out of date."""


def is_usable(token: Token | None, *, rejected: str | None, now: float, margin: float) -> bool:
    """Return whether ``token`` can be sent: fresh, and not the access token that the API just rejected."""
    return token is not None and token.access_token != rejected and token.is_fresh(now, margin)


def renew(
    client: OAuthClient,
    *,
    margin: float,
    clock: Callable[[], float],
    rejected: str | None = None,
    older_are_dead: int = -1,
    held: Token | None = None,
    claimant: Claimant | None = None,
) -> Rule[Renewed]:
    """Return a usable token, or the reason why there is none: from the cache, else by a refresh, else by a new grant.

    One process per host at a time, and of those hosts one: first the lock, which is cheap, then the lease. A process
    may be stopped for any time anywhere in here; so what was true before a wait is looked at again after it.

    :param rejected: an access token that the API answered with 401. Any other fresh one will do.
    :param older_are_dead: the generation of that one, where it is known: older ones are not tried.
    :param held: the token in use, to be renewed ahead of time. It is still good, so nothing is worth waiting for:
        where another process renews it, return None at once.
    :param claimant: takes the lease before a token request; None where no other process could see the new token.
    """
    oldest = max(older_are_dead, -1 if held is None else held.generation)

    def usable(token: Token | None) -> bool:
        is_newer = token is not None and token.generation > oldest
        return is_newer and is_usable(token, rejected=rejected, now=clock(), margin=margin)

    alone = yield Lock()
    if not alone and held is not None:
        return None
    if held is not None and claimant is not None:
        shared: Token | None = held  # the lease tells whether there is anything new to read
    else:
        shared = yield from _look(alone=bool(alone), usable=usable)
    outcome: Renewed = None
    for rounds_left in reversed(range(1 if held else MAX_ROUNDS)):
        if usable(shared):
            return shared
        if claimant is None:
            turn = Turn(Entry.NEEDLESS, shared, successor(shared.generation if shared else 0, oldest, now=clock()))
        else:
            turn = yield from claimant.take_turn(shared, usable=usable, wait=held is None, now=clock, known=oldest)
        if turn.entry is Entry.FOUND:
            return turn.shared
        if turn.entry is Entry.BUSY:
            return None
        whatever = not rounds_left and held is None
        asking = _Asking(client, turn, claimant, usable, clock, insist=held is None, whatever=whatever)
        outcome, stands = yield from asking.ask()
        if claimant is not None:
            yield from claimant.leave(turn, stands)
        if isinstance(outcome, Refusal | Lost) or (outcome is not None and outcome.is_alive(clock())):
            return outcome
        if held is not None:
            return None
        shared = _token((yield Load()))
    return shared if usable(shared) else outcome


def grant_new_token(client: OAuthClient, *, held: Token | None, clock: Callable[[], float]) -> Rule[Renewed]:
    """Return a token by the client credentials grant. The cache, the lock and the lease are not looked at.

    :param held: the token of this process, or None.
    """
    turn = Turn(Entry.NONE, None, successor(held.generation if held else 0, now=clock()))
    outcome, _ = yield from _Asking(client, turn, None, lambda _: False, clock, insist=True, whatever=True).ask()
    return outcome


def _look(*, alone: bool, usable: Usable) -> Rule[Token | None]:
    """Return what the shared cache holds: behind the lock, unless it will do or the lock cannot be had for long."""
    # Worth a look before any wait, too: most processes that hold the lock only read what is there.
    token = _token((yield Load()))
    for _ in range(LOOKS):
        if alone or usable(token):
            break
        alone = bool((yield Lock(wait=SECONDS_BETWEEN_LOOKS)))
        token = _token((yield Load()))
    return token


def _token(outcome: Outcome) -> Token | None:
    return outcome if isinstance(outcome, Token) else None


@dataclass(frozen=True, slots=True)
class _Asking:
    """One turn's token request, or two: a refresh if that may work, else a new grant.

    :param usable: whether a token that another process has shared makes the request needless.
    :param insist: False leaves it at one request that got no answer: the next would not get one either.
    :param whatever: ask also where the turn is stale, and take also a token that has run out: it is the last round.
    """

    client: OAuthClient
    turn: Turn
    claimant: Claimant | None
    usable: Usable
    clock: Callable[[], float]
    insist: bool
    whatever: bool

    def ask(self) -> Rule[tuple[Renewed, Token | None]]:
        """Return the outcome, and the token that is shared then; no outcome where it came too late for anything."""
        if self._is_stale():
            return None, None
        answer = yield from self._refresh()
        if isinstance(answer, Token):
            return (yield from self._keep(answer))
        if answer is not None:
            # Refused or lost is no error: refresh tokens are single use, and another process may have been faster.
            newer = _token((yield Load()))
            if self.usable(newer):
                return newer, newer
            if isinstance(answer, Lost) and not self.insist:
                return answer, None
            if self._is_stale():
                return None, None
        granted = yield Send(partial(client_credentials_grant, self.client), repeatable=True)
        if isinstance(granted, Token):
            return (yield from self._keep(granted))
        newer = _token((yield Load()))
        if self.usable(newer):
            return newer, newer
        return _failure(granted), None

    def _refresh(self) -> Rule[Token | Refusal | Lost | None]:
        """Return what came of a refresh; None where there is no refresh token to send."""
        if self.turn.shared is None:
            return None
        old = _token((yield TakeRefreshToken(self.turn.shared)))
        if old is None or old.refresh_token is None or not old.can_refresh(self.clock()):
            return None
        answer = yield Send(partial(refresh_grant, self.client, old.refresh_token), repeatable=False)
        if isinstance(answer, Token):
            return answer if answer.generation else old.after_refresh(answer)
        return _failure(answer)

    def _keep(self, token: Token) -> Rule[tuple[Renewed, Token | None]]:
        """Save the token before it is used. Where another process saved a newer one, return that one."""
        if token.generation:  # another process shared it between two attempts: it is saved already
            return token, token
        token = replace(token, generation=self.turn.generation)
        if not token.is_alive(self.clock()) and not self.whatever:
            return None, None
        for _ in range(2):
            stands = _token((yield Save(token)))
            if stands is None or stands.is_same(token):
                return stands or token, stands or token
            if self.usable(stands):
                return stands, stands
            if not self.usable(token):  # it, too, may have expired by now
                return token if self.whatever else None, stands
            # Newer by its number, and of no use. Left there, it would keep all processes from saving a good one.
            token = replace(token, generation=successor(stands.generation, now=self.clock()))
        return token, None

    def _is_stale(self) -> bool:
        return self.claimant is not None and not self.whatever and not self.claimant.has_time(self.turn)


def _failure(answer: Outcome) -> Refusal | Lost | None:
    return answer if isinstance(answer, Refusal | Lost) else None
