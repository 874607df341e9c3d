"""One turn's token requests: a refresh if that may work, else a new grant; and what becomes of the token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from airflow_provider_orgauth.oauth.answers import Refusal
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.generation import successor
from airflow_provider_orgauth.oauth.grants import client_credentials_grant, refresh_grant
from airflow_provider_orgauth.oauth.lease import Claimant, Turn
from airflow_provider_orgauth.oauth.steps import Load, Lost, Outcome, Rule, Save, Send, TakeRefreshToken
from airflow_provider_orgauth.oauth.token import Token

Usable = Callable[[Token | None], bool]
Renewed = Token | Refusal | Lost | None


def token_of(outcome: Outcome) -> Token | None:
    """Return the token that a look brought, or None."""
    return outcome if isinstance(outcome, Token) else None


@dataclass(slots=True)
class Asking:
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
        if self.is_stale():
            return None, None
        answer = yield from self._refresh()
        if isinstance(answer, Token):
            return (yield from self.keep(answer))
        if answer is not None:
            # Refused or lost is no error: refresh tokens are single use, and another process may have been faster.
            newer = token_of((yield Load()))
            if self.usable(newer):
                return newer, newer
            if isinstance(answer, Lost) and not self.insist:
                return answer, None
            if self.is_stale():
                return None, None
        granted = yield Send(partial(client_credentials_grant, self.client), repeatable=True)
        if isinstance(granted, Token):
            return (yield from self.keep(granted))
        newer = token_of((yield Load()))
        if self.usable(newer):
            return newer, newer
        return failure(granted), None

    def _refresh(self) -> Rule[Token | Refusal | Lost | None]:
        """Return what came of a refresh; None where there is no refresh token to send."""
        if self.turn.shared is None:
            return None
        old = token_of((yield TakeRefreshToken(self.turn.shared)))
        if old is None or old.refresh_token is None or not old.can_refresh(self.clock()):
            return None
        answer = yield Send(partial(refresh_grant, self.client, old.refresh_token), repeatable=False)
        if isinstance(answer, Token):
            return answer if answer.generation else old.after_refresh(answer)
        return failure(answer)

    def keep(self, token: Token) -> Rule[tuple[Renewed, Token | None]]:
        """Save the token before it is used. Where another process saved a newer one, return that one."""
        if token.generation:  # another process shared it between two attempts: it is saved already
            return token, token
        token = replace(token, generation=self.turn.generation)
        if not token.is_alive(self.clock()) and not self.whatever:
            return None, None
        for _ in range(2):
            stands = token_of((yield Save(token)))
            if stands is None or stands.is_same(token):
                return stands or token, stands or token
            if self.usable(stands):
                return stands, stands
            if not self.usable(token):  # it, too, may have expired by now
                return token if self.whatever else None, stands
            # Newer by its number, and of no use. Left there, it would keep all processes from saving a good one.
            token = replace(token, generation=successor(stands.generation, now=self.clock()))
        return token, None

    def is_stale(self) -> bool:
        """Return whether the turn may be another's by now."""
        return self.claimant is not None and not self.whatever and not self.claimant.has_time(self.turn)


def failure(answer: Outcome) -> Refusal | Lost | None:
    """Return why no token came, where that is what came of a request."""
    return answer if isinstance(answer, Refusal | Lost) else None
