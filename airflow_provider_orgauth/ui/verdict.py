"""How a connection's token does, in one word and one sentence. Pure: what is known goes in, what is said comes out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from airflow_provider_orgauth.cache.token_state import TokenState
from airflow_provider_orgauth.oauth.steps import Lease
from airflow_provider_orgauth.ui.known_connections import KnownConnection


class Standing(StrEnum):
    """The state of a connection's token, the worst first."""

    REFUSED = "refused"
    """The server said no, and will say it again until somebody changes something."""
    UNREADABLE = "unreadable"
    """The connection itself is wrong."""
    FAILING = "failing"
    """The last renewal failed, and the next one may work."""
    EXPIRED = "expired"
    RENEWING = "renewing"
    VALID = "valid"
    NONE = "none"
    """No token was asked for yet, or it was forgotten."""
    NOT_SHARED = "not shared"
    """Each process or run has one of its own, which nobody else sees."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A standing, and what to make of it."""

    standing: Standing
    says: str


def verdict(known: KnownConnection, state: TokenState | None, lease: Lease | None, *, now: float) -> Verdict:
    """Return how the token of ``known`` does at ``now`` (epoch seconds)."""
    if known.problem:
        return Verdict(Standing.UNREADABLE, known.problem)
    if known.settings is not None and known.settings.cache != "variable":
        return Verdict(
            Standing.NOT_SHARED,
            f"Tokens are kept in {known.settings.cache}, where this page cannot see them. Test asks for one.",
        )
    renewal = state.renewals[0] if state and state.renewals else None
    failure = state.failure if state else None
    if state is None or (renewal is None and failure is None and state.forgotten is None):
        return Verdict(Standing.NONE, "No token was needed yet. The next task asks for one.")
    expires = 0.0 if renewal is None else renewal.issued_at + renewal.lifetime
    since = 0.0 if renewal is None else renewal.issued_at
    if _is_forgotten(state):
        return Verdict(Standing.NONE, "The token was forgotten. The next task asks for a new one.")
    if lease is not None and lease.holder is not None and lease.generation > (renewal.generation if renewal else 0):
        return Verdict(
            Standing.RENEWING,
            "A process renews it. If that takes more than a minute, it was stopped; the next task takes over.",
        )
    if failure is not None and failure.at > since:
        standing = Standing.REFUSED if failure.is_permanent else Standing.FAILING
        until = "Tasks use the token that they have while it is good." if now < expires else "Tasks fail."
        return Verdict(standing, f"The last renewal failed. {until}")
    if now < expires:
        return Verdict(Standing.VALID, "Tasks share this token.")
    return Verdict(Standing.EXPIRED, "No task needed a token since. The next one renews it.")


def _is_forgotten(state: TokenState) -> bool:
    forgotten, renewal = state.forgotten, state.renewals[0] if state.renewals else None
    if forgotten is None or (state.failure is not None and state.failure.at >= forgotten.at):
        return False
    if renewal is None:
        return True
    if forgotten.generation is None:
        return forgotten.at > renewal.issued_at
    # By their numbers: a renewal that was under way has an earlier time, and a server's clock may be behind.
    return renewal.generation <= forgotten.generation
