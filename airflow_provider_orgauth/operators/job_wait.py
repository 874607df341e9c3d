"""Wait for a job's end with the worker held: look, and look again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from airflow_provider_orgauth.exceptions import JobTimeoutError
from airflow_provider_orgauth.waiting.schedule import next_look

if TYPE_CHECKING:
    from airflow_provider_orgauth.answers.looks import Looks
    from airflow_provider_orgauth.waiting.condition import Met


def waited(
    looks: Looks, *, interval: float, deadline: float, clock: Callable[[], float], pause: Callable[[float], object]
) -> Met:
    """Return what the look that met the condition brought.

    :param interval: seconds between two looks.
    :param deadline: epoch seconds after which no further look is made.
    :param pause: lets seconds pass.
    :raises JobTimeoutError: the deadline is over, and the last look did not meet it.
    :raises OrgAuthError: as :meth:`Looks.look`.
    """
    while (met := looks.look()) is None:
        remaining = deadline - clock()
        if remaining <= 0:
            raise timed_out(looks.seen.as_sentences())
        last = looks.seen.last
        seconds = next_look(
            interval,
            remaining=remaining,
            asked=last.asked if last is not None else None,
            after_error=last is not None and last.is_trouble,
        )
        looks.seen.tell(seconds)
        pause(seconds)
    return met


def timed_out(last_seen: str) -> JobTimeoutError:
    """Return the error for a job that takes too long.

    :param last_seen: what the last look brought.
    """
    return JobTimeoutError(
        f"The job did not end within job.timeout. {last_seen}".rstrip(),
        advice="It may still run. Clear the task to submit a new one, or give it more time.",
    )
