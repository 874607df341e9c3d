"""Connections of an event loop: sends a prepared request with aiohttp, and makes of its answer one of requests.

An answer's head has to come in time, and its body in pace and size, as over the connections of :mod:`~.transport`.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import weakref
from collections.abc import AsyncGenerator
from datetime import timedelta
from functools import lru_cache, partial
from typing import Any

import aiohttp
import requests
from requests.utils import select_proxy
from yarl import URL

from airflow_provider_orgauth.client import response_body
from airflow_provider_orgauth.client.aio.request_body import AsyncBody
from airflow_provider_orgauth.client.aio.response import LoopResponse, packed
from airflow_provider_orgauth.client.aio.threads import in_thread
from airflow_provider_orgauth.client.aio.tls import TlsContexts
from airflow_provider_orgauth.client.read_deadline import MIN_BYTES, ReadDeadline
from airflow_provider_orgauth.client.settings import MAX_CONCURRENCY
from airflow_provider_orgauth.client.transport import AnswerTooLarge
from airflow_provider_orgauth.exceptions import ConfigurationError

MAX_HEAD_BYTES = 64 * 1024
"""Of a line of an answer's head, as http.client has it."""

UNPACKED_ON_THE_LOOP_BYTES = 8 * 1024
"""Of a compressed body; what is longer may unpack to so much that a thread does it."""

LOOK_SECONDS = 0.5
"""After which it is looked whether there is still a connection from which a body can come."""

FIRST_REDIRECT_STATUS = 300

Timeout = float | tuple[float | None, float | None] | None
"""Seconds to wait for the connection and for bytes: one number for both, or a pair, as requests takes it."""


