"""What holds up attempts on an event loop: the rate limit, the throttle of a walk, a number of slots."""

from __future__ import annotations

import asyncio
from typing import Protocol

from airflow_provider_orgauth.client.admission_control import AttemptOutcome, RetryVerdict
from airflow_provider_orgauth.client.aio.cancellation import LoopCancelEvent
from airflow_provider_orgauth.client.aio.threads import in_thread
from airflow_provider_orgauth.client.observer import Observer
from airflow_provider_orgauth.client.rate_limit import RateLimit
from airflow_provider_orgauth.client.retry_policy import RetryPolicy
from airflow_provider_orgauth.client.throttle_rule import (
    LOOK_INTERVAL_SECONDS,
    AwaitChange,
    LetPass,
    ThrottleRule,
    ThrottleStep,
)


class AsyncAdmissionControl(Protocol):
    """Lets attempts pass, from many tasks of one loop; see :class:`~.admission_control.AdmissionControl`."""

    async def enter(self) -> int | None:
        """Return, when the attempt may be sent, what :meth:`leave` wants to have back; None: stopped while waiting."""

    async def leave(self, entered: int, outcome: AttemptOutcome) -> RetryVerdict:
        """Report how the attempt went. Called for each that was let in, unless it is :meth:`abandoned`."""

    def abandoned(self, entered: int) -> None:
        """Report that nobody will know how the attempt went: its task was cancelled."""


class AsyncRateLimit:
    """The host's rate limit; see :class:`~.rate_limit.RateLimit`. Its file is locked in a thread."""

    def __init__(self, limit: RateLimit, stop: LoopCancelEvent) -> None:
        self._limit = limit
        self._stop = stop

    async def enter(self) -> int | None:
        """Wait until a request may be sent; None: stopped meanwhile."""
        wait = await in_thread(self._limit.reserve)
        if wait > 0:
            self._limit.tell(wait)
            await self._stop.pause(wait)
            if self._stop.is_set:
                return None
        return 0

    async def leave(self, entered: int, outcome: AttemptOutcome) -> RetryVerdict:
        """Count what was sent besides: a replay after a 401."""
        if outcome.requests > 1:
            return await in_thread(self._limit.leave, entered, outcome)
        return RetryVerdict.AS_USUAL

    def abandoned(self, entered: int) -> None:
        """Do nothing: its time is over."""


class AsyncThrottle:
    """Admission control for the requests of one walk, which tasks send; see :class:`~.throttle.Throttle`."""

    def __init__(
        self,
        most: int,
        retry: RetryPolicy,
        stop: LoopCancelEvent,
        rate: AsyncRateLimit | None = None,
        *,
        observer: Observer | None = None,
    ) -> None:
        self._stop = stop
        self._rate = rate
        self._observer = observer
        self._rule = ThrottleRule(most, retry, has_rate=rate is not None)
        self._changed = asyncio.Event()
        stop.call(self._tell)

    async def enter(self) -> int | None:
        """Wait until a request may be sent; None: stopped meanwhile."""
        rule = self._rule.enter()
        outcome: bool | None = None
        try:
            while True:
                try:
                    step = rule.send(outcome)
                except StopIteration as done:
                    number: int | None = done.value
                    return number
                outcome = await self._take(step)
        finally:
            rule.close()

    async def leave(self, entered: int, outcome: AttemptOutcome) -> RetryVerdict:
        """Report how the request went that :meth:`enter` let pass."""
        if self._rate is not None:
            await self._rate.leave(entered, outcome)
        verdict = self._rule.leave(entered, outcome)
        self._tell()
        return verdict

    def abandoned(self, entered: int) -> None:
        """Let another one in its place."""
        self._rule.leave(entered, AttemptOutcome())
        self._tell()

    async def _take(self, step: ThrottleStep) -> bool | None:
        if isinstance(step, AwaitChange):
            await self._change()
            return None
        try:
            if isinstance(step, LetPass):
                if self._observer is not None:
                    self._observer.waiting("throttle", step.seconds)
                await self._stop.pause(step.seconds)
                return None
            return self._rate is not None and await self._rate.enter() is not None
        finally:
            self._loop_soon()

    async def _change(self) -> None:
        try:
            async with asyncio.timeout(LOOK_INTERVAL_SECONDS):
                await self._changed.wait()
        except TimeoutError:
            pass

    def _loop_soon(self) -> None:
        # The rule goes on first: only then is there room for others.
        asyncio.get_running_loop().call_soon(self._tell)

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class Slots:
    """So many requests at once, of one hook and loop: whoever has none waits before it takes a token, not after.

    :param most: requests.
    """

    def __init__(self, most: int, stop: LoopCancelEvent) -> None:
        self._stop = stop
        self._free = asyncio.Semaphore(most)
        self._waiting = 0
        stop.call(self._end)

    def turn(self) -> Turn:
        """Return one that is to be taken."""
        return Turn(self)

    async def take(self) -> bool:
        """Wait for a slot; return False, without one, where the task is being stopped meanwhile."""
        if not self._free.locked():
            await self._free.acquire()
            return True
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        if self._stop.is_set:
            self._free.release()
            return False
        return True

    def give_back(self) -> None:
        """Let another one have it."""
        self._free.release()

    def _end(self) -> None:
        for _ in range(self._waiting):
            self._free.release()  # each finds out that it is being stopped; so does whoever comes later


class Turn:
    """One of the slots, taken or not."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self.is_taken = False

    async def take(self) -> bool:
        """Wait for the slot, unless it is taken; return False where the task is being stopped."""
        self.is_taken = self.is_taken or await self._slots.take()
        return self.is_taken

    def give_back(self) -> None:
        """Give it back, if it is taken."""
        if self.is_taken:
            self.is_taken = False
            self._slots.give_back()
