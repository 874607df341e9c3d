"""The sessions that a hook has for event loops: one for each loop, which all calls on it share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from airflow_provider_orgauth import forks

if TYPE_CHECKING:
    from airflow_provider_orgauth.client.aio.session import AsyncOrgSession
    from airflow_provider_orgauth.client.cancellation import CancelEvent
    from airflow_provider_orgauth.client.session import OrgSession


class LoopSessions:
    """Gives the session of the running event loop.

    :param look_up: returns the session for threads; called in a thread.
    :param stop: ends waits and attempts.
    """

    def __init__(self, look_up: Callable[[], OrgSession], stop: CancelEvent) -> None:
        self._look_up = look_up
        self._stop = stop
        self._open: dict[asyncio.AbstractEventLoop, AsyncOrgSession] = {}
        self._opening: dict[asyncio.AbstractEventLoop, asyncio.Task[AsyncOrgSession]] = {}
        forks.watch(self)

    def after_fork(self) -> None:
        """Begin anew: event loops stay the parent's, with all that is open on them."""
        # Kept, and not used: to close their connections would be to speak over the parent's sockets.
        self._of_parent = self._open, self._opening
        self._open, self._opening = {}, {}

    async def shared(self) -> AsyncOrgSession:
        """Return the running loop's own session, opened: the same for all calls."""
        loop = asyncio.get_running_loop()
        session = self._open.get(loop)
        if session is None:
            opening = self._opening.get(loop)
            if opening is None:
                opening = self._opening[loop] = loop.create_task(self.new())
                opening.add_done_callback(self._opened)
            # Of a thousand calls that begin together one opens it; that one may be cancelled without the others.
            session = await asyncio.shield(opening)
        return session

    async def new(self) -> AsyncOrgSession:
        """Return another session for the running loop, opened."""
        from airflow_provider_orgauth.client.aio.threads import in_thread

        # In a thread: to import aiohttp and requests takes a tenth of a second.
        session = (await in_thread(_session_class))(self._look_up, self._stop)
        return await session.opened()

    async def close(self) -> None:
        """Close the running loop's own session; a later call opens another."""
        loop = asyncio.get_running_loop()
        if loop in self._opening:  # else it would be open from the next moment on
            await asyncio.wait([self._opening[loop]])
        session = self._open.pop(loop, None)
        if session is not None:
            await session.close()

    def _opened(self, opening: asyncio.Task[AsyncOrgSession]) -> None:
        loop = opening.get_loop()
        self._opening.pop(loop, None)  # where it failed, the next call may have more luck
        for closed in [one for one in [*self._open, *self._opening] if one.is_closed()]:
            self._open.pop(closed, None)  # another thread may have been faster
            self._opening.pop(closed, None)
        if not opening.cancelled() and opening.exception() is None:
            self._open[loop] = opening.result()


def _session_class() -> type[AsyncOrgSession]:
    from airflow_provider_orgauth.client import api_errors, request_errors  # noqa: F401  the call's own need them
    from airflow_provider_orgauth.client.aio.session import AsyncOrgSession

    return AsyncOrgSession
