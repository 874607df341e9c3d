"""Read the body of an answer within bounds: a number of bytes, counted after decoding, and a least speed."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any

import requests
from urllib3 import BaseHTTPResponse

from airflow_provider_orgauth.client import errors_from_requests
from airflow_provider_orgauth.client.content_coding import refuse_cut
from airflow_provider_orgauth.client.read_deadline import MIN_BYTES, ReadDeadline
from airflow_provider_orgauth.client.response_content import is_read, keep
from airflow_provider_orgauth.client.transport import AnswerTooLarge, reader_of
from airflow_provider_orgauth.oauth.charset import charset_of

MAX_BODY_BYTES = 256 * 1024 * 1024
"""Bytes of an answer that are held in memory. What is larger is for ``stream=True``, piece by piece."""

SKIM_BYTES = 64 * 1024
"""Bytes of an answer that are read only so that its connection can be used again."""

_PIECE_BYTES = 1024 * 1024
"""Bytes to ask a socket for. It gives what has come; asked for less, the threads of a walk would take more turns."""

_PACKED_PIECE_BYTES = 32 * 1024
"""Bytes of a compressed body that are read from a socket at once: before 2.6, urllib3 decompresses all that it got, to
up to a thousand times as much. It returns that in pieces as large as of other bodies: it copies the rest for each."""


class NoBody(HTTPException):
    """Bytes keep coming, and none of them is part of the body."""


def first_of(response: requests.Response, most: int, *, deadline: ReadDeadline) -> bytes:
    """Return the body of an answer that was asked for with ``stream=True``, or its first ``most`` bytes.

    :raises requests.RequestException, urllib3.exceptions.HTTPError: it broke off, is broken, or comes too slowly.
    """
    body = bytearray()
    for piece in _pieces(response, deadline, wanted=most):
        body += piece
        if len(body) >= most:
            break
    return bytes(body[:most])


def read_body(response: requests.Response, *, timeout: float | None) -> None:
    """Read the body into ``response.content``, as ``requests`` does without ``stream=True``, but within bounds.

    :param timeout: seconds for each ``MIN_BYTES`` bytes.
    :raises AnswerTooLarge: it is longer than ``MAX_BODY_BYTES``: a small answer may unpack to a very large one.
    :raises requests.RequestException, urllib3.exceptions.HTTPError: it broke off, is broken, or comes too slowly.
    """
    if is_read(response):
        return  # by a user's response hook
    pieces, left = [], MAX_BODY_BYTES
    # Compression and chunks may make a body longer on the wire, but only an attacker makes it twice as long.
    for piece in _pieces(response, ReadDeadline(timeout, least=MIN_BYTES), most=2 * MAX_BODY_BYTES):
        pieces.append(piece)
        left -= len(piece)
        if left < 0:
            response.close()
            raise AnswerTooLarge
    received(response, b"".join(pieces))


def received(response: requests.Response, content: bytes) -> None:
    """Let ``response.content`` be what was read."""
    keep(response, content)
    # ``response.text`` and ``response.json()`` decode with it.
    response.encoding = charset_of(content, response.headers.get("Content-Type", ""))


def body_pieces(response: requests.Response, *, timeout: float | None) -> Iterator[bytes]:
    """Yield the decoded body as it comes, however long it is.

    :param timeout: seconds for each ``MIN_BYTES`` bytes; those that the caller takes from piece to piece do not count.
    :raises requests.RequestException, urllib3.exceptions.HTTPError, HTTPException: as :func:`read_body`.
    """
    try:
        yield from _pieces(
            response, ReadDeadline(timeout, least=MIN_BYTES), most=2 * MAX_BODY_BYTES, most_is_of_a_piece=True
        )
    except errors_from_requests.NETWORK_ERRORS as error:
        if not errors_from_requests.is_too_much(error):
            raise
    else:
        return
    raise NoBody  # out here, without a context: ``is_too_much`` would find the former error there


def skim(response: requests.Response, *, timeout: float | None) -> None:
    """Read the body of an answer that is not used, to free its connection. A long, slow or broken one is no error."""
    if is_read(response):
        return
    try:
        content = first_of(response, SKIM_BYTES, deadline=ReadDeadline(timeout))
    except errors_from_requests.NETWORK_ERRORS:
        content = b""
    response.close()  # before it counts as read: a connection with half an answer in it must not be used again
    keep(response, content)


def seconds_of(timeout: Any) -> float | None:
    """Return the seconds to wait for bytes, of a timeout as ``requests`` takes it: a number, or a pair."""
    seconds = timeout[-1] if isinstance(timeout, tuple) else timeout
    return seconds if isinstance(seconds, int | float) else None


def _pieces(
    response: requests.Response,
    deadline: ReadDeadline,
    *,
    most: float = math.inf,
    most_is_of_a_piece: bool = False,
    wanted: float = math.inf,
) -> Iterator[bytes]:
    """Yield the decoded body as it comes.

    :param most: bytes that may come from the socket: all in all, or for each piece that is yielded.
    :param wanted: bytes that the caller takes, about.
    """
    # The bounds are the socket's, because one read of a body can take any number of reads of the socket: chunk
    # sizes, trailers and empty compressed blocks give no byte of the body. Only a user's own session, with our auth,
    # has other connections.
    reader = reader_of(response.raw)
    at_once = _PACKED_PIECE_BYTES if response.headers.get("Content-Encoding") else None
    if reader is not None:
        reader.bound(deadline, most=most, at_once=at_once)
    size = _PIECE_BYTES if reader is not None or at_once is None else at_once
    for piece in _as_it_comes(response, int(min(size, wanted))):
        if reader is None:
            deadline.received(len(piece))
            try:
                deadline.left()
            except TimeoutError as error:
                raise requests.exceptions.ReadTimeout from error
        handed_over = time.monotonic()
        yield piece
        deadline.excuse(time.monotonic() - handed_over)
        if most_is_of_a_piece and reader is not None:
            reader.bound(deadline, most=most, at_once=at_once)


def _as_it_comes(response: requests.Response, size: int) -> Iterator[bytes]:
    if isinstance(response.raw, BaseHTTPResponse):
        # read1 gives what has come; read would wait for all that was asked for.
        while piece := response.raw.read1(size, decode_content=True):
            yield piece
        refuse_cut(response.raw)
    elif response.raw is not None:  # from a user's own adapter, for example in a test
        yield from response.iter_content(size)
