"""From the records of a page to lines of JSON (https://jsonlines.org): one record per line, as it came."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from airflow_provider_orgauth.paging.raw import Raw, check_json

RecordChange = Callable[[Raw], Raw]

# A string, or white space that is in none.
_STRING_OR_SPACE = re.compile(rb'("(?:[^"\\]|\\.)*+")|[ \t\r\n]+')


def lines_of(records: Sequence[Raw], change: RecordChange | None = None, *, on_one_line: bool = False) -> bytes:
    """Return the lines of ``records``, each with its line feed.

    :param change: done to each record first.
    :param on_one_line: no record has a line break in it, so that none need be looked for.
    :raises ResponseError: a record is no JSON.
    """
    if not records:
        return b""
    changed = records if change is None else [change(record) for record in records]
    lines = b"\n".join(changed)
    # Only white space between values can hold a line break: a server that writes for the eye.
    if not on_one_line and (lines.count(b"\n") != len(records) - 1 or b"\r" in lines):
        lines = b"\n".join(map(_on_one_line, changed))
    return lines + b"\n"


def _on_one_line(record: Raw) -> bytes:
    try:
        return msgspec.json.format(memoryview(record), indent=-1)
    except (msgspec.DecodeError, RecursionError):  # half a surrogate pair, or nested deep
        check_json(record)  # to write again what is in it would round its numbers
        return _STRING_OR_SPACE.sub(rb"\1", bytes(memoryview(record)))
