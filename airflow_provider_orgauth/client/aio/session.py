"""A session for one server on an event loop: relative paths, a token that is valid now, retries, timeouts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from types import TracebackType
from typing import Any, Self, cast

import requests
from requests.cookies import RequestsCookieJar

from airflow_provider_orgauth.client.aio.admission_control import (
    AsyncAdmissionControl,
    AsyncRateLimit,
    AsyncThrottle,
    Slots,
    Turn,
)
from airflow_provider_orgauth.client.aio.cancellation import LoopCancelEvent
from airflow_provider_orgauth.client.aio.exchange_driver import AsyncExchangeDriver
from airflow_provider_orgauth.client.aio.threads import in_thread
from airflow_provider_orgauth.client.aio.tokens import AsyncTokens
from airflow_provider_orgauth.client.aio.transport import LoopConnections, Timeout
from airflow_provider_orgauth.client.body_rewind import can_rewind
from airflow_provider_orgauth.client.cancellation import CancelEvent
from airflow_provider_orgauth.client.exchange import Asked, exchange
from airflow_provider_orgauth.client.exchange_end import response_of
from airflow_provider_orgauth.client.observed_exchange import ObservedExchange
from airflow_provider_orgauth.client.rate_limit import RateLimit
from airflow_provider_orgauth.client.redirects import legs
from airflow_provider_orgauth.client.retry_policy import RetryPolicy
from airflow_provider_orgauth.client.session import OrgSession
from airflow_provider_orgauth.client.settings import MAX_CONCURRENCY
from airflow_provider_orgauth.client.token_endpoint import Announce
from airflow_provider_orgauth.client.walk_session import WalkSession
from airflow_provider_orgauth.client.watched_body import BodyError

GOOD_FOR_SECONDS = 1.0
"""What is worked out once for many requests: the headers that they share, and what the environment says of proxies."""


class AsyncOrgSession:
    """What :class:`~.session.OrgSession` does, without holding up the event loop.

    ::

        async with hook.async_session() as session:
            response = await session.get("/api/v1/organization/profile")

    Answers are those of ``requests``, their bodies read. Exceptions are those that the session for threads raises. It
    belongs to the loop on which it was made. At most :data:`~.settings.MAX_CONCURRENCY` requests are under way at
    once; the others wait, and take their token after that.

    :param look_up: returns the session for threads, which prepares requests and knows the rules: headers, cookies,
        settings and retries are its own. Called once, in a thread.
    :param stop: ends waits and attempts.
    """

    def __init__(self, look_up: Callable[[], OrgSession], stop: CancelEvent) -> None:
        self._look_up = look_up
        self._stop = stop
        self._is_open = False
        self._opening: asyncio.Task[None] | None = None
        self.connections = LoopConnections()
        self._base: OrgSession
        self._retry: RetryPolicy
        self._preparing: OrgSession
        self._good_until = 0.0
        self._seen: list[int] = []
        self.stop: LoopCancelEvent
        self.tokens: AsyncTokens
        self.slots: Slots
        self.announce: Announce
        self.admission: AsyncAdmissionControl | None

    async def opened(self) -> Self:
        """Look up what is needed before the first request, once; return the session itself."""
        if self._is_open:
            return self
        if self._opening is None:
            self._opening = asyncio.create_task(self._open())
            self._opening.add_done_callback(self._opened)
        await asyncio.shield(self._opening)
        return self

    async def __aenter__(self) -> Self:
        return await self.opened()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def for_walk(self, stop: CancelEvent, max_concurrency: int) -> AsyncOrgSession:
        """Return the same session, opened, for the pages of one list: its requests back off together.

        :param stop: ends its waits and attempts alone.
        """
        walking = copy(self)
        walking._retry = retry = replace(self._retry, cancelled=stop)
        walking._good_until = 0.0
        walking.stop = LoopCancelEvent(stop, retry.sleep)
        rate = self._base.admission
        limit = AsyncRateLimit(rate, walking.stop) if isinstance(rate, RateLimit) else None
        walking.admission = AsyncThrottle(max_concurrency, retry, walking.stop, limit, observer=self._base.observer)
        return walking

    async def close(self) -> None:
        """Close its connections; a later request opens new ones."""
        await self.connections.close()

    async def get(self, url: str, **about: Any) -> requests.Response:
        """Send a GET; see :meth:`request`."""
        return await self.request("GET", url, **about)

    async def options(self, url: str, **about: Any) -> requests.Response:
        """Send an OPTIONS; see :meth:`request`."""
        return await self.request("OPTIONS", url, **about)

    async def head(self, url: str, *, allow_redirects: bool = False, **about: Any) -> requests.Response:
        """Send a HEAD, and follow no redirect, as requests does; see :meth:`request`."""
        return await self.request("HEAD", url, allow_redirects=allow_redirects, **about)

    async def post(self, url: str, data: Any = None, json: Any = None, **about: Any) -> requests.Response:
        """Send a POST; see :meth:`request`."""
        return await self.request("POST", url, data=data, json=json, **about)

    async def put(self, url: str, data: Any = None, **about: Any) -> requests.Response:
        """Send a PUT; see :meth:`request`."""
        return await self.request("PUT", url, data=data, **about)

    async def patch(self, url: str, data: Any = None, **about: Any) -> requests.Response:
        """Send a PATCH; see :meth:`request`."""
        return await self.request("PATCH", url, data=data, **about)

    async def delete(self, url: str, **about: Any) -> requests.Response:
        """Send a DELETE; see :meth:`request`."""
        return await self.request("DELETE", url, **about)

    async def request(
        self,
        method: str,
        url: str,
        *,
        params: Any = None,
        data: Any = None,
        json: Any = None,
        headers: Any = None,
        files: Any = None,
        allow_redirects: bool = True,
        timeout: Timeout = None,
    ) -> requests.Response:
        """Send a request to a path, or to a URL, of the server, and return its answer, whatever its status is.

        :param data: a form as a mapping, or a body as bytes, text, a file or an iterable, also an asynchronous one.
        :param timeout: seconds to connect and seconds to wait for bytes, as one number or a pair; None: the
            connection's.
        :raises requests.RequestException: no answer came, after all attempts.
        :raises OrgAuthError: as :meth:`OrgAuthHook.run` does, but for an error status.
        """
        about = {"params": params, "data": data, "json": json, "headers": headers, "files": files}
        try:
            return await self.answer(method, url, allow_redirects=allow_redirects, timeout=timeout, **about)
        except BodyError as failed:
            error: BaseException = failed.error
        except asyncio.CancelledError as cancelled:
            error = cancelled.with_traceback(None)
        raise error  # out here: it has no context of ours, and no frames, whose variables hold the token

    async def answer(
        self, method: str, url: str, *, allow_redirects: bool = True, timeout: Timeout = None, **about: Any
    ) -> requests.Response:
        """Send a request as :meth:`request` does.

        :param about: ``params``, ``json``, ``data``, ``headers``, ``files`` of a :class:`requests.Request`.
        :raises BodyError: reading its body failed; it holds what that raised.
        """
        await self.opened()
        turn = self.slots.turn()
        try:
            # Before it is prepared: a thousand tasks would do that all at once, and hold up the loop.
            await turn.take()
            session = self._session_now()
            request = session.checked(method, url, **about)
            if not allow_redirects:
                return await self._send_one(session, request, turn, timeout)
            rule = legs(request, session.leads_to, most=session.max_redirects)
            leg = next(rule)
            while True:
                response = await self._send_one(session, leg, turn, timeout)
                try:
                    leg = rule.send(response)
                except StopIteration as last:
                    return cast(requests.Response, last.value)
        finally:
            turn.give_back()

    def _opened(self, opening: asyncio.Task[None]) -> None:
        self._opening = None  # where it failed, the next one may have more luck
        if not opening.cancelled():
            opening.exception()  # it is seen, also where all who waited were cancelled

    async def _open(self) -> None:
        session = await in_thread(self._look_up)
        self.stop = LoopCancelEvent(self._stop, session.retry.sleep)
        self.tokens = AsyncTokens(session.bearer)
        self.slots = Slots(MAX_CONCURRENCY, self.stop)
        self.announce = session.announce
        self.admission = (
            AsyncRateLimit(session.admission, self.stop) if isinstance(session.admission, RateLimit) else None
        )
        self._base, self._retry = session, session.retry
        self._is_open = True

    async def _send_one(
        self, session: OrgSession, request: requests.PreparedRequest, turn: Turn, timeout: Timeout
    ) -> requests.Response:
        driver = AsyncExchangeDriver(
            self,
            request,
            turn,
            timeout=session.timeout if timeout is None else timeout,
            environment=session.merge_environment_settings(request.url or "", {}, None, None, None),
        )
        asked = Asked(request.method or "GET", request.headers, can_rewind(request))
        return response_of(await driver.drive(exchange(asked, session.retry)), request)

    def observed_exchange(self) -> ObservedExchange | None:
        """Return what an observer, if there is one, is told of an exchange by."""
        observer = self._base.observer
        return None if observer is None else ObservedExchange(observer, self._retry)

    @property
    def cookies(self) -> RequestsCookieJar:
        """The cookies of the session for threads, which are those of all."""
        return self._base.cookies

    def _session_now(self) -> OrgSession:
        """Return what prepares requests. What it has worked out for one of them holds for those of the next second."""
        now = time.monotonic()
        seen = list(map(id, vars(self._base).values()))  # which it holds: no other object has one of these
        if now >= self._good_until or seen != self._seen:
            self._preparing = WalkSession(self._base, None, self._retry)
            self._good_until, self._seen = now + GOOD_FOR_SECONDS, seen
        return self._preparing
