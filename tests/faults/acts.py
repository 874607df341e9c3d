"""What a broken server does with a request, by the names of ``cells.py``."""

from __future__ import annotations

from fault_server import Act, Wire, head, http


def _half(wire: Wire) -> bytes:
    answer = wire.answer()
    whole = http(answer)
    return whole[: len(whole) - len(answer.body) // 2 - 1]


def _reset_before_the_body(wire: Wire) -> None:
    wire.send(head(200, ("Content-Type", "application/json"), ("Content-Length", "300")))
    wire.reset()


def _reset_in_the_body(wire: Wire) -> None:
    wire.send(_half(wire))
    wire.reset()


def _truncate(wire: Wire) -> None:
    wire.send(_half(wire))


def _stall(wire: Wire) -> None:
    wire.send(_half(wire))
    wire.hold()


ACTS: dict[str, Act] = {
    "reset before the body": _reset_before_the_body,
    "reset in the middle of the body": _reset_in_the_body,
    "truncated body": _truncate,
    "stalled body": _stall,
}
