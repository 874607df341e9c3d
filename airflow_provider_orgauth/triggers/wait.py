"""One wait in the triggerer: what each look's outcome means for it, and when its next look is due."""

from __future__ import annotations

import asyncio
import contextvars
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.answers.seen import Seen
from airflow_provider_orgauth.answers.verdict import Unmet
from airflow_provider_orgauth.exceptions import OrgAuthError
from airflow_provider_orgauth.triggers import event_payload
from airflow_provider_orgauth.triggers.loop_looks import looks_of_loop
from airflow_provider_orgauth.waiting.backed_off import backed_off
from airflow_provider_orgauth.waiting.condition import Met, left_to_worker
from airflow_provider_orgauth.waiting.schedule import next_look

if TYPE_CHECKING:
    from airflow_provider_orgauth.triggers.look import Look
    from airflow_provider_orgauth.triggers.subject import Subject
    from airflow_provider_orgauth.waiting.condition import Condition

TIMEOUT_GRACE_SECONDS = 10.0
"""After the deadline, in which a look that is under way may end."""


class Wait:
    """A wait, with few bytes: there may be ten thousand. Implements :class:`~.subject.Looker`.

    :param condition: when it ends.
    :param interval: seconds between two looks; ``grows``: doubled from look to look, ``longest`` at most.
    :param looks: how many there were before.
    :param resume: comes back with the payload.
    """

    __slots__ = (
        "_context",
        "_deadline",
        "_grows",
        "_longest",
        "_looks",
        "_polls",
        "_resume",
        "_same_as_before",
        "_seen",
        "_subject",
        "_timer",
        "condition",
        "due",
        "future",
        "interval",
    )

    def __init__(
        self,
        condition: Condition,
        *,
        interval: float,
        grows: bool = False,
        longest: float | None = None,
        looks: int = 0,
        resume: Any = None,
    ) -> None:
        self.condition = condition
        self.interval = interval
        loop = asyncio.get_running_loop()
        self.due = loop.time()
        self.future: asyncio.Future[dict[str, Any]] = loop.create_future()
        self._grows = grows
        self._longest = longest
        self._looks = looks
        self._resume = resume
        self._polls = 0
        self._seen = Seen()
        self._same_as_before: int | None = None
        self._deadline = math.inf
        self._timer: asyncio.TimerHandle | None = None
        self._subject: Subject | None = None
        # Of the trigger: there, Airflow finds the task to whose log a line belongs.
        self._context = contextvars.copy_context()

    def begin(
        self, org_conn_id: str, request: Mapping[str, Any], *, due_in: float | None, ends_in: float | None
    ) -> None:
        """Begin to look.

        :param due_in: seconds until the first look; None: soon.
        :param ends_in: seconds until it times out; None: never.
        :raises ConfigurationError: the request cannot work.
        """
        self._subject = looks_of_loop().join(org_conn_id, request, self, due_in=due_in)
        if ends_in is not None:
            loop = asyncio.get_running_loop()
            self._deadline = loop.time() + ends_in
            self._timer = loop.call_later(max(ends_in, 0.0) + TIMEOUT_GRACE_SECONDS, self._time_out)

    async def leave(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
        if self._subject is not None:
            await looks_of_loop().leave(self._subject, self)

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.future.done()

    def knows(self, look: Look) -> bool:
        """Return whether the same answer came before, and means what it meant."""
        return bool(look.signature) and look.signature == self._same_as_before

    def looked(self, look: Look) -> None:
        """Take what a look brought."""
        last = self._seen.last
        if last is not None and self.knows(look):
            self._unmet(last, look.now)
            return
        verdict = look.verdict(self.condition)
        if isinstance(verdict, Unmet):
            # A function may find something else in the same answer, and a time to wait may be counted from now.
            is_settled = verdict.asked is None and not self.condition.has_function
            self._same_as_before = look.signature if is_settled else None
            self._unmet(verdict, look.now)
            return
        self._polls += 1
        if isinstance(verdict, Met) and self.condition.value is left_to_worker:
            self.end(event_payload.look(f"{verdict.seen}; the worker works the value out"))
        elif isinstance(verdict, Met):
            self.end(event_payload.met(verdict.value, verdict.seen))
        elif isinstance(verdict, OrgAuthError):
            self.fail(verdict)
        else:
            self.end(event_payload.look(f"the triggerer could not judge the answer: {type(verdict).__name__}"))

    def fail(self, error: OrgAuthError) -> None:
        """End it with an error."""
        self.end(event_payload.failed(error))

    def give_up(self, why: str) -> None:
        """Leave the next look to the worker, when it is due: a worker that cannot end the wait is back at once.

        :param why: for the task's log.
        """
        payload, due = event_payload.look(why), min(self.due, self._deadline)
        loop = self.future.get_loop()
        if due <= loop.time():
            self.end(payload)
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(due, self.end, payload)

    def end(self, payload: dict[str, Any]) -> None:
        """End it, unless it has ended."""
        if not self.future.done():
            resume = {} if self._resume is None else {"resume": self._resume}
            self.future.set_result({**payload, "polls": self._polls, **resume})

    def _time_out(self) -> None:
        self.end(event_payload.timed_out(self._seen.as_sentences()))

    def _unmet(self, verdict: Unmet, now: float) -> None:
        self._seen.add(verdict)
        self._looks += 1
        self._polls += 1
        if now >= self._deadline:
            self._time_out()
            return
        interval = backed_off(self.interval, self._looks, longest=self._longest) if self._grows else self.interval
        seconds = next_look(
            interval,
            remaining=self._deadline - now,
            asked=verdict.asked,
            after_error=verdict.is_trouble,
            longest=self._longest,
        )
        self.due = now + seconds
        if not self._seen.is_told():
            self._context.run(self._seen.tell, seconds)
