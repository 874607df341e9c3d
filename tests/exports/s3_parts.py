"""Units of the size of the smallest part that S3 takes."""

from __future__ import annotations

import random

PART = 5 * 1024**2


def part_of(seed: int) -> bytes:
    return random.Random(seed).randbytes(PART)


def cut(sink, data: bytes) -> bytes:
    sink.write(data)
    sink.cut()
    return data
