"""Which of two tokens is newer: a number that grows with each renewal, and not what the clocks of two hosts say."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from airflow_provider_orgauth.oauth.token import Token

MAX_GENERATION = 10**15
"""A generation that no fleet reaches by renewals. Any DAG can write the text of a lease, so one that is as high is
ignored there. A token is sealed, so its generation is always believed: otherwise, once a forged lease had brought a
fleet so far, no token could be saved any more."""

MAX_DIGITS = 18
"""The most digits of a generation in a stored text; with more, the text is no lease and no token."""


def successor(*known: int, now: float) -> int:
    """Return the generation of the token that is asked for now.

    The first one is the time, so that a fleet whose database was wiped begins above what it had before.

    :param known: the generations that were seen, of tokens or believed of a lease.
    :param now: epoch seconds.
    """
    last = max(known, default=0)
    return last + 1 if last > 0 else max(1, int(now))


def believed(said: int) -> int:
    """Return the generation in a lease, or 0 where it can only be forged."""
    return said if said < MAX_GENERATION else 0


def newest(tokens: Iterable[Token | None], good: Callable[[Token], bool]) -> Token | None:
    """Return the newest of ``tokens`` that is ``good``, or the newest if none is.

    Tokens of one generation were asked for at once, by processes that did not see each other; then the time has to do.
    """
    known = [token for token in tokens if token is not None]
    return max(known, key=lambda token: (good(token), token.generation, token.issued_at), default=None)
