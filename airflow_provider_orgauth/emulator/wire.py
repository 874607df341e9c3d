"""Answers that a well-behaved web framework would not send: cut, stalled, contradictory, or a reset connection."""

from __future__ import annotations

import asyncio
import socket
import struct
from http import HTTPStatus

from airflow_provider_orgauth.emulator.faults import Fault
from airflow_provider_orgauth.emulator.messages import Answer, Pairs

_POLL_SECONDS = 0.02


def reset(transport: asyncio.Transport) -> None:
    """Close with RST: lingering zero seconds makes the kernel drop what is unsent and not say goodbye."""
    peer = transport.get_extra_info("socket")
    if peer is not None:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def send_half(transport: asyncio.Transport, answer: Answer) -> None:
    """Send the head, which promises the whole body, and half of the body."""
    head = _head(answer.status, (*answer.headers, ("Content-Length", str(max(len(answer.body), 2)))))
    transport.write(head + answer.body[: len(answer.body) // 2])


def send_raw(transport: asyncio.Transport, fault: Fault) -> None:
    """Send what the fault says as it says it. A length is added only if nothing says how the body ends."""
    body = fault.body_bytes or b""
    headers = fault.pairs
    if not {"content-length", "transfer-encoding"} & {name.lower() for name, _ in headers}:
        headers = (*headers, ("Content-Length", str(len(body))))
    if all(name.lower() != "connection" for name, _ in headers):
        headers = (*headers, ("Connection", "close"))
    transport.write(_head(fault.status, headers) + body)


async def wait_closed(transport: asyncio.Transport, seconds: float) -> None:
    """Wait until the client has gone, or for so many seconds."""
    end = asyncio.get_running_loop().time() + seconds
    while not transport.is_closing() and asyncio.get_running_loop().time() < end:
        await asyncio.sleep(_POLL_SECONDS)


def _head(status: int, headers: Pairs) -> bytes:
    try:
        reason = HTTPStatus(status).phrase
    except ValueError:
        reason = "Unknown"
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("utf-8")
