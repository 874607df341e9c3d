"""What a broken server does with a request, by the names of ``cells.py``."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

from fault_server import Act, Wire, head, http

from airflow_provider_orgauth.emulator.messages import Answer

PAUSE = 0.05
HTML = b"<!DOCTYPE html><html><title>Sign in</title><p>%s</p></html>"
JSON = ("Content-Type", "application/json")
CHUNKED = head(200, ("Transfer-Encoding", "chunked"))
CHUNK = b"400\r\n" + b"x" * 1024 + b"\r\n"


def _half(wire: Wire) -> bytes:
    answer = wire.answer()
    return http(answer)[: -(len(answer.body) // 2 + 1)]


def _reset_at_once(wire: Wire) -> None:
    wire.reset()


def _lose_the_answer(wire: Wire) -> None:
    wire.answer()
    wire.reset()


def _reset_before_the_body(wire: Wire) -> None:
    wire.send(head(200, JSON, ("Content-Length", "300")))
    wire.reset()


def _reset_in_the_body(wire: Wire) -> None:
    wire.send(_half(wire))
    wire.reset()


def _truncate(wire: Wire) -> None:
    wire.send(_half(wire))


def _stall(wire: Wire) -> None:
    wire.send(_half(wire))
    wire.hold()


def _drip_headers(wire: Wire) -> None:
    wire.drip(b"HTTP/1.1 200 OK\r\nX-Padding: " + 500 * b"x", PAUSE)


def _drip_body(wire: Wire) -> None:
    wire.send(head(200, JSON, ("Content-Length", "500")))
    wire.drip(500 * b" ", PAUSE)


def _continue_without_end(wire: Wire) -> None:
    while wire.send(b"HTTP/1.1 100 Continue\r\n\r\n"):
        wire.server.stopped.wait(PAUSE)


def _headers_without_end(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\n")
    while wire.send(b"X-Padding: x\r\n" * 100):
        pass


def _body_without_end(wire: Wire) -> None:
    wire.send(CHUNKED)
    while wire.send(CHUNK):
        pass


def _gzip_bomb(wire: Wire) -> None:
    wire.reply(Answer(200, _bomb(), (JSON, ("Content-Encoding", "gzip"))))


@cache
def _bomb() -> bytes:
    return gzip.compress(bytes(20_000_000))


def _limited(status: int, headers: Callable[[Wire], dict[str, str]]) -> Act:
    def act(wire: Wire) -> None:
        wire.reply(Answer(status, f"No luck with {wire.echo()}".encode(), tuple(headers(wire).items())))

    return act


def _status(status: int, retry_after: Callable[[Wire], str] | None = None) -> Act:
    def act(wire: Wire) -> None:
        if wire.to_token_endpoint:
            code = "invalid_client" if status == 401 else "temporarily_unavailable"
            body = {"error": code, "error_description": f"No luck with {wire.echo()}"}
        else:
            body = {"error": {"message": f"No luck with {wire.echo()}"}}
        headers = [("Retry-After", retry_after(wire))] if retry_after else []
        wire.reply(Answer(status, json.dumps(body).encode(), (JSON, *headers)))

    return act


def _date(wire: Wire) -> str:
    return datetime.fromtimestamp(wire.server.records.core.now() + 8, UTC).strftime("%a, %d %b %Y %T GMT")


def _html(wire: Wire) -> None:
    said = wire.echo()
    wire.reply(Answer(200, HTML % said.encode(), (("Content-Type", "text/html"),)))


def _empty(wire: Wire) -> None:
    wire.reply(Answer(200))


def _unknown_charset(wire: Wire) -> None:
    answer = wire.answer()
    wire.reply(Answer(answer.status, answer.body, (("Content-Type", "application/json; charset=klingon"),)))


def _wrong_charset(wire: Wire) -> None:
    answer = wire.answer()
    body = b'{"note": "caf\xe9", ' + answer.body[1:]
    wire.reply(Answer(answer.status, body, (("Content-Type", "application/json; charset=utf-8"),)))


def _redirect(wire: Wire, location: str) -> None:
    wire.reply(Answer(308, wire.echo().encode(), (("Location", location),)))


def _redirect_to_itself(wire: Wire) -> None:
    _redirect(wire, wire.target)


def _redirect_to(scheme_and_host: str) -> Act:
    def act(wire: Wire) -> None:
        token = wire.request.headers.get("authorization", "").partition(" ")[2]
        location = f"{scheme_and_host}:{wire.server.elsewhere.port}{wire.target}"
        _redirect(wire, f"{location}{'&' if '?' in location else '?'}access_token={token}")

    return act


def _epoch_seconds(wire: Wire) -> dict[str, str]:
    return {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": f"{wire.server.records.core.now() + 7:.0f}"}


def _epoch_milliseconds(wire: Wire) -> dict[str, str]:
    return {
        "X-Rate-Limit-Remaining-Minute": "0",
        "X-Rate-Limit-Reset-Minute": f"{(wire.server.records.core.now() + 7) * 1000:.0f}",
    }


_RETRY_AFTER: dict[str, Callable[[Wire], str]] = {
    "seconds": lambda wire: "7",
    "a date": _date,
    "nonsense": lambda wire: "soon, -1",
    "a day": lambda wire: "86400",
}

ACTS: dict[str, Act] = {
    "reset before any answer": _reset_at_once,
    "answer lost": _lose_the_answer,
    "reset before the body": _reset_before_the_body,
    "reset in the middle of the body": _reset_in_the_body,
    "truncated body": _truncate,
    "stalled head": Wire.hold,
    "stalled body": _stall,
    "slow drip of headers": _drip_headers,
    "slow drip of the body": _drip_body,
    "endless 100 Continue": _continue_without_end,
    "endless headers": _headers_without_end,
    "endless body": _body_without_end,
    "gzip bomb": _gzip_bomb,
    **{
        f"{status} with Retry-After, {how}": _status(status, value)
        for status in (429, 503)
        for how, value in _RETRY_AFTER.items()
    },
    "403 with Retry-After, seconds": _status(403, _RETRY_AFTER["seconds"]),
    "rate limit, X-RateLimit-Reset": _limited(403, _epoch_seconds),
    "rate limit, X-Rate-Limit-Reset-Minute": _limited(429, _epoch_milliseconds),
    "rate limit, RateLimit": _limited(429, lambda wire: {"RateLimit": '"default";r=0;t=7, "daily";r=9;t=70000'}),
    **{f"{status}": _status(status) for status in (407, 408, 425, 500, 502, 504, 520)},
    "HTML with 200": _html,
    "empty with 200": _empty,
    "unknown charset": _unknown_charset,
    "wrong charset": _wrong_charset,
    "endless redirects": _redirect_to_itself,
    "redirect to another host": _redirect_to("http://localhost"),
    "redirect from https to http": _redirect_to("http://127.0.0.1"),
    "401 storm": _status(401),
    "token expired in a retry wait": _status(429, lambda wire: "50"),
}
