"""A connection as all waits on one event loop share it: read once, and again when it may have changed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

from airflow_provider_orgauth.answers.looks import ATTEMPTS_OF_A_LOOK
from airflow_provider_orgauth.client.aio.threads import in_thread
from airflow_provider_orgauth.exceptions import MissingConnectionError, OrgAuthError
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.triggers.waits_gauge import WaitsGauge

if TYPE_CHECKING:
    from airflow_provider_orgauth.triggers.subject import Looker, Planner, Subject

log = logging.getLogger(__name__)

GOOD_FOR_SECONDS = 60.0
"""A change in the UI is noticed after that; and at once where the server refuses what the connection says."""

BETWEEN_READINGS_SECONDS = 5.0
"""A refusal for each of a thousand resources is one change in the connection, or none: it is looked for once."""

ENDED_IN_A_TURN = 50
"""Of all waits: each has a line to log and an event to hand over."""


class LoopConnection:
    """Gives the hook of a connection. Airflow's triggerer answers one question after the other: few are asked.

    :param loop: the running one.
    :param server_of: gives the looks at a server, by its origin.
    """

    def __init__(self, org_conn_id: str, loop: asyncio.AbstractEventLoop, server_of: Callable[[str], Planner]) -> None:
        self.hook = OrgAuthHook(org_conn_id, max_attempts=ATTEMPTS_OF_A_LOOK)
        self.server: Planner
        self.lookers = 0
        self.gauge = WaitsGauge(org_conn_id, loop)
        self.subjects: set[Subject] = set()
        self._loop = loop
        self._server_of = server_of
        self._is_open = False
        self._waiting: dict[Subject, None] = {}  # in the order in which they came
        self._read_at = self._changed_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None
        self._read_at_once: asyncio.Task[None] | None = None
        self._failing: set[asyncio.Task[None]] = set()  # a loop holds its tasks weakly

    def when_open(self, subject: Subject) -> None:
        """Plan the next look at a subject, as soon as it is known which server it is on."""
        if self._is_open:
            self.server.plan(subject)
            return
        self._waiting[subject] = None
        if self._reading is None:
            self._start(self._open())

    async def look_after(self) -> None:
        """Read the connection again where it was last read more than ``GOOD_FOR_SECONDS`` ago.

        :raises OrgAuthError: what it says now cannot work.
        """
        if self._reading is None and self._loop.time() - self._read_at >= GOOD_FOR_SECONDS:
            await asyncio.shield(self._start(self._read_again()))

    async def has_changed_since(self, moment: float, *, is_about_all: bool) -> bool:
        """Return whether the connection says something else than at ``moment``; :attr:`hook` is a new one then.

        :param moment: seconds of the loop's clock, when a request began that was refused.
        :param is_about_all: each further request would be refused as well: it is read at once.
        :raises OrgAuthError: what it says now cannot work.
        """
        if self._read_at < moment:  # of a thousand that are refused at once, one reads it
            if is_about_all and self._read_at_once is None:
                self._read_at_once = self._start(self._read_again())
            reading = self._read_at_once or self._reading or self._start(self._read_after_a_pause())
            await asyncio.shield(reading)
        return self._changed_at >= moment

    async def fail(self, error: OrgAuthError) -> None:
        """End all waits with an error that each of them would meet.

        A server that is told a wrong secret by ten thousand waits, one after the other, locks the client.
        """
        lookers = [looker for subject in self.subjects for looker in subject.lookers]
        for looker in lookers:
            looker.due = float("inf")  # none of them looks while the others are told
        for subject in self.subjects:
            subject.due = float("inf")
        # A task of its own: whose look it was that met the error, is among the first to leave, and ends its look.
        failing = self._loop.create_task(_fail(lookers, error))
        self._failing.add(failing)
        failing.add_done_callback(self._failing.discard)
        await asyncio.shield(failing)

    async def close(self) -> None:
        """Close what is open to the server. What was read stays good for the next wait."""
        await self.hook.aclose()

    def _start(self, reading: Coroutine[None, None, None]) -> asyncio.Task[None]:
        self._reading = task = self._loop.create_task(reading)
        task.add_done_callback(self._was_read)
        return task

    def _was_read(self, reading: asyncio.Task[None]) -> None:
        if self._reading is reading:
            self._reading = None
        if self._read_at_once is reading:
            self._read_at_once = None
        if not reading.cancelled():
            reading.exception()  # it is seen, also where all who waited were cancelled

    async def _open(self) -> None:
        began = self._loop.time()
        error: Exception | None = None
        try:
            await self._use(self.hook)
        except Exception as failure:
            error = failure.with_traceback(None)
        waiting, self._waiting = self._waiting, {}
        if error is None:
            self._read_at, self._is_open = began, True
        for subject in waiting:
            if error is None:
                self.server.plan(subject)
                continue
            for looker in list(subject.lookers):
                # Of a connection that is missing here, the worker may know.
                if isinstance(error, OrgAuthError) and not isinstance(error, MissingConnectionError):
                    looker.fail(error)
                else:
                    looker.give_up(f"the triggerer could not read the connection: {type(error).__name__}")

    async def _read_after_a_pause(self) -> None:
        await asyncio.sleep(max(0.0, self._read_at + BETWEEN_READINGS_SECONDS - self._loop.time()))
        await self._read_again()

    async def _read_again(self) -> None:
        began = self._loop.time()
        try:
            is_up_to_date = await in_thread(self.hook.is_up_to_date)
        except Exception as error:
            log.warning("The connection could not be read again (%s); what it said before holds.", type(error).__name__)
            is_up_to_date = True
        self._read_at = began
        if not is_up_to_date:
            # Requests of the one before may be under way: what it has open is closed when nobody refers to it.
            self.hook = OrgAuthHook(self.hook.org_conn_id, max_attempts=ATTEMPTS_OF_A_LOOK)
            self._changed_at = self._loop.time()
            await self._use(self.hook)

    async def _use(self, hook: OrgAuthHook) -> None:
        self.server = self._server_of(await in_thread(_origin_of, hook))


async def _fail(lookers: list[Looker], error: OrgAuthError) -> None:
    for number, looker in enumerate(lookers, start=1):
        looker.fail(error)
        if number % ENDED_IN_A_TURN == 0:
            await asyncio.sleep(0)


def _origin_of(hook: OrgAuthHook) -> str:
    return hook.origin
