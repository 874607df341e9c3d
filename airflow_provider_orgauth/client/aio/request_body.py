"""The body of a request, as aiohttp takes it: never read on the event loop, and what reading it raises is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing
from typing import Any

from airflow_provider_orgauth.client.aio.threads import in_thread
from airflow_provider_orgauth.client.watched_body import BodyError, WatchedBody
from airflow_provider_orgauth.exceptions import ConfigurationError

PIECE_BYTES = 64 * 1024
"""Of a long text, or of a file, that are written at once."""

_END = object()


class AsyncBody:
    """One sending of a body.

    :param body: of a prepared request: None, bytes, a text, a file or an iterable.
    :param length: what its header ``Content-Length`` says, if there is one.
    """

    def __init__(self, body: Any, length: str | None) -> None:
        self._length = int(length) if length else -1
        self.when_read: Callable[[bool], None] = lambda _: None
        """Called with False when a piece is being read, which is its owner's time, and with True when it is there."""
        self._reading: asyncio.Future[Any] | None = None
        self._is_over = False
        self._refusal: ConfigurationError | None = None
        self._has_ended: asyncio.Event | None = None  # once it is being sent in pieces
        self._is_whole = False
        self._body = body.encode() if isinstance(body, str) else body
        self._is_async = hasattr(body, "__aiter__")
        self.watched = WatchedBody(body) if self._is_async else WatchedBody.of(self._body)

    @property
    def data(self) -> Any:
        """What aiohttp is given."""
        if self.watched is not None:
            return self._until_its_end(self._of_tasks(self.watched) if self._is_async else self._of_code(self.watched))
        if isinstance(self._body, bytes) and len(self._body) > PIECE_BYTES:
            return self._until_its_end(self._of_bytes(self._body))
        self._is_whole = True
        return self._body

    @property
    def failure(self) -> BodyError | ConfigurationError | None:
        """What reading it raised, or why a piece of it cannot be sent."""
        return self._refusal or (None if self.watched is None else self.watched.failure)

    async def is_sent(self) -> bool:
        """Wait until no more of it is sent, and return whether that was all of it."""
        if self._has_ended is not None:
            await self._has_ended.wait()
        return self._is_whole

    async def let_go(self) -> None:
        """Read no more of it, and wait until nobody does: what it is read from may be sent again."""
        self._is_over = True
        if self._reading is not None and not self._reading.done():
            await asyncio.wait([self._reading])

    async def _until_its_end(self, pieces: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
        length = self._length
        self._has_ended = has_ended = asyncio.Event()
        self.when_read(False)
        try:
            async with aclosing(pieces):
                async for piece in pieces:
                    self.when_read(True)
                    length -= len(piece)
                    self._is_whole = not length  # the server may answer before we find that there is no more
                    yield piece
                    self.when_read(False)
            self._is_whole = True
        except ConfigurationError as refusal:
            self._refusal = refusal
            raise
        finally:
            self.when_read(True)
            has_ended.set()

    async def _of_bytes(self, body: bytes) -> AsyncGenerator[bytes]:
        for start in range(0, len(body), PIECE_BYTES):
            yield body[start : start + PIECE_BYTES]

    async def _of_tasks(self, watched: WatchedBody) -> AsyncGenerator[bytes]:
        with watched.watching():
            pieces = aiter(self._body)  # type: ignore[arg-type]
        while True:
            with watched.watching():
                piece = await anext(pieces, _END)
            if piece is _END:
                return
            if piece:
                yield _bytes(piece)

    async def _of_code(self, body: WatchedBody) -> AsyncGenerator[bytes]:
        pieces = _pieces(body)
        while not self._is_over:
            # Shielded: a thread that reads cannot be stopped, only waited for.
            self._reading = asyncio.ensure_future(in_thread(next, pieces, _END))
            self._reading.add_done_callback(_seen)
            piece = await asyncio.shield(self._reading)
            if piece is _END:
                return
            yield piece
        raise asyncio.CancelledError


def _pieces(body: WatchedBody) -> Iterator[bytes]:
    for piece in _read(body) if hasattr(body, "read") else body:
        if piece:  # in chunks, an empty one would be the end (RFC 9112 section 7.1)
            yield _bytes(piece)


def _bytes(piece: Any) -> bytes:
    if isinstance(piece, str):
        return piece.encode()
    try:
        return memoryview(piece).tobytes()
    except TypeError:
        raise ConfigurationError(
            "request",
            f"cannot be sent: a piece of its body is {type(piece).__name__}",
            advice="Give bytes or texts.",
        ) from None


def _seen(reading: asyncio.Future[Any]) -> None:
    if not reading.cancelled():
        reading.exception()  # whoever sends it has it from the body itself


def _read(body: Any) -> Iterator[Any]:
    while piece := body.read(PIECE_BYTES):
        yield piece
