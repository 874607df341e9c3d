"""The token's life: use it, refresh it, or be granted a new one.

:func:`renew` is the whole rule as a generator of :mod:`~.steps`; where hosts share the token, :mod:`~.lease` lets one
of them renew it.
"""

from __future__ import annotations

from collections.abc import Callable

from airflow_provider_orgauth.oauth.answers import Refusal
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.grants import client_credentials_grant, refresh_grant
from airflow_provider_orgauth.oauth.lease import Claimant, Entry, Turn, mark
from airflow_provider_orgauth.oauth.steps import Lease, Load, Lock, Lost, Outcome, Rule, Save, Send, WriteLease
from airflow_provider_orgauth.oauth.token import Token

Renewed = Token | Refusal | Lost | None

LOOKS, BETWEEN_LOOKS = 8, 5.0
"""How often to look for the token, and seconds in between, while another process of the host is at it.

Long in all: it may be waiting for another host. The system takes the lock from whoever dies.
"""

# A refresh token that somebody else may have sent is not sent again: on some servers that revokes every token there
# is. A new grant always works.
_REFRESH_IS_SAFE = frozenset({Entry.MINE, Entry.NEEDLESS})


def is_usable(token: Token | None, *, rejected: str | None, now: float, margin: float) -> bool:
    """Tell whether ``token`` can be sent: fresh, and not the access token that the API just rejected."""
    return token is not None and token.access_token != rejected and token.is_fresh(now, margin)


def renew(
    client: OAuthClient,
    *,
    margin: float,
    clock: Callable[[], float],
    rejected: str | None = None,
    held: Token | None = None,
    claimant: Claimant | None = None,
) -> Rule[Renewed]:
    """Return a usable token by the cheapest way that works, or the reason why there is none.

    One process per host at a time, and of those hosts one: first the lock, which is cheap, then the lease.

    :param rejected: an access token that the API answered with 401. Any other fresh one will do.
    :param held: the token in use, to be renewed ahead of time. It is still good, so nothing is worth waiting for:
        where somebody else renews it, return None at once.
    :param claimant: takes the lease before a token request; None where nobody else could see the new token.
    """

    def usable(token: Token | None) -> bool:
        return not _same(token, held) and is_usable(token, rejected=rejected, now=clock(), margin=margin)

    alone = yield Lock()
    if not alone and held is not None:
        return None
    if held is not None and claimant is not None:
        # The lease tells whether there is anything new to read.
        turn = Turn(Entry.NEEDLESS, held)
    else:
        turn = Turn(Entry.NEEDLESS, (yield from _look(alone=bool(alone), usable=usable)))
        if usable(turn.shared):
            return turn.shared
    if claimant is not None:
        turn = yield from claimant.take_turn(turn.shared, usable=usable, wait=held is None)
    if turn.entry is Entry.FOUND:
        return turn.shared
    if turn.entry is Entry.BUSY:
        return None
    outcome, saved = yield from _ask(client, turn, usable=usable, clock=clock, insist=held is None)
    if claimant is not None and claimant.may_leave(turn):
        yield WriteLease(Lease(renewed=mark(saved) if saved else None))
    return outcome


def grant_anew(client: OAuthClient, *, clock: Callable[[], float]) -> Rule[Renewed]:
    """Return a token of client credentials, without a look at anything or anybody else."""
    unsure = Turn(Entry.UNSURE, None)
    outcome, _ = yield from _ask(client, unsure, usable=lambda _: False, clock=clock, insist=True)
    return outcome


def _look(*, alone: bool, usable: Callable[[Token | None], bool]) -> Rule[Token | None]:
    """Return what the shared cache holds: behind the lock, unless it will do or the lock cannot be had for long."""
    # Worth a look before any wait, too: most of those who hold the lock only read what is there.
    token = _token((yield Load()))
    for _ in range(LOOKS):
        if alone or usable(token):
            break
        alone = bool((yield Lock(wait=BETWEEN_LOOKS)))
        token = _token((yield Load()))
    return token


def _same(token: Token | None, held: Token | None) -> bool:
    # Some servers answer with the access token that they gave before, and a longer life.
    return (token and held and (token.access_token, token.issued_at) == (held.access_token, held.issued_at)) or False


def _token(outcome: Outcome) -> Token | None:
    return outcome if isinstance(outcome, Token) else None


def _ask(
    client: OAuthClient,
    turn: Turn,
    *,
    usable: Callable[[Token | None], bool],
    clock: Callable[[], float],
    insist: bool,
) -> Rule[tuple[Token | Refusal | Lost, Token | None]]:
    """Refresh the token if that may work, else be granted a new one; save it before anybody uses it.

    Return the outcome, and the token that was saved.

    :param insist: False leaves it at one request that got no answer: the next would not get one either.
    """
    old = turn.shared if turn.entry in _REFRESH_IS_SAFE else None
    if old is not None and old.refresh_token is not None and old.can_refresh(clock()):
        answer = yield Send(refresh_grant(client, old.refresh_token), repeatable=False)
        if isinstance(answer, Token):
            token = old.after_refresh(answer)
            yield Save(token)
            return token, token
        # Refused or lost is normal life: refresh tokens are single use, and someone may have been faster.
        newer = _token((yield Load()))
        if newer is not None and usable(newer):
            return newer, None
        if isinstance(answer, Lost) and not insist:
            return answer, None
    answer = yield Send(client_credentials_grant(client), repeatable=True)
    if isinstance(answer, Token):
        yield Save(answer)
        return answer, answer
    assert isinstance(answer, Refusal | Lost)  # noqa: S101 - a driver answers Send with one of the three
    return answer, None
