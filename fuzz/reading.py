"""Read a target's values from bytes, in forms that a person can write into a seed."""

from __future__ import annotations


def text(data: bytes) -> str:
    """Return any bytes as text; what is no UTF-8 becomes lone surrogates, which parsers must stand as well."""
    return data.decode("utf-8", "surrogateescape")


def lines(data: bytes, count: int) -> tuple[list[str], bytes]:
    """Return the first ``count`` lines as text, empty where there are fewer, and the bytes after them."""
    parts = data.split(b"\n", count)
    first = [text(part) for part in parts[:count]]
    return first + [""] * (count - len(first)), parts[count] if len(parts) > count else b""


def number(line: str, *, low: int, high: int) -> int:
    """Return the number that ``line`` writes, kept within bounds; the lowest one if it writes none."""
    digits = line.strip()
    value = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else low
    return min(max(value, low), high)