class LoopConnections:
    """The connections that one event loop has to one server and its proxies."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._keeper: AsyncGenerator[None] | None = None
        self._tls = TlsContexts()

    async def send(
        self, request: requests.PreparedRequest, body: AsyncBody, *, timeout: Timeout, environment: dict[str, Any]
    ) -> tuple[LoopResponse, aiohttp.ClientResponse]:
        """Send it once and return its answer, whose body is not read yet.

        :param environment: ``verify``, ``cert`` and ``proxies``, as requests found them.
        :raises BodyError: reading its body failed.
        :raises aiohttp.ClientError, OSError: no answer came.
        """
        session = await self._opened()
        seconds_to_connect, seconds = timeout if isinstance(timeout, tuple) else (timeout, timeout)
        proxies = environment["proxies"]
        proxy = select_proxy(request.url or "", proxies) if proxies else None
        is_tls = "https" in f"{request.url}{proxy or ''}"
        ssl = await self._tls.of(environment["verify"], environment["cert"]) if is_tls else True
        start = time.perf_counter()
        async with asyncio.timeout(_head_seconds(seconds_to_connect, seconds)) as deadline:
            body.when_read = partial(_reschedule, deadline, seconds)
            try:
                answer = await session.request(
                    request.method or "GET",
                    URL(request.url or "", encoded=True),
                    headers=_headers(request),
                    data=body.data,
                    allow_redirects=False,
                    proxy=_proxy_url(proxy),
                    ssl=ssl,
                    timeout=_to_connect(seconds_to_connect),
                )
                await _sent_whole(body, answer)
            except Exception:
                if body.failure is None:
                    raise
        if body.failure is not None:
            raise body.failure  # out here: it has no context of ours
        response = LoopResponse(request, answer)
        response.elapsed = timedelta(seconds=time.perf_counter() - start)
        return response, answer

    async def receive(
        self, response: requests.Response, answer: aiohttp.ClientResponse, *, timeout: float | None
    ) -> None:
        """Read the body into ``response.content``, within the bounds of :func:`~.response_body.read_body`.

        :param timeout: seconds for each ``MIN_BYTES`` bytes.
        :raises AnswerTooLarge: it is longer than ``response_body.MAX_BODY_BYTES``.
        :raises aiohttp.ClientError, OSError, requests.RequestException, urllib3.exceptions.HTTPError: it broke off, is
            broken, or comes too slowly.
        """
        try:
            body = await _read(answer, ReadDeadline(timeout, least=MIN_BYTES), most=2 * response_body.MAX_BODY_BYTES)
            if not answer.headers.get("Content-Encoding"):
                if len(body) > response_body.MAX_BODY_BYTES:
                    raise AnswerTooLarge
                response_body.received(response, body)
                return
            response.raw = packed(response, body)
            if len(body) > UNPACKED_ON_THE_LOOP_BYTES:
                await in_thread(_unpack, response)
            else:
                _unpack(response)
        finally:
            answer.close()  # of one that was read to its end, the connection is free already

    async def close(self) -> None:
        """Close all connections."""
        keeper, self._keeper, self._session = self._keeper, None, None
        if keeper is not None:
            await keeper.aclose()

    async def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=MAX_CONCURRENCY),
                cookie_jar=aiohttp.DummyCookieJar(),  # cookies are those of the hook's session
                auto_decompress=False,  # with the bounds and the ends that response_body.py keeps an eye on
                skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent", "Content-Type"),
                max_line_size=MAX_HEAD_BYTES,
                max_field_size=MAX_HEAD_BYTES,
            )
            # When to send again is decided in exchange.py; there is no public way to say that to aiohttp.
            session._retry_connection = False
            self._session, self._keeper = session, _keep(session)
            await anext(self._keeper)
            # And where this is forgotten before that, the loop closes them meanwhile.
            weakref.finalize(self, _close_on, asyncio.get_running_loop(), self._keeper).atexit = False
        return self._session


async def _keep(session: aiohttp.ClientSession) -> AsyncGenerator[None]:
    # An event loop ends its asynchronous generators before it closes: so nobody has to close a hook.
    try:
        yield
    finally:
        await session.close()


def _close_on(loop: asyncio.AbstractEventLoop, keeper: AsyncGenerator[None]) -> None:
    def close() -> None:
        tasks.add(task := loop.create_task(keeper.aclose()))
        task.add_done_callback(tasks.discard)

    tasks: set[asyncio.Task[None]] = set()  # the loop itself holds them weakly
    with contextlib.suppress(RuntimeError):  # it is closed, and has closed them
        loop.call_soon_threadsafe(close)


async def _sent_whole(body: AsyncBody, answer: aiohttp.ClientResponse) -> None:
    """Wait until the body has been sent. A redirect or an error is an answer to whatever has come of it.

    :raises aiohttp.ServerDisconnectedError: the server took no more, and says that all went well.
    """
    is_good = body.failure is None
    try:
        if is_good and answer.status < FIRST_REDIRECT_STATUS:
            is_good = False
            is_good = await body.is_sent()
    finally:
        if not is_good:
            answer.close()
    if not is_good:
        raise aiohttp.ServerDisconnectedError


async def _read(answer: aiohttp.ClientResponse, deadline: ReadDeadline, *, most: int) -> bytes:
    pieces: list[bytes] = []
    content = answer.content
    while not content.at_eof():
        piece = content.read_nowait() or await _next_piece(answer, deadline)
        deadline.received(len(piece))
        most -= len(piece)
        if most < 0:
            raise AnswerTooLarge
        pieces.append(piece)
    return b"".join(pieces)


async def _next_piece(answer: aiohttp.ClientResponse, deadline: ReadDeadline) -> bytes:
    while True:
        try:
            async with asyncio.timeout(min(deadline.left(), LOOK_SECONDS)):
                return await answer.content.readany()
        except TimeoutError as error:
            if (piece := answer.content.read_nowait()) or answer.content.at_eof():
                return piece  # it came at that very moment
            deadline.left()  # or the time is over
            # Where aiohttp cannot read on, as with a chunk size that is no number, it closes the connection and tells
            # nobody who waits for a body.
            transport = None if answer.connection is None else answer.connection.transport
            if transport is None or transport.is_closing():
                raise aiohttp.ClientPayloadError from error


async def skimmed(answer: aiohttp.ClientResponse, *, timeout: float | None) -> bytes:
    """Return a short body that nobody wants to have, or nothing where it is long, slow or broken."""
    try:
        return await _read(answer, ReadDeadline(timeout), most=response_body.SKIM_BYTES)
    except (aiohttp.ClientError, OSError, AnswerTooLarge):
        return b""
    finally:
        answer.close()


def _unpack(response: requests.Response) -> None:
    response_body.read_body(response, timeout=None)  # nothing is waited for: it has come


@lru_cache(maxsize=16)
def _to_connect(seconds: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, sock_connect=seconds)


def _headers(request: requests.PreparedRequest) -> list[tuple[str, str]]:
    headers = [(_text(name), _text(value)) for name, value in request.headers.items()]
    # aiohttp writes that one itself, and takes no other.
    return [header for header in headers if header[0].lower() != "transfer-encoding"]


def _text(value: str | bytes) -> str:
    if type(value) is str and value.isascii():  # nearly all are
        return value
    # aiohttp writes a text in UTF-8, and takes no bytes: so a text that is to be sent in Latin-1 cannot be sent.
    try:
        if isinstance(value, bytes):
            return value.decode()
        return value if value.isascii() else value.encode("ascii").decode()
    except UnicodeError:
        raise ConfigurationError(
            "headers",
            "holds a value that is neither ASCII nor bytes in UTF-8, and aiohttp sends no other",
            advice="Give it as bytes in UTF-8, or call in a thread: hook.run.",
        ) from None


def _proxy_url(proxy: str | None) -> URL | None:
    if not proxy:
        return None
    if "://" in proxy and not proxy.lower().startswith(("http://", "https://")):
        raise ConfigurationError(
            "HTTPS_PROXY",
            "is a SOCKS proxy, or none, and a call on an event loop takes only an HTTP proxy",
            advice="Name an HTTP proxy, or call in a thread: hook.run, hook.paginate.",
        )
    return URL(proxy if "://" in proxy else f"http://{proxy}")


def _head_seconds(to_connect: float | None, to_wait: float | None) -> float | None:
    return None if to_wait is None else to_wait + (to_wait if to_connect is None else to_connect)


def _reschedule(deadline: asyncio.Timeout, seconds: float | None, is_read: bool) -> None:
    """Wait for the head from the last piece of the body on; while one is being read, the server is not slow."""
    if seconds is not None and not deadline.expired():
        deadline.reschedule(asyncio.get_running_loop().time() + seconds if is_read else None)
