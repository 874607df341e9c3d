"""``OrgAuthRetryPolicy``: a failed task's next try, decided by what the server said. For Airflow 3.3 and later.

The module can be imported on every Airflow that this provider runs on: retry policies came with 3.3.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth import exceptions as errors

if TYPE_CHECKING:
    from airflow_provider_orgauth.compat import Context, RetryDecision, RetryPolicy
else:
    try:
        from airflow_provider_orgauth.compat import RetryPolicy
    except ImportError:
        RetryPolicy = None  # Airflow before 3.3

JITTER = 0.1
"""The part by which a wait that the server asks for is longer: tasks that failed together do not come back together."""

_MOST_DOUBLINGS = 20
"""A factor of a million: enough for any ``max_backoff``, and a number that a float holds, however often is tried."""


class OrgAuthRetryPolicy(RetryPolicy or object):  # type: ignore[misc]
    """Fail what cannot get better, wait for as long as the server asks, and back off from one in trouble.

    ::

        OrgApiOperator(
            task_id="profile",
            endpoint="/api/v1/organization/profile",
            retries=5,
            **retry_policy_where_supported(),
        )

    On Airflow 3.3, ``retry_policy=OrgAuthRetryPolicy()`` says the same.

    ==============================================================  ====================================================
    what the task failed with                                       what Airflow does
    ==============================================================  ====================================================
    an error that is an ``AirflowFailException``: wrong             fails the task, and keeps its retries
    credentials, 403, a certificate, a wrong argument, …
    an error with ``retry_after``, such as ``ApiRateLimitedError``  tries again that much later, or up to a tenth more
    5xx, 429 without a time, no answer, a token endpoint in         tries again after ``backoff``, doubled for each try,
    trouble                                                         at most ``max_backoff``: at random in the upper half
    anything else                                                   as without a policy
    ==============================================================  ====================================================

    An exception of your own that was raised ``from`` one of these errors counts as that error, and so does a group of
    exceptions. One that was raised while such an error was handled, without ``from``, does not: it may be about
    something else.

    ``retries`` is the most that a policy can do: it ends a task earlier, and never tries more often.

    :param backoff: before the second try.
    :param max_backoff: the longest time between two tries where the server asks for none.
    :param max_wait: the longest time for which a server is waited for; one that asks for more is tried again then.
    :param uniform: a random number between two, as :func:`random.uniform`.
    :raises ConfigurationError: this Airflow has no retry policies, or an argument is no such time.
    """

    def __init__(
        self,
        *,
        backoff: timedelta = timedelta(minutes=1),
        max_backoff: timedelta = timedelta(minutes=30),
        max_wait: timedelta = timedelta(days=1),
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        if RetryPolicy is None:
            raise errors.ConfigurationError(
                "retry_policy",
                "is not known to this Airflow, which is older than 3.3",
                advice="Write **retry_policy_where_supported() in its place, which is empty there.",
            )
        for name, value in {"backoff": backoff, "max_backoff": max_backoff, "max_wait": max_wait}.items():
            if not isinstance(value, timedelta) or value <= timedelta(0):
                raise errors.ConfigurationError(
                    name, "is no time to wait", advice="Write a timedelta, such as timedelta(minutes=1)."
                )
        self.backoff = backoff
        self.max_backoff = max_backoff
        self.max_wait = max_wait
        self.uniform = uniform

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,
        context: Context | None = None,
    ) -> RetryDecision:
        """Decide about a task that failed with ``exception``; Airflow asks, in the worker.

        :param try_number: of the try that failed, from 1.
        """
        from airflow_provider_orgauth.compat import AirflowFailException, RetryDecision

        found = list(_errors_in(exception))
        hopeless = [error for error in found if isinstance(error, AirflowFailException)]
        if hopeless:
            return RetryDecision.fail(f"{_name(hopeless[0])}: another try would meet the same.")
        slowest = max(found, key=lambda error: error.retry_after or 0.0, default=None)
        if slowest is not None and slowest.retry_after:
            seconds, why = self._asked(slowest.retry_after)
            return _retry(slowest, seconds, f" The server asks for {why}.")
        trouble = [error for error in found if _may_pass(error)]
        if trouble:
            return _retry(trouble[0], self._backed_off(try_number))
        return RetryDecision.default()

    def _asked(self, asked: float) -> tuple[float, str]:
        """Return for how many seconds to wait, and for what the server asks, in words."""
        longest = self.max_wait.total_seconds()
        if asked > longest:
            return longest, f"{_in_words(asked)}, which is more than max_wait"
        return min(asked * self.uniform(1, 1 + JITTER), longest), _in_words(asked)

    def _backed_off(self, try_number: int) -> float:
        doublings = min(max(try_number, 1) - 1, _MOST_DOUBLINGS)
        longest = min(self.backoff.total_seconds() * 2.0**doublings, self.max_backoff.total_seconds())
        return longest * self.uniform(0.5, 1)


def retry_policy_where_supported(**arguments: Any) -> dict[str, OrgAuthRetryPolicy]:
    """Return ``{"retry_policy": OrgAuthRetryPolicy(**arguments)}``; before Airflow 3.3, ``{}``.

    Airflow refuses a DAG with an argument that it does not know, so one text for all versions is::

        from airflow_provider_orgauth.retry_policy import retry_policy_where_supported

        OrgApiOperator(task_id="profile", endpoint="/profile", retries=5, **retry_policy_where_supported())

    :param arguments: of :class:`OrgAuthRetryPolicy`.
    """
    return {} if RetryPolicy is None else {"retry_policy": OrgAuthRetryPolicy(**arguments)}


def _errors_in(exception: BaseException) -> Iterator[errors.OrgAuthError]:
    """Yield the errors of this provider that ``exception`` is, was raised from, or is a group of."""
    seen: set[int] = set()
    left: list[BaseException | None] = [exception]
    while left:
        one = left.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, errors.OrgAuthError):
            yield one  # what it was raised from is of no more use
        elif isinstance(one, BaseExceptionGroup):
            left += one.exceptions
        else:
            left.append(one.__cause__)


def _may_pass(error: errors.OrgAuthError) -> bool:
    from airflow_provider_orgauth.answers.errors_while_waiting import is_trouble  # it needs requests

    return is_trouble(error)


def _retry(error: errors.OrgAuthError, seconds: float, why: str = "") -> RetryDecision:
    from airflow_provider_orgauth.compat import RetryDecision

    reason = f"{_name(error)}: the next try is in {_in_words(seconds)}.{why}"
    return RetryDecision.retry(timedelta(seconds=seconds), reason)


def _name(error: errors.OrgAuthError) -> str:
    # Not its text, which is in the log: Airflow stores the reason and shows it.
    return type(error).__name__ + (f" (status {error.status})" if error.status else "")


def _in_words(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 3600 else f"{seconds / 3600:.1f} h"
