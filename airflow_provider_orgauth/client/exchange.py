"""One request and its answer: when to send it, with which token, what to do about a 401, when to give up.

The rules are generators: they yield a step and are sent what came of it. A driver with a socket, in a thread or on an
event loop, carries out the steps; so a rule is written once, and tested without a server. A redirect is another
request: see :mod:`~.redirects`.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from airflow_provider_orgauth.client.admission_control import AttemptOutcome, RetryVerdict
from airflow_provider_orgauth.client.retry_policy import Attempts, MakeAttempt, Pause, RetryPolicy
from airflow_provider_orgauth.client.retryable import may_resend
from airflow_provider_orgauth.oauth.steps import Lost

R = TypeVar("R")
T = TypeVar("T")

# The values below are not frozen, though nobody changes them: each request makes ten, and to make a frozen one takes
# three times as long.

UNAUTHORIZED = 401
"""RFC 9110 section 15.5.2: the token is not, or no longer, good."""


@dataclass(slots=True)
class Asked:
    """A request, as far as the rules look at it.

    :param headers: looked up without regard to case.
    :param can_rewind: its body can be sent a second time.
    """

    method: str
    headers: Mapping[str, Any] = field(repr=False)
    can_rewind: bool


@dataclass(slots=True)
class Answer(Generic[R]):
    """An answer, as far as the rules look at it.

    :param headers: looked up without regard to case.
    :param seconds: from sending the request to the answer's head.
    :param response: the HTTP library's own.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    seconds: float
    response: R = field(repr=False)


@dataclass(slots=True)
class Unanswered:
    """No answer came.

    :param timed_out: the server may be busy.
    :param kind: the class of exception that says so in the HTTP library's terms.
    """

    why: Lost
    timed_out: bool
    kind: type[Exception]


@dataclass(slots=True)
class Admit:
    """Wait until an attempt may be sent; send back whether it may: else the task is being stopped."""


ADMIT = Admit()


@dataclass(slots=True)
class Settle:
    """Report to admission control how the attempt went that it let pass; send back a :class:`RetryVerdict`.

    A driver that ends the rule after :class:`Admit` and before this step reports an empty outcome by itself.
    """

    outcome: AttemptOutcome


@dataclass(slots=True)
class ObtainToken(Generic[R]):
    """Get a token that may be sent now; send back the access token.

    :param sent_once: the request cannot be replayed after a 401.
    :param rejected: the access token that was just answered with 401.
    :param answer: that answer: its ``Date`` tells the server's time.
    """

    sent_once: bool = False
    rejected: str | None = field(default=None, repr=False)
    answer: Answer[R] | None = None


@dataclass(slots=True)
class Transmit:
    """Send the request once with this access token; send back an :class:`Answer` or :class:`Unanswered`.

    The answer's body is not read yet.
    """

    access_token: str = field(repr=False)


@dataclass(slots=True)
class Receive(Generic[R]):
    """Read the body, unless the caller does that; send back the answer, or :class:`Unanswered` where it broke off."""

    answer: Answer[R]


@dataclass(slots=True)
class MayReplay:
    """Find out whether to replay a request whose replay got a 401 as well, which may take a while; send back a bool.

    :param since: when the first 401 came, by the timer.
    """

    rejected: str = field(repr=False)
    since: float
    replays: int


@dataclass(slots=True)
class Skim(Generic[R]):
    """Read an answer that is not needed, so that its connection can be used again; send back nothing."""

    answer: Answer[R]


@dataclass(slots=True)
class AttemptResult(Generic[R]):
    """What came of an attempt, and what admission control says about another one.

    :param result: None: it was not sent, because the task is being stopped.
    :param replayed: the answers before it that a replay followed.
    """

    result: Answer[R] | Unanswered | None
    verdict: RetryVerdict = RetryVerdict.AS_USUAL
    replayed: tuple[Answer[R], ...] = ()


@dataclass(slots=True)
class ExchangeResult(Generic[R]):
    """How an exchange ended.

    :param was_stopped: it would have been sent, or sent again, if the task were not being stopped.
    """

    last: AttemptResult[R]
    was_stopped: bool


Step = Admit | Settle | ObtainToken[R] | Transmit | Receive[R] | MayReplay | Skim[R] | Pause[AttemptResult[R]]
Rule = Generator[Step[R], Any, T]


