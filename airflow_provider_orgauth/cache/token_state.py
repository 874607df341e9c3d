"""What is known of a client's token without the token: its last renewals, the last failure, requests by the hour.

People see it. It holds no token, no digest of one and no sealed text, and it decides nothing: no renewal looks at it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

MAX_RENEWALS = 24
MAX_CONNECTIONS = 16
MAX_HOURS = 25
"""One more than a day has: the first one and the last one are parts."""

MAX_NAME_CHARACTERS = 250
"""What Airflow allows for the id of a connection, a DAG or a task."""

MAX_SENTENCE_CHARACTERS = 1000

MAX_COUNT = 10**12

Seconds = Annotated[float, Meta(ge=0, le=1e12)]
Count = Annotated[int, Meta(ge=0, le=MAX_COUNT)]
Name = Annotated[str, Meta(max_length=MAX_NAME_CHARACTERS)]
Sentence = Annotated[str, Meta(max_length=MAX_SENTENCE_CHARACTERS)]


class Actor(Struct, frozen=True, kw_only=True):
    """Who asked for a token: a task, or a user who pressed a button, or neither, where a trigger did."""

    connection_id: Name
    host: Name
    dag_id: Name | None = None
    run_id: Name | None = None
    task_id: Name | None = None
    user: Name | None = None


class Renewal(Struct, frozen=True, kw_only=True):
    """A token that was got.

    :param issued_at: epoch seconds by the server's clock.
    :param lifetime: seconds.
    :param grant: ``client_credentials``, ``refresh_token`` or what else brought it.
    :param refresh_token_held: whether a refresh token came with it, or an older one was kept.
    :param generation: its number; see ``oauth/generation.py``.
    """

    issued_at: Seconds
    lifetime: Seconds
    grant: Name
    refresh_token_held: bool
    generation: Count
    by: Actor


class Failure(Struct, frozen=True, kw_only=True):
    """A renewal that brought no token.

    :param at: epoch seconds by this host's clock.
    :param error: the class of the error, such as ``InvalidClientError``.
    :param message: what happened and what to do, redacted.
    :param is_permanent: whether it cannot get better by waiting.
    """

    at: Seconds
    error: Name
    message: Sentence
    is_permanent: bool
    by: Actor


class Hour(Struct, frozen=True, kw_only=True):
    """Requests of one hour.

    :param hour: hours since the epoch.
    :param requests: to the token endpoint.
    :param failures: those of them that brought no token.
    :param api_requests: to the API, by hosts that have renewed the token since.
    :param api_too_many: those of them that were answered 429.
    :param api_waits: how often one waited for a limit, the server's or the connection's own.
    """

    hour: Count
    requests: Count = 0
    failures: Count = 0
    api_requests: Count = 0
    api_too_many: Count = 0
    api_waits: Count = 0


class Forgotten(Struct, frozen=True, kw_only=True):
    """Somebody made all hosts forget the token.

    :param at: epoch seconds by this host's clock.
    :param generation: of the last token that the record had then; None in a record of the time before.
    """

    at: Seconds
    by: Actor
    generation: Count | None = None


class TokenState(Struct, frozen=True, kw_only=True):
    """What is known of one client's token.

    :param connection_ids: of those that asked for it, the last one first.
    :param renewals: the newest first.
    :param hours: the oldest first. Processes that write at once overwrite each other's: approximate.
    """

    server: Name
    token_server: Name
    connection_ids: Annotated[tuple[Name, ...], Meta(max_length=MAX_CONNECTIONS)] = ()
    renewals: Annotated[tuple[Renewal, ...], Meta(max_length=MAX_RENEWALS)] = ()
    failure: Failure | None = None
    forgotten: Forgotten | None = None
    hours: Annotated[tuple[Hour, ...], Meta(max_length=MAX_HOURS)] = ()

    def after_renewal(self, renewal: Renewal) -> TokenState:
        """Return the state once ``renewal`` is the last one."""
        others = tuple(known for known in self.renewals if known.generation != renewal.generation)
        return replace(self._of(renewal.by), renewals=(renewal, *others)[:MAX_RENEWALS])

    def after_failure(self, failure: Failure) -> TokenState:
        """Return the state once ``failure`` is the last one."""
        return replace(self._of(failure.by), failure=failure)

    def after_forgetting(self, forgotten: Forgotten) -> TokenState:
        """Return the state once the token is forgotten."""
        last = self.renewals[0].generation if self.renewals else 0
        return replace(self._of(forgotten.by), forgotten=replace(forgotten, generation=last))

    def after_requests(self, requests: int, *, failures: int, at: float) -> TokenState:
        """Return the state with that many token requests more, in the hour of ``at`` (epoch seconds)."""
        return self.after_hours([Hour(hour=int(at // 3600), requests=requests, failures=failures)], at=at)

    def after_hours(self, more: Iterable[Hour], *, at: float) -> TokenState:
        """Return the state with what was counted ``more``, of the hours that are shown at ``at`` (epoch seconds)."""
        this = int(at // 3600)
        counted: dict[int, Hour] = {}
        for hour in (*self.hours, *more):
            if this - MAX_HOURS < hour.hour <= this:
                counted[hour.hour] = _sum(counted.get(hour.hour), hour)
        return replace(self, hours=tuple(counted[hour] for hour in sorted(counted)))

    def _of(self, by: Actor) -> TokenState:
        others = tuple(known for known in self.connection_ids if known != by.connection_id)
        return replace(self, connection_ids=(by.connection_id, *others)[:MAX_CONNECTIONS])


def _sum(known: Hour | None, more: Hour) -> Hour:
    if known is None:
        return more
    numbers = ((field, getattr(known, field) + getattr(more, field)) for field in Hour.__struct_fields__[1:])
    return replace(known, **{field: min(number, MAX_COUNT) for field, number in numbers})


def name(text: object) -> str:
    """Return ``text`` as a name that a state can hold."""
    return _clean(text)[:MAX_NAME_CHARACTERS]


def sentence(text: object) -> str:
    """Return ``text`` as a sentence that a state can hold."""
    clean = _clean(text)
    return clean if len(clean) <= MAX_SENTENCE_CHARACTERS else f"{clean[: MAX_SENTENCE_CHARACTERS - 1]}…"


def _clean(text: object) -> str:
    # JSON can hold no lone surrogate.
    return str(text).encode(errors="replace").decode()
