"""Which requests are sent again after which answers: one table, which ``docs/hook.md`` shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from airflow_provider_orgauth.oauth.steps import Lost

IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
"""RFC 9110 section 9.2.2."""


class Repeated(StrEnum):
    """Which requests go again."""

    ANY = "yes"
    SAFE = "where it does no harm"
    ONCE = "once, with a renewed token"
    NEVER = "no"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table.

    :param what: what happened, for the documentation.
    :param why: what that means for the request: the reason for ``repeated``.
    :param statuses: the answers that this line is about.
    """

    what: str
    repeated: Repeated
    why: str
    statuses: tuple[int, ...] = ()


NOT_REACHED = Row("no connection, unknown host, a proxy that fails", Repeated.ANY, "the server saw nothing of it")
NO_ANSWER = Row(
    "a time out, a TLS handshake that broke off, or a cut connection after the request was sent",
    Repeated.SAFE,
    "the server may have done what was asked",
)
UNHELPFUL = Row(
    "a certificate that does not verify, a proxy that wants credentials (407) or refuses",
    Repeated.NEVER,
    "another try meets the same",
)
UNAUTHORIZED = Row("401", Repeated.ONCE, "the server did nothing; the token may have ended before its time", (401,))
RATE_LIMIT = Row(
    "429, or a 403 that says it is for a [rate limit](pace.md#what-a-server-says-about-its-limits)",
    Repeated.ANY,
    "the server did nothing",
    (429,),
)
FURTHER = Row(
    "what the connection's `retry_statuses` names, such as 500",
    Repeated.SAFE,
    "the server may have done some of it",
)

ROWS = (
    NOT_REACHED,
    NO_ANSWER,
    UNAUTHORIZED,
    RATE_LIMIT,
    Row("425", Repeated.ANY, "too early (RFC 8470): the server did nothing, for fear of a repeat", (425,)),
    Row(
        "408",
        Repeated.SAFE,
        # RFC 9110 section 15.5.9 would allow it for all. But proxies also say it for a server that takes too long,
        # and that one may have done what was asked.
        "the request did not come in whole and in time, by the RFC; some say it where only the answer was late",
        (408,),
    ),
    Row("502, 503, 504", Repeated.SAFE, "overloaded or down; a server behind may have done it", (502, 503, 504)),
    Row(
        "520 to 524, 529, 530",
        Repeated.SAFE,
        "the same, in the words of content delivery networks",
        (520, 521, 522, 523, 524, 529, 530),
    ),
    FURTHER,
    UNHELPFUL,
    Row("any other status, also a plain 403 and 500", Repeated.NEVER, "the server means it"),
)

_BY_STATUS = {status: row for row in ROWS for status in row.statuses}

BUSY_STATUSES = frozenset(status for status, row in _BY_STATUS.items() if row.repeated is not Repeated.ONCE)
"""Those of a server that may answer better later. All the requests of a walk pause then."""

NOT_TO_NAME = frozenset({401, 403, 407})
"""Statuses that ``retry_statuses`` may not name: each has a rule of its own, and a 403 is believed."""


def may_resend(
    method: str,
    headers: Mapping[str, str | bytes],
    outcome: int | Lost,
    *,
    is_rate_limit: bool = False,
    further: frozenset[int] = frozenset(),
) -> bool:
    """Tell whether a request may be sent again after this status, or after no answer.

    A method that is not idempotent goes again only if the server surely did not act on it. An ``Idempotency-Key``
    lifts that: the server then recognises the repeat.

    :param headers: of the request.
    :param is_rate_limit: what :func:`~.asked_wait.is_rate_limit` says of the answer.
    :param further: statuses that the connection adds to the table.
    """
    match repeated(outcome, is_rate_limit=is_rate_limit, further=further):
        case Repeated.ANY:
            return True
        case Repeated.SAFE:
            return method.upper() in IDEMPOTENT_METHODS or any(name.lower() == "idempotency-key" for name in headers)
        case _:
            return False


def repeated(outcome: int | Lost, *, is_rate_limit: bool, further: frozenset[int]) -> Repeated:
    """Return which requests go again after this status, or after no answer.

    :param is_rate_limit: what :func:`~.asked_wait.is_rate_limit` says of the answer.
    :param further: statuses that the connection adds.
    """
    if isinstance(outcome, Lost):
        if outcome.permanent:
            return UNHELPFUL.repeated
        return NO_ANSWER.repeated if outcome.reached_server else NOT_REACHED.repeated
    if is_rate_limit:
        return RATE_LIMIT.repeated
    if outcome in BUSY_STATUSES:
        return _BY_STATUS[outcome].repeated
    return FURTHER.repeated if outcome in further else Repeated.NEVER
