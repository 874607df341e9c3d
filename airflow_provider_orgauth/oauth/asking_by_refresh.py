"""One turn where the refresh grant is the only one.

A server may end all tokens of a grant where one of its refresh tokens comes twice, and here nothing can begin anew.
Whoever cannot be sure to be alone, and to have the newest one, sends nothing. ``docs/one-token.md`` has the price.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from airflow_provider_orgauth.oauth.answers import Refusal
from airflow_provider_orgauth.oauth.asking import Asking, Renewed, failure, token_of
from airflow_provider_orgauth.oauth.grants import refresh_grant
from airflow_provider_orgauth.oauth.lease import LONGEST_LOOK_SECONDS
from airflow_provider_orgauth.oauth.sending import UNDER_WAY, Permit, Sender, not_sent
from airflow_provider_orgauth.oauth.steps import (
    Load,
    LoadRefreshToken,
    Lost,
    RefreshToken,
    Rule,
    SaveRefreshToken,
    Send,
    Wait,
)
from airflow_provider_orgauth.oauth.token import Token


@dataclass(slots=True, kw_only=True)
class AskingByRefresh(Asking):
    """One turn's refresh.

    :param sender: what permits to send, whatever became of the lease.
    """

    sender: Sender

    def ask(self) -> Rule[tuple[Renewed, Token | None]]:
        """Return the outcome, and the token that is shared then; no outcome where another round may bring one."""
        patient_until = self.sender.clock() + self.sender.patience
        known = self.turn.shared.refresh_generation if self.turn.shared else 0
        while True:
            permit = yield from self.sender.permit(known=known)
            if isinstance(permit, Permit):
                return (yield from self._send(permit))
            shared = token_of((yield Load()))
            if self.usable(shared):
                return shared, shared
            if permit is not None:
                return permit, None
            if not self.insist:
                return None, None
            if self.sender.clock() > patient_until:
                return not_sent(UNDER_WAY), None
            yield Wait(LONGEST_LOOK_SECONDS)

    def _send(self, permit: Permit) -> Rule[tuple[Renewed, Token | None]]:
        sent = latest = permit.refresh_token
        answer = yield Send(partial(refresh_grant, self.client, sent.text), repeatable=False)
        if not isinstance(answer, Token):
            yield from self.sender.end(permit, sent)
            return (yield from self._after_failure(failure(answer), sent))
        if answer.refresh_token not in (None, sent.text):
            latest = RefreshToken(answer.refresh_token or "", sent.generation + 1, permit.name)
            yield SaveRefreshToken(latest)
        token = replace(answer.without_refresh_token(), refresh_generation=latest.generation)
        outcome = yield from self.keep(token)
        yield from self.sender.end(permit, latest)
        return outcome

    def _after_failure(self, why: Refusal | Lost | None, sent: RefreshToken) -> Rule[tuple[Renewed, Token | None]]:
        """Return why there is no token, unless another process has got one, or a newer refresh token, meanwhile."""
        shared = token_of((yield Load()))
        if self.usable(shared):
            return shared, shared
        newest = yield LoadRefreshToken()
        if isinstance(newest, RefreshToken) and newest.generation > sent.generation and not self.whatever:
            return None, None
        return why, None