def exchange(asked: Asked, retry: RetryPolicy) -> Rule[R, ExchangeResult[R]]:
    """Send a request, again where that is safe and may help.

    :param retry: the waits, the number of attempts, and whether the task is being stopped.
    """

    def may_retry(tried: AttemptResult[R]) -> bool:
        return _may_be_sent_again(asked, tried, retry)

    rule: Attempts[AttemptResult[R]] = retry.attempts(
        may_retry=may_retry, headers_of=_headers_of, verdict_of=lambda tried: tried.verdict
    )
    last: AttemptResult[R] = AttemptResult(None)
    try:
        step = next(rule)
        while True:
            if isinstance(step, MakeAttempt):
                last = yield from _attempt(asked, last, retry)
                step = rule.send(last)
            else:
                yield step
                step = next(rule)
    except StopIteration:
        was_stopped = last.result is None or (retry.cancelled.is_set() and may_retry(last))
        return ExchangeResult(last, was_stopped)


def replayed(
    answer: Answer[R], access_token: str, retry: RetryPolicy, *, can_rewind: bool
) -> Rule[R, tuple[Answer[R] | Unanswered, tuple[Answer[R], ...]]]:
    """React to a 401 (RFC 6750 section 3.1): look for a newer token, else renew; then send the same request once more.

    It is sent several times where the next token may be dead as well: one that another process left, or, while hosts
    cannot share, even a new one; see :meth:`~.token_source.TokenSource.may_replay`.

    :param access_token: what the request was sent with.
    :returns: the last answer, and those that a replay followed.
    """
    if not can_rewind:
        # Too late for this body. But the next request, of this task or another, must not get the same dead token.
        yield ObtainToken(rejected=access_token, answer=answer)
        return answer, ()
    since = retry.timer()
    before: list[Answer[R]] = []
    result: Answer[R] | Unanswered = answer
    while isinstance(result, Answer) and result.status == UNAUTHORIZED:
        if before and not (yield MayReplay(access_token, since, len(before))):
            break
        before.append(result)
        yield Skim(result)
        access_token = cast(str, (yield ObtainToken(rejected=access_token, answer=result)))
        result = cast("Answer[R] | Unanswered", (yield Transmit(access_token)))
    return result, tuple(before)


def _attempt(asked: Asked, before: AttemptResult[R], retry: RetryPolicy) -> Rule[R, AttemptResult[R]]:
    """Send the request once it is admitted; if the task is stopped before that, ``before`` stays the last result."""
    if not (yield ADMIT):
        return AttemptResult(before.result, RetryVerdict.NO_MORE, before.replayed)
    # For each attempt: a wait may have outlived the token.
    access_token = cast(str, (yield ObtainToken(sent_once=not asked.can_rewind)))
    result = cast("Answer[R] | Unanswered", (yield Transmit(access_token)))
    replays: tuple[Answer[R], ...] = ()
    if isinstance(result, Answer) and result.status == UNAUTHORIZED:
        result, replays = yield from replayed(result, access_token, retry, can_rewind=asked.can_rewind)
    if isinstance(result, Answer):
        result = cast("Answer[R] | Unanswered", (yield Receive(result)))
    verdict = cast(RetryVerdict, (yield Settle(_outcome(result, replays))))
    return AttemptResult(result, verdict, replays)


def _may_be_sent_again(asked: Asked, tried: AttemptResult[R], retry: RetryPolicy) -> bool:
    match tried.result:
        case None:
            return False
        case Answer(status=status) if status < 400:  # nearly all; rate limits are not looked for in these
            return False
        case Answer(status=status, headers=headers):
            outcome: int | Lost = status
            is_limit = retry.is_rate_limit(status, headers)
        case Unanswered(why=why):
            outcome, is_limit = why, False
    return asked.can_rewind and may_resend(
        asked.method, asked.headers, outcome, is_rate_limit=is_limit, further=retry.further_statuses
    )


def _outcome(result: Answer[R] | Unanswered, replays: tuple[Answer[R], ...]) -> AttemptOutcome:
    if isinstance(result, Unanswered):
        return AttemptOutcome(timed_out=result.timed_out)
    seconds = None if replays else result.seconds
    return AttemptOutcome(result.status, headers=result.headers, seconds=seconds, requests=1 + len(replays))


def _headers_of(tried: AttemptResult[R]) -> Mapping[str, str]:
    return tried.result.headers if isinstance(tried.result, Answer) else {}
