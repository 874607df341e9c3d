"""The looks at one server: few at a time, when they are due, and none while the server is in trouble.

A loop that is kept busy keeps all of Airflow's triggers waiting, so looks begin a few in a turn of the loop. A look
that is late is made once, not made up for.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from airflow_provider_orgauth.answers.errors_while_waiting import is_about_all, is_about_credentials, may_pass
from airflow_provider_orgauth.exceptions import ApiServerError, OrgAuthError
from airflow_provider_orgauth.triggers.judging import judge_by_functions, judge_large
from airflow_provider_orgauth.triggers.look import Look
from airflow_provider_orgauth.triggers.planned_looks import PlannedLooks
from airflow_provider_orgauth.waiting.server_backoff import LONGEST_PAUSE_SECONDS, ServerBackoff

if TYPE_CHECKING:
    import requests

    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
    from airflow_provider_orgauth.triggers.subject import Subject

MAX_LOOKS = 32
"""Under way at once to one server, each on a connection of its own."""

STARTS_IN_A_TURN = 8
"""To prepare and sign a request takes a fraction of a millisecond."""

JUDGED_IN_A_TURN = 100
"""Of those who wait for the same request."""


class ServerLooks:
    """Looks at what is due.

    :param loop: the running one.
    :param uniform: a random number between two.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, uniform: Callable[[float, float], float] = random.uniform
    ) -> None:
        self._loop = loop
        self._uniform = uniform
        self._backoff = ServerBackoff(uniform)
        self._planned = PlannedLooks()
        self._due: deque[Subject] = deque()
        self._under_way: set[Subject] = set()
        self._timer: asyncio.Handle | None = None
        self._turn_at = float("inf")

    def plan(self, subject: Subject) -> None:
        """Plan the next look at a subject: when the first of those who wait wants one."""
        if subject.looking is None and (due := subject.next_due()) != subject.due:
            self._plan(subject, due)
            self._wake(self._loop.time() if self._due else self._planned.next_at)

    def _plan(self, subject: Subject, due: float) -> None:
        subject.due = due
        if due <= self._loop.time():
            self._due.append(subject)
        else:
            self._planned.add(subject, due)

    def _wake(self, at: float) -> None:
        if self._turn_at <= at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._turn_at = at
        self._timer = self._loop.call_at(at, self.turn)

    def turn(self) -> None:
        """Begin what is due, a few looks at most; the next turn of the loop goes on."""
        self._timer, self._turn_at = None, float("inf")
        now = self._loop.time()
        self._due.extend(self._planned.take(now))
        started = 0
        while self._due:
            subject = self._due[0]
            if subject.due > now or subject.looking is not None or not subject.lookers:
                self._due.popleft()  # it was planned anew, or nobody waits any more
            elif self._backoff.closed_until > now:
                self._put_off(self._due.popleft())
            elif len(self._under_way) >= (MAX_LOOKS if self._backoff.is_well else 1):
                return  # the end of a look is the next turn
            elif started >= STARTS_IN_A_TURN:
                self._wake(now)
                return
            else:
                self.begin(self._due.popleft())
                started += 1
        self._wake(self._planned.next_at)

    def _put_off(self, subject: Subject) -> None:
        # Spread: when the pause is over, not all that came due meanwhile is looked at in one go.
        spread = min(subject.interval, LONGEST_PAUSE_SECONDS)
        self._plan(subject, self._backoff.closed_until + self._uniform(0, spread))

    def begin(self, subject: Subject) -> None:
        """Begin a look."""
        subject.due = float("inf")
        self._under_way.add(subject)
        subject.looking = self._loop.create_task(self._look(subject))
        subject.looking.add_done_callback(lambda task: self._ended(subject, task))

    def _ended(self, subject: Subject, task: asyncio.Task[None]) -> None:
        subject.looking = None
        if not task.cancelled() and (error := task.exception()) is not None:
            for looker in list(subject.lookers):
                if isinstance(error, OrgAuthError):  # what the connection says now cannot work
                    looker.fail(error)
                else:
                    looker.give_up(f"the triggerer could not look: {type(error).__name__}")
        if subject.lookers:
            subject.connection.server.plan(subject)
        self._free(subject)

    def _free(self, subject: Subject) -> None:
        self._under_way.discard(subject)
        self._wake(self._loop.time())

    async def _look(self, subject: Subject) -> None:
        connection = subject.connection
        await connection.look_after()
        hook, began = connection.hook, self._loop.time()
        asking = list(subject.lookers)  # who comes later may wait for a change that this answer is too old to show
        outcome = await self.ask(hook, subject)
        now = self._loop.time()
        about_all = isinstance(outcome, OrgAuthError) and is_about_all(outcome)
        is_refused = isinstance(outcome, OrgAuthError) and is_about_credentials(outcome)
        if is_refused and await connection.has_changed_since(began, is_about_all=about_all):
            for looker in asking:
                looker.due = now  # what it was refused for is of yesterday
            return
        if isinstance(outcome, OrgAuthError) and is_about_all(outcome):
            await connection.fail(outcome)
            return
        self._report(outcome, subject, hook, began, now)
        look = Look(outcome, subject.request, hook, now)
        await judge_large(look, asking)
        self._free(subject)  # a function may take its time, and the server has nothing to do with it
        await judge_by_functions(look, asking)
        for number, looker in enumerate(asking, start=1):
            if not looker.is_over:
                looker.looked(look)
            if number % JUDGED_IN_A_TURN == 0:
                await asyncio.sleep(0)

    async def ask(self, hook: OrgAuthHook, subject: Subject) -> requests.Response | OrgAuthError:
        """Send the request; return what comes of it."""
        try:
            return await hook.run_async(subject.request.endpoint, **subject.request.about)
        except OrgAuthError as error:
            return error

    def _report(
        self,
        outcome: requests.Response | OrgAuthError,
        subject: Subject,
        hook: OrgAuthHook,
        began: float,
        now: float,
    ) -> None:
        if not isinstance(outcome, OrgAuthError) or all(
            outcome.status in looker.condition.statuses for looker in subject.lookers
        ):
            self._backoff.went_well()
        elif may_pass(outcome, hook):
            is_plain = isinstance(outcome, ApiServerError) and outcome.status == 500 and outcome.retry_after is None
            self._backoff.trouble(now, began=began, asked=outcome.retry_after, is_plain_error=is_plain)
        else:
            self._backoff.went_well()  # the server is there, and says no
