"""Both drivers: bodies, headers and cookies, as they are sent."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

from drivers import Ask, Row
from hostile_server import http
from row_servers import (
    BACKOFF,
    GOOD,
    OK,
    in_session,
    post,
    raw,
    run,
    status,
)


def pieces() -> Iterator[bytes]:
    yield b"ab"
    yield b"cde"


def failing() -> Iterator[bytes]:
    yield b"ab"
    raise LookupError("mine")


def odd() -> Iterator[Any]:
    yield "text"


def fresh(**about: Callable[[], Any]) -> tuple[Ask, ...]:
    return (Ask("run", "/x", lambda: {"method": "POST", **{name: make() for name, make in about.items()}}),)


BODIES = [
    Row("JSON", raw(OK), post(json={"a": "\u00e9", "b": [1, None]}), (GOOD,)),
    Row("a form", raw(OK), post(json=None, data={"a": "1 2", "b": ["x", "y"]}), (GOOD,)),
    Row("pairs", raw(OK), post(json=None, data=[("a", "1"), ("a", "2")]), (GOOD,)),
    Row("bytes", raw(OK), post(json=None, data=b"\x00\xff"), (GOOD,)),
    Row("text", raw(OK), post(json=None, data="caf\u00e9"), (GOOD,)),
    Row("an empty body", raw(OK), post(json=None, data=b""), (GOOD,)),
    Row("no body", raw(OK), post(json=None), (GOOD,)),
    Row("a file", raw(OK), fresh(data=lambda: io.BytesIO(b"x" * 70_000)), (GOOD,)),
    Row(
        "a file, busy once",
        raw(status("429 X"), OK),
        fresh(data=lambda: io.BytesIO(b"x" * 7000)),
        (GOOD,),
        2,
        waits=BACKOFF[:1],
        said=("429",),
    ),
    Row("a file after 401", raw(status("401 X"), OK), fresh(data=lambda: io.BytesIO(b"x" * 7000)), ("200",), 2, 2),
    Row("a generator", raw(OK), fresh(data=pieces), (GOOD,)),
    Row("a generator, busy", raw(status("429 X"), OK), fresh(data=pieces), ("^ApiRateLimitedError",)),
    Row("a generator after 401", raw(status("401 X"), OK), fresh(data=pieces), ("^ApiUnauthorizedError",), 1, 2),
    Row("a generator that fails", raw(OK), fresh(data=failing), ("^LookupError: mine",), None, is_sent_alike=False),
    Row("a generator of no bytes", raw(OK), fresh(data=odd), ("^(ConfigurationError: |200)",), None),
    Row(
        "files",
        raw(OK),
        fresh(files=lambda: {"f": ("n.txt", io.BytesIO(b"abc"), "text/plain")}, data=lambda: {"a": "1"}),
        (GOOD,),
    ),
    Row("JSON that is none", raw(OK), post(json={"a": object()}), ("^ConfigurationError: request: .*object",), 0, 0),
    Row(
        "a header that HTTP cannot carry",
        raw(OK),
        run(headers={"X": "a\r\nb"}),
        ("^ConfigurationError: headers",),
        0,
        0,
    ),
    Row(
        "headers",
        raw(OK),
        run(headers={"X-One": "1", "User-Agent": "me", "Accept": "text/csv"}),
        (GOOD,),
        extra={"headers": {"X-Two": "a second one"}},
    ),
    Row("params", raw(OK), run("/a%20b/%C3%A9?x=1", params={"q": ["1", "2 3"], "n": None, "b": True}), (GOOD,)),
    Row("an endpoint elsewhere", raw(OK), run("http://127.0.0.1:1/x"), ("^ForeignOriginError: ",), 0, 0),
    Row(
        "cookies",
        raw(http(b"[]", "Set-Cookie: a=1; Path=/", "Set-Cookie: b=2; Path=/y", "Set-Cookie: c=3"), OK),
        (*run(), *run("/y"), *run("/x")),
        ("200", "200", "200"),
        3,
    ),
    Row(
        "cookies on the way",
        raw(status("302 Moved", "Location: /y", "Set-Cookie: a=1; Path=/"), OK),
        run(),
        ("302 > 200",),
        2,
    ),
    Row("cookies in a session", raw(http(b"[]", "Set-Cookie: a=1; Path=/"), OK), in_session() * 2, ("200", "200"), 2),
    Row(
        "the answer's own",
        raw(http(b"caf\xe9", "X-One: 1", "x-one: 2", "Set-Cookie: a=1", status="203 Mine")),
        (
            Ask(
                "run",
                "/x?q=1",
                {},
                lambda one: (
                    one.content,
                    one.reason,
                    one.encoding,
                    one.url,
                    dict(one.headers),
                    dict(one.cookies),
                    one.ok,
                    one.is_redirect,
                    one.links,
                    one.request.method,
                    one.raw.status,
                ),
            ),
        ),
        (r"^203 .*Mine",),
    ),
]


# Pages
