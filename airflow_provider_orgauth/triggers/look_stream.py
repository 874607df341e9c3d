"""The looks that a watcher gets, for ever: of whatever goes wrong it is told in the log, and the next look comes."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.answers.errors_while_waiting import is_about_credentials, may_pass
from airflow_provider_orgauth.client.asked_wait import retry_after
from airflow_provider_orgauth.exceptions import ConfigurationError, OrgAuthError
from airflow_provider_orgauth.triggers.arguments import VERSION
from airflow_provider_orgauth.triggers.complaints import Complaints
from airflow_provider_orgauth.triggers.event_arguments import DEFAULTS
from airflow_provider_orgauth.triggers.loop_looks import looks_of_loop
from airflow_provider_orgauth.triggers.request_payload import check_request
from airflow_provider_orgauth.triggers.watched import Watched
from airflow_provider_orgauth.waiting.schedule import next_look

if TYPE_CHECKING:
    from airflow_provider_orgauth.triggers.look import Look
    from airflow_provider_orgauth.triggers.subject import Subject
    from airflow_provider_orgauth.waiting.condition import Condition

PAUSE_AFTER_REFUSAL_SECONDS = 300.0
"""Somebody may mend the connection, and a server may lock out a client that tries wrong credentials too often."""

SAME_ERROR_AGAIN_AFTER_SECONDS = 3600.0

MOST_LOOKS_KEPT = 64
"""For a watcher that is busy. The oldest go first."""


async def looks_at(request: Mapping[str, Any], options: Mapping[str, Any]) -> AsyncIterator[Look]:
    """Yield a look each interval. It neither ends nor raises: Airflow would begin anew a second later, for ever.

    :param options: of the trigger, without those that are as by default.
    """
    option = {**DEFAULTS, **options}
    try:
        check_version(option)
        check_request(request)
        stream = LookStream(
            float(option["poke_interval"]), Watched.of(request, options).condition, name_of(request, options)
        )
        stream.begin(option["org_conn_id"], request)
    except Exception as error:  # also of what a row may hold that nobody has thought of
        # They stay as they are until the DAG is changed.
        complaints = Complaints(name_of(request, options), again_after=0)
        while True:
            complaints.tell(error, asyncio.get_running_loop().time())
            await asyncio.sleep(SAME_ERROR_AGAIN_AFTER_SECONDS)
    try:
        while True:
            yield await stream.next()
    finally:
        await stream.leave()


def check_version(option: Mapping[str, Any]) -> None:
    """Refuse arguments of a later version.

    :raises ConfigurationError: naming what to do.
    """
    if (version := option.get("v", VERSION)) != VERSION:
        raise ConfigurationError(
            "v", f"is {version}, which this triggerer does not know", advice="Upgrade the triggerer."
        )


def name_of(request: Any, options: Mapping[str, Any]) -> str:
    """Return what is watched, for a log."""
    endpoint = request.get("endpoint") if isinstance(request, Mapping) else None
    org_conn_id = options.get("org_conn_id", DEFAULTS["org_conn_id"])
    return f"{str(endpoint).partition('?')[0][:200]} (connection {org_conn_id})"


class LookStream:
    """Takes looks as they come, and gives them one after the other. Implements :class:`~.subject.Looker`.

    :param interval: seconds between two looks.
    :param condition: names the statuses that are no errors here.
    :param about: what is watched, for the log.
    """

    def __init__(self, interval: float, condition: Condition, about: str) -> None:
        self.interval = interval
        self.condition = condition
        self.due = 0.0
        self.is_over = False
        self._loop = asyncio.get_running_loop()
        self._looks: asyncio.Queue[Look] = asyncio.Queue(MOST_LOOKS_KEPT)
        self._complaints = Complaints(about, again_after=SAME_ERROR_AGAIN_AFTER_SECONDS)
        self._subject: Subject | None = None
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, org_conn_id: str, request: Mapping[str, Any]) -> None:
        """Begin to look.

        :raises ConfigurationError: the request cannot work.
        """
        self._subject = looks_of_loop().join(org_conn_id, request, self, due_in=None)

    async def next(self) -> Look:
        """Return the next look."""
        return await self._looks.get()

    async def leave(self) -> None:
        """Look no more."""
        self.is_over = True
        if self._timer is not None:
            self._timer.cancel()
        if self._subject is not None:
            await looks_of_loop().leave(self._subject, self)

    def knows(self, look: Look) -> bool:
        """Return True: no verdict is wanted, for what is news depends on what was told."""
        return True

    def looked(self, look: Look) -> None:
        """Take what a look brought."""
        self.due = look.now + self._seconds_after(look)
        if self._looks.full():
            self._looks.get_nowait()
        self._looks.put_nowait(look)

    def fail(self, error: OrgAuthError) -> None:
        """Note that there was no look, and why."""
        self._complaints.tell(error, self._loop.time())
        self._rest()

    def give_up(self, why: str) -> None:
        """Note that there was no look, and why."""
        self._complaints.tell(OrgAuthError(why), self._loop.time())
        self._rest()

    def _seconds_after(self, look: Look) -> float:
        error = look.outcome
        if not isinstance(error, OrgAuthError):
            self._complaints.end()
            return self._jittered(asked=retry_after(error.headers, now=time.time()))
        if error.status in self.condition.statuses:
            return self._jittered()
        is_passing = may_pass(error, look.hook)
        self._complaints.tell(error, look.now, level=logging.WARNING if is_passing else logging.ERROR)
        if is_about_credentials(error) and not is_passing:
            return self._seconds_after_refusal()
        return self._jittered(asked=error.retry_after, after_error=True)

    def _seconds_after_refusal(self) -> float:
        # Not all watchers of a connection at the same moment: the first that is refused spares the others the look.
        return next_look(max(self.interval, PAUSE_AFTER_REFUSAL_SECONDS), remaining=math.inf)

    def _jittered(self, *, asked: float | None = None, after_error: bool = False) -> float:
        return next_look(self.interval, remaining=math.inf, asked=asked, after_error=after_error)

    def _rest(self) -> None:
        seconds = self._seconds_after_refusal()
        self.due = self._loop.time() + seconds
        if self._timer is not None:
            self._timer.cancel()
        # Where the connection could not be read, nobody else plans the next look.
        self._timer = self._loop.call_later(seconds, self._plan)
        self._plan()  # the one that was planned before this is not made

    def _plan(self) -> None:
        if self._subject is not None and not self.is_over:
            self._subject.connection.when_open(self._subject)
