"""What one attempt to renew a token came to, for those who keep account of it."""

from __future__ import annotations

from dataclasses import dataclass

from airflow_provider_orgauth.oauth.answers import Refusal
from airflow_provider_orgauth.oauth.steps import Lost, Outcome, Save, Send, Step
from airflow_provider_orgauth.oauth.token import Token

REFRESH_GRANT = "refresh_token"
"""``grant_type`` of a refresh (RFC 6749 section 6)."""


@dataclass(frozen=True, slots=True)
class RenewalReport:
    """A renewal in which this process sent at least one token request.

    :param grants: of each request that was sent, in their order, as ``grant_type`` names them. A request that was
        repeated, because no answer came or the server was busy, is one.
    :param outcome: the token that is used now, or why there is none; None where another process's is waited for.
    :param brought_by: the grant whose answer was ``outcome``; None where that is no token, or another process's.
    :param refresh_token_held: whether there is a refresh token for ``outcome``, on this host.
    """

    grants: tuple[str, ...]
    outcome: Token | Refusal | Lost | None
    brought_by: str | None = None
    refresh_token_held: bool = False


class RenewalLog:
    """Takes notes while a renewal's steps are carried out.

    :param grant_type: of the grant that is no refresh.
    """

    def __init__(self, grant_type: str) -> None:
        self._grant_type = grant_type
        self._grants: list[str] = []
        self._brought: dict[str, str] = {}
        self._with_refresh_token: set[str] = set()

    def note(self, step: Step, came: Outcome) -> None:
        """Note that ``step`` was carried out, and what came of it."""
        match step:
            case Send():
                grant = self._grant_type if step.repeatable else REFRESH_GRANT
                self._grants.append(grant)
                if isinstance(came, Token) and not came.generation:  # else another process shared it meanwhile
                    self._brought[came.access_token] = grant
            case Save(token) if token.refresh_token is not None:
                self._with_refresh_token.add(token.access_token)

    def report(self, outcome: Token | Refusal | Lost | None) -> RenewalReport | None:
        """Return what came of it all; None where no request was sent."""
        if not self._grants:
            return None
        if not isinstance(outcome, Token):
            return RenewalReport(tuple(self._grants), outcome)
        return RenewalReport(
            tuple(self._grants),
            outcome,
            brought_by=self._brought.get(outcome.access_token),
            refresh_token_held=outcome.access_token in self._with_refresh_token,
        )
