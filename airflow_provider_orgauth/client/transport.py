"""Connections whose answers are bounded: the head in time, always; the body in time and size, on demand.

A socket's timeout starts anew with each byte. A server that sends a header a byte at a time, or one ``100 Continue``
after the other, could hold a task for ever. So each read gets only what is left of the time for the whole.

A forked child has connections of its own. It closes its copies of the parent's descriptors and writes nothing to them,
not even the closing message of TLS: the parent still uses them.
"""

from __future__ import annotations

import contextlib
import io
import math
import queue
import socket
from functools import cache
from http.client import HTTPException, HTTPResponse, RemoteDisconnected
from typing import Any, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, PoolManager, ProxyManager
from urllib3.connection import HTTPConnection

from airflow_provider_orgauth import forks
from airflow_provider_orgauth.client import client_certificate
from airflow_provider_orgauth.client.read_deadline import ReadDeadline

_SLACK_FRACTION = 0.05
"""The part of the time that may be given away to save a system call per read."""


_READER = "orgauth_reader"
"""The attribute of urllib3's answers that holds their reader."""


class AnswerTooLarge(HTTPException):
    """The answer has more bytes than allowed; an HTTPException, because urllib3 lets nothing else through."""


class BoundedAdapter(HTTPAdapter):
    """A ``requests`` adapter that waits for status line and headers no longer than the read timeout, all in all.

    1xx answers count to that. Retries are ours: urllib3's know no token.
    """

    def __init__(self, *, pool_maxsize: int) -> None:
        super().__init__(max_retries=0, pool_maxsize=pool_maxsize)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools for direct connections."""
        self._pool_arguments = args, kwargs
        self._last_pool: tuple[Any, Any] | None = None
        super().init_poolmanager(*args, **kwargs)
        _bound_all(self.poolmanager)
        forks.watch(self)  # here, since a copy comes through here as well

    def after_fork(self) -> None:
        """Have new pools, also behind proxies."""
        self.proxy_manager: dict[str, ProxyManager] = {}
        args, kwargs = self._pool_arguments
        self.init_poolmanager(*args, **kwargs)

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        """Return the pool of the last request where this one goes to the same place in the same way, as nearly all do.

        The pool manager closes the one that was used least to make room: never this one, as it is asked whenever
        another is wanted.
        """
        where_and_how = (request.url or "").split("/", 3)[:3], verify, cert, dict(proxies or {})
        last = self._last_pool
        if last is None or last[0] != where_and_how:
            pool = super().get_connection_with_tls_context(request, verify, proxies, cert)
            last = self._last_pool = where_and_how, pool
        return last[1]

    def cert_verify(self, conn: Any, url: str, verify: bool | str, cert: Any) -> None:
        """Tell the pool how to verify, and what certificate to show, as requests does.

        :raises ConfigurationError: that one is not there.
        """
        if isinstance(cert, str) and client_certificate.version(cert) is None:
            client_certificate.check(cert)
        super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Close all connections; a later request opens new ones."""
        super().close()
        self._last_pool = None

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> ProxyManager:
        """Return the pools for connections through a proxy, SOCKS included."""
        manager: ProxyManager = super().proxy_manager_for(proxy, **kwargs)
        _bound_all(manager)
        return manager


