"""Write down what came of a renewal, for the people who look at the page of the tokens."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass

from airflow_provider_orgauth.cache.host_tally import tally_of
from airflow_provider_orgauth.cache.state_store import StateStore
from airflow_provider_orgauth.cache.token_state import Actor, Failure, Hour, Renewal, TokenState, name, sentence
from airflow_provider_orgauth.client.token_errors import token_error_of
from airflow_provider_orgauth.compat import AirflowFailException
from airflow_provider_orgauth.hooks.task_key import current_context
from airflow_provider_orgauth.oauth.client import OAuthClient
from airflow_provider_orgauth.oauth.renewal_report import RenewalReport
from airflow_provider_orgauth.oauth.store import Reach, TokenStore
from airflow_provider_orgauth.oauth.token import Token

log = logging.getLogger(__name__)

SAME_FAILURE_SECONDS = 30.0
"""Seconds in which the same failure is written down once: a thousand tasks that fail at once write one record."""


def task_actor(connection_id: str) -> Actor:
    """Return the task that runs, or this host where none does, as in a trigger."""
    ti = current_context().get("ti")
    return Actor(
        connection_id=name(connection_id),
        host=name(socket.gethostname()),
        dag_id=None if ti is None else name(ti.dag_id),
        run_id=None if ti is None else name(ti.run_id),
        task_id=None if ti is None else name(ti.task_id),
    )


@dataclass(frozen=True)
class RenewalRecord:
    """Takes the report of each renewal. It never raises.

    :param tokens: where the token is shared. While that is out of reach, no record is tried.
    :param clock: epoch seconds.
    :param actor: says who asks for tokens here.
    """

    client: OAuthClient
    states: StateStore
    tokens: TokenStore
    clock: Callable[[], float]
    actor: Callable[[], Actor]

    def __call__(self, report: RenewalReport) -> None:
        """Write down what came of a renewal."""
        if self.tokens.reach is not Reach.WHOLE:
            return
        try:
            by = self.actor()
        except Exception as error:  # of a task's context, which is Airflow's
            log.debug("Who renewed a token is not known (%s); it is not written down.", type(error).__name__)
            return
        told: list[Hour] = []
        is_kept = self.states.update(lambda state: self._after(state, report, by, told))
        if not is_kept and told and (tally := tally_of(self.client)) is not None:
            tally.give_back(told)

    def _after(self, state: TokenState, report: RenewalReport, by: Actor, told: list[Hour]) -> TokenState:
        outcome, now = report.outcome, self.clock()
        requests = len(report.grants)
        if outcome is None or isinstance(outcome, Token):
            failures = requests - (report.brought_by is not None)
            if isinstance(outcome, Token) and report.brought_by is not None:
                state = state.after_renewal(_renewal(outcome, report, by))
            return self._with_calls(state, now, told).after_requests(requests, failures=failures, at=now)
        error = token_error_of(outcome, self.client, now=now)
        failure = Failure(
            at=now,
            error=type(error).__name__,
            message=sentence(error),
            is_permanent=isinstance(error, AirflowFailException),
            by=by,
        )
        if _is_known(failure, state.failure):
            return state
        state = self._with_calls(state, now, told)
        return state.after_failure(failure).after_requests(requests, failures=requests, at=now)

    def _with_calls(self, state: TokenState, now: float, told: list[Hour]) -> TokenState:
        """Add the API requests that this host has counted; they go into ``told``, for where they cannot be written."""
        tally = tally_of(self.client)
        if tally is None:
            return state
        told += tally.take(now)
        return state.after_hours(told, at=now)


def _renewal(token: Token, report: RenewalReport, by: Actor) -> Renewal:
    return Renewal(
        issued_at=token.issued_at,
        lifetime=token.lifetime,
        grant=name(report.brought_by),
        refresh_token_held=report.refresh_token_held,
        generation=token.generation,
        by=by,
    )


def _is_known(failure: Failure, last: Failure | None) -> bool:
    return (
        last is not None
        and (failure.error, failure.message) == (last.error, last.message)
        and 0 <= failure.at - last.at < SAME_FAILURE_SECONDS
    )
