"""The token's life: use it, refresh it, or be granted a new one.

:func:`renew` is the whole rule as a generator of :mod:`~.steps`; where hosts share the token, :mod:`~.lease` lets one
of them renew it.
"""

from __future__ import annotations

from collections.abc import Callable

from airflow_provider_orgauth.oauth.answers import Refusal
from airflow_provider_orgauth.oauth.asking import Asking, Renewed, Usable, token_of
from airflow_provider_orgauth.oauth.asking_by_refresh import AskingByRefresh
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.generation import successor
from airflow_provider_orgauth.oauth.lease import Claimant, Entry, Turn
from airflow_provider_orgauth.oauth.sending import NESTED, Sender, not_sent
from airflow_provider_orgauth.oauth.steps import Load, Lock, Lost, Rule
from airflow_provider_orgauth.oauth.token import Token

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
    sender: Sender | None = None,
) -> Rule[Renewed]:
    """Return a usable token, or the reason why there is none: from the cache, else by a refresh, else by a new grant.

    With a refresh token to begin with, there is no other grant.

    One process per host at a time, and of those hosts one: first the lock, which is cheap, then the lease. A process
    may be stopped for any time anywhere in here; so what was true before a wait is looked at again after it.

    :param rejected: an access token that the API answered with 401. Any other fresh one will do.
    :param older_are_dead: the generation of that one, where it is known: older ones are not tried.
    :param held: the token in use, to be renewed ahead of time. It is still good, so nothing is worth waiting for:
        where another process renews it, return None at once.
    :param claimant: takes the lease before a token request; None where no other process could see the new token.
    :param sender: for a client that has a refresh token to begin with.
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
        about = (client, turn, claimant, usable, clock)
        asking = Asking(*about, insist=held is None, whatever=whatever)
        if sender is not None:
            asking = AskingByRefresh(*about, insist=held is None, whatever=whatever, sender=sender)
        outcome, stands = yield from asking.ask()
        if claimant is not None:
            yield from claimant.leave(turn, stands)
        if isinstance(outcome, Refusal | Lost) or (outcome is not None and outcome.is_alive(clock())):
            return outcome
        if held is not None:
            return None
        shared = token_of((yield Load()))
    return shared if usable(shared) else outcome


def grant_new_token(client: OAuthClient, *, held: Token | None, clock: Callable[[], float]) -> Rule[Renewed]:
    """Return a token by the client credentials grant. The cache, the lock and the lease are not looked at.

    :param held: the token of this process, or None.
    """
    if client.refresh_token is not None:  # which is not for sending without a look
        return not_sent(NESTED)
    turn = Turn(Entry.NONE, None, successor(held.generation if held else 0, now=clock()))
    outcome, _ = yield from Asking(client, turn, None, lambda _: False, clock, insist=True, whatever=True).ask()
    return outcome


def _look(*, alone: bool, usable: Usable) -> Rule[Token | None]:
    """Return what the shared cache holds: behind the lock, unless it will do or the lock cannot be had for long."""
    # Worth a look before any wait, too: most processes that hold the lock only read what is there.
    token = token_of((yield Load()))
    for _ in range(LOOKS):
        if alone or usable(token):
            break
        alone = bool((yield Lock(wait=SECONDS_BETWEEN_LOOKS)))
        token = token_of((yield Load()))
    return token
