"""Whether the bytes that go to a file are one page of a list: seen when all came, before the file has its name."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from airflow_provider_orgauth.exceptions import ResponseError
from airflow_provider_orgauth.oauth.charset import NoText, is_json, utf8_of
from airflow_provider_orgauth.paging.raw import decode
from airflow_provider_orgauth.paging.truncation import sign_in_answer, sign_of_more

if TYPE_CHECKING:
    import requests

LOOKED_AT_BYTES = 8 * 1024 * 1024
"""Bytes of JSON that are looked at: they are held in memory. Of more, and of what is no JSON, only headers are."""


def watched(
    pieces: Iterator[bytes], response: requests.Response, see_sign: Callable[[requests.Response, str], None]
) -> Iterator[bytes]:
    """Yield the pieces of an answer's body.

    :param see_sign: called after the last one with what says that there is more, if anything does.
    """
    kept: bytearray | None = bytearray() if is_json(response.headers.get("Content-Type", "")) else None
    for piece in pieces:
        if kept is not None:
            kept += piece
            if len(kept) > LOOKED_AT_BYTES:
                kept = None
        yield piece
    sign = _sign(bytes(kept or b""), response)
    if sign is not None:
        see_sign(response, sign)


def _sign(content: bytes, response: requests.Response) -> str | None:
    header = response.headers.get
    try:
        answer = decode(utf8_of(content, header("Content-Type", "")).strip()) if content else None
    except (NoText, ResponseError):  # the bytes are the server's, and not ours to judge
        answer = None
    is_reading = (response.request.method or "").upper() == "GET"
    found = sign_in_answer(answer, header, vague=is_reading)
    # How many records came is not known then: a total says nothing.
    return found or sign_of_more(None, header, sys.maxsize)