class BoundedReader(io.RawIOBase):
    """The bytes of one answer as they come from a socket, within a deadline and up to a number.

    :param raw: reads from ``sock``.
    """

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        self._timeout = self._set = sock.gettimeout()
        self.has_ended = False
        """Whether the other side has closed the connection, and that was read."""
        self._most: float
        self._deadline: ReadDeadline | None
        self._at_once: int | None
        self.bound(ReadDeadline(self._timeout))

    def after_fork(self) -> None:
        """Refuse to read on: each byte that the child reads would be missing in the parent."""
        self._timeout = self._set  # left as it is set: both processes share whether the socket blocks
        self._raw.close()
        self._raw = cast("io.RawIOBase", forks.Gone("This answer"))

    def bound(self, deadline: ReadDeadline, *, most: float = math.inf, at_once: int | None = None) -> None:
        """From now on, take no longer than ``deadline`` allows, and no more than ``most`` bytes.

        :param at_once: bytes that one read takes, however many are asked for.
        """
        self._deadline, self._most, self._at_once = deadline, most, at_once

    def release(self) -> None:
        """From now on, have the socket's own timeout only."""
        self._deadline, self._most, self._at_once = None, math.inf, None
        self._set_timeout(self._timeout)

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read once, as :meth:`io.RawIOBase.readinto`.

        :raises TimeoutError: the time is over.
        :raises AnswerTooLarge: there are more bytes than :meth:`bound` allows.
        """
        deadline = self._deadline
        if deadline is None:
            return self._raw.readinto(buffer)
        left = deadline.left()
        if not left <= (self._set or math.inf) <= left + deadline.seconds * _SLACK_FRACTION:
            self._set_timeout(None if left == math.inf else left)
        try:
            count = self._raw.readinto(buffer if self._at_once is None else memoryview(buffer)[: self._at_once])
        except TimeoutError:
            raise deadline.error() from None
        self.has_ended = count == 0
        deadline.received(count or 0)
        self._most -= count or 0
        if self._most < 0:
            raise AnswerTooLarge
        return count

    def close(self) -> None:
        """Leave the socket, which may serve the next request, as it was."""
        if not self.closed:
            with contextlib.suppress(OSError):
                self._set_timeout(self._timeout)
            self._raw.close()
        super().close()

    def _set_timeout(self, seconds: float | None) -> None:
        if seconds != self._set:
            self._sock.settimeout(seconds)
            self._set = seconds


class _BoundedResponse(HTTPResponse):
    """An answer whose head, or a proxy's to CONNECT, has to come within the timeout that the socket has now.

    ``begin``, ``fp`` and ``msg`` are in no documentation of ``http.client``. There is no other way to bound a head:
    it is read in there, a line at a time.
    """

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.reader = BoundedReader(self.fp.detach(), sock)
        self.fp = io.BufferedReader(self.reader)

    def begin(self) -> None:
        """Read up to the end of the headers of the first answer that is final (RFC 9110 section 15.2)."""
        self._begin_whole()
        while 101 < self.status < 200:
            self.headers = self.msg = None  # type: ignore[assignment]
            self._begin_whole()
        self.reader.release()

    def _begin_whole(self) -> None:
        # http.client takes the end of the connection for the end of the headers: missing ones would go unnoticed. A
        # complete head ends with an empty line, before the reader comes to the connection's end.
        super().begin()
        if self.reader.has_ended:
            raise RemoteDisconnected("")


class _BoundedConnection(HTTPConnection):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._reader: BoundedReader | None = None
        forks.watch(self)

    def after_fork(self) -> None:
        """Leave what is under way to the parent; after another ``close``, this connection can be used again."""
        if self._reader is not None:
            self._reader.after_fork()
        if self.sock is not None:
            self.sock.close()
            self.sock = cast("socket.socket", forks.Gone("This request"))

    def connect(self) -> None:
        """Connect.

        :raises ConfigurationError: the client's certificate cannot be shown. To urllib3, that is a server in trouble.
        """
        if path := getattr(self, "cert_file", None):
            client_certificate.check(path)
        super().connect()

    def response_class(self, *args: Any, **kwargs: Any) -> HTTPResponse:  # type: ignore[override]
        """Make an answer: ``http.client`` calls what has this name, a class of its own elsewhere."""
        answer = _BoundedResponse(*args, **kwargs)
        self._reader = answer.reader
        return answer

    def getresponse(self) -> Any:
        """Return urllib3's answer, with the reader of its bytes beside it for :func:`reader_of`."""
        try:
            response: Any = super().getresponse()
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            # The head cannot be parsed. By its class, the exception would pass for a mistake in the request.
            raise HTTPException(type(error).__name__) from None
        setattr(response, _READER, self._reader)
        return response


def reader_of(raw: Any) -> BoundedReader | None:
    """Return what reads the bytes of an answer of urllib3's; None: it came over no connection of ours."""
    reader: BoundedReader | None = getattr(raw, _READER, None)
    return reader


class _IdleConnections(queue.LifoQueue[Any]):
    """The connections of a pool that wait for a request."""

    def __init__(self, maxsize: int) -> None:
        super().__init__(maxsize)
        forks.watch(self)

    def after_fork(self) -> None:
        """Be empty. The connections themselves are watched, too."""
        super().__init__(self.maxsize)


def _bound_all(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {scheme: _bounded(pool) for scheme, pool in manager.pool_classes_by_scheme.items()}


@cache
def _bounded(pool: type[HTTPConnectionPool]) -> type[HTTPConnectionPool]:
    """Return that kind of pool, for HTTP, HTTPS or SOCKS, with connections of ours."""
    kind: Any = pool.ConnectionCls
    if issubclass(kind, _BoundedConnection):
        return pool
    connection = type(f"Bounded{kind.__name__}", (_BoundedConnection, kind), {})
    # ConnectionCls is documented, QueueCls is not: a pool's own queue would keep its lock in a child.
    ours = {"ConnectionCls": connection, "QueueCls": _IdleConnections}
    return type(f"Bounded{pool.__name__}", (pool,), ours)
