"""Both drivers: connections that break, and answers that are none."""

from __future__ import annotations

import gzip
from typing import Any

from drivers import Row
from hostile_server import Answer, http
from row_servers import (
    BACKOFF,
    GOOD,
    OK,
    closing,
    held,
    post,
    raw,
    reset,
    run,
    trickle,
)

LOST = "^ApiConnectionError: No answer from the API. GET http://127.0.0.1:PORT/x: "


def lost(name: str, answer: bytes | Answer, why: str, **extra: Any) -> Row:
    """A row whose GET is sent twice, and whose second answer is as the first."""
    return Row(
        name, raw(answer, max_attempts=2, **extra), run(), (why,), 2, waits=BACKOFF[:1], said=("WARNING GET /x: ",)
    )


def lost_post(name: str, answer: bytes | Answer, **extra: Any) -> Row:
    return Row(f"a POST: {name}", raw(answer, **extra), post(), ("^ApiConnectionError: ",))


GZIPPED = gzip.compress(b'{"ok": 1}', mtime=0)
CODED = "Content-Encoding: gzip"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

NETWORK = [
    lost("closed before the head", reset, LOST + "the server closed the connection"),
    lost_post("closed before the head", reset),
    lost("closed in the head", closing(b"HTTP/1.1 200 OK\r\nX: "), LOST),
    lost("closed in the body", closing(OK[:-3]), LOST + "the answer broke off"),
    lost_post("closed in the body", closing(OK[:-3])),
    lost("closed in a chunk", closing(CHUNKED + b"9\r\nabc"), LOST + "the answer broke off"),
    lost("closed between chunks", closing(CHUNKED + b"3\r\nabc\r\n"), LOST + "the answer broke off"),
    lost(
        "a chunk's size is none",
        lambda peer: (peer.send(CHUNKED + b"3\r\nabc\r\n"), peer.stop.wait(0.1), closing(b"zz\r\nabc\r\n")(peer)),
        LOST + "the answer broke off",
    ),
    lost("not HTTP", closing(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), LOST + "the answer is not valid HTTP"),
    lost_post("not HTTP", closing(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")),
    lost("a head that is no head", closing(b"HTTP/1.1 abc OK\r\n\r\n"), LOST + "the answer is not valid HTTP"),
    lost("no head in time", held, LOST + "no answer within 0.3 s", timeout=0.3),
    lost_post("no head in time", held, timeout=0.3),
    lost("a body that trickles", trickle, LOST + "the answer trickles", timeout=0.3),
    lost(
        "a body that does not begin",
        lambda peer: (peer.send(OK[:-9]), held(peer)),
        LOST + "no answer within 0.3 s",
        timeout=0.3,
    ),
    lost("gzip that is none", http(b"no gzip at all", CODED), LOST + "the answer's content encoding is broken"),
    lost("gzip that is cut", http(GZIPPED[:-9], CODED), LOST),
    Row("gzip", raw(http(GZIPPED, CODED)), run(), (GOOD,)),
    Row("chunks", raw(CHUNKED + b'9\r\n{"ok": 1}\r\n0\r\n\r\n'), run(), (GOOD,)),
    Row(
        "until the connection ends",
        raw(closing(b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"ok": 1}')),
        run(),
        (GOOD,),
    ),
    Row(
        "an error in gzip",
        raw(http(gzip.compress(b'{"error": {"message": "Why"}}', mtime=0), CODED, status="404 No")),
        run(),
        ("^ApiError: .*Why",),
    ),
    Row("a coding that is unknown", raw(http(b'{"ok": 1}', "Content-Encoding: made-up")), run(), (GOOD,)),
    Row("broken, then whole", raw(closing(OK[:-3]), OK), run(), (GOOD,), 2, waits=BACKOFF[:1], said=("broke off",)),
]
