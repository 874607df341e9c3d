"""What devices measure: history by the minute, and values that are written to them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from heapq import merge
from itertools import islice

from airflow_provider_orgauth.emulator import data
from airflow_provider_orgauth.emulator.devices import Call
from airflow_provider_orgauth.emulator.messages import Answer, ApiError, json_answer, json_object
from airflow_provider_orgauth.emulator.paging import number, window

MINUTE_MILLISECONDS = 60_000
DAY_MILLISECONDS = 24 * 60 * MINUTE_MILLISECONDS
_PINS = {pin: pin for _, pin, _ in data.DATA_STREAMS}
_PINS_BY_ID = {stream: pin for stream, pin, _ in data.DATA_STREAMS}


def history(call: Call) -> Answer:
    """``GET /device/datastream/history``: a page of ``{createdAt, value}``, oldest first.

    A device measures at each full minute from its activation to now; ``from`` and ``to`` (epoch milliseconds, both
    included) are the last day unless they say otherwise.
    """
    device, pin = call.device, _pin(call.request.param("pin"))
    now = int(call.now * 1000)
    last = min(number(call.request, "to", now), now)
    first = max(number(call.request, "from", max(0, last - DAY_MILLISECONDS)), device["activatedAt"])
    offset, size = window(call.request, call.settings)
    measured = range(-(-first // MINUTE_MILLISECONDS) * MINUTE_MILLISECONDS, last + 1, MINUTE_MILLISECONDS)
    written = call.organization.written.get((device["id"], pin), [])
    written = written[bisect_left(written, first, key=_when) : bisect_right(written, last, key=_when)]
    seed = call.organization.seed
    # None stands for a value to measure. Only the asked slice is measured: a year is half a million values.
    times: list[tuple[int, object]] = [(at, None) for at in measured[offset : offset + size]]
    if written:
        times = list(islice(merge(((at, None) for at in measured), written, key=_when), offset, offset + size))
    content = [
        {"createdAt": at, "value": data.reading(seed, device["id"], pin, at) if value is None else value}
        for at, value in times
    ]
    return json_answer({"content": content, "totalElements": len(measured) + len(written)})


def write_value(call: Call) -> Answer:
    """``POST /device/datastream``: 204, and the device has the value from now on."""
    device, body = call.device, json_object(call.request.body)
    stream, value = body.get("dataStreamId"), body.get("value")
    if value is None:
        raise ApiError(400, "Field value is required.")
    pin = _PINS_BY_ID.get(stream) if isinstance(stream, int) else None
    if pin is None:
        raise ApiError(404, "Data stream is not found.")
    call.organization.written.setdefault((device["id"], pin), []).append((int(call.now * 1000), value))
    return Answer(204)


def _pin(text: str | None) -> str:
    if not text:
        raise ApiError(400, "Parameter pin is required.")
    pin = text.upper()
    pin = pin if pin.startswith("V") else f"V{pin}"
    if pin not in _PINS:
        raise ApiError(404, "Data stream is not found.")
    return pin


def _when(row: tuple[int, object]) -> int:
    return row[0]
