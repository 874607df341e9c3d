"""One table of what servers do, through both drivers: the same outcome, requests, waits and messages."""

from __future__ import annotations

import gc
import re

import driver_rows
import pytest
from drivers import Observed, Row, observed

DRIVERS = ("requests", "aiohttp")


@pytest.fixture(scope="module", autouse=True)
def _without_what_others_left():
    """What other tests' event loops have left says so in the log when it is collected: before the first row."""
    gc.collect()


def faults(row: Row, seen: Observed) -> list[str]:
    """Say what is not as the row says it."""
    found = []
    found += [f"came {len(seen.came)}"] if len(seen.came) != len(row.came) else []
    found += [came for came, wanted in zip(seen.came, row.came, strict=False) if not re.search(wanted, came, re.DOTALL)]
    found += [f"requests {seen.requests}"] if row.requests not in (None, len(seen.requests)) else []
    found += [f"tokens {seen.tokens}"] if seen.tokens != row.tokens else []
    is_as_long = len(seen.waits) == len(row.waits)
    if not is_as_long or not all(a <= wait <= b for wait, (a, b) in zip(seen.waits, row.waits, strict=True)):
        found.append(f"waits {seen.waits}")
    is_as_long = len(seen.said) == len(row.said)
    if not is_as_long or not all(re.search(one, line) for line, one in zip(seen.said, row.said, strict=True)):
        found.append(f"said {seen.said}")
    found += [f"{text} in sight" for text in row.absent if text in f"{seen.came} {seen.said}"]
    return found


def differences(row: Row, one: Observed, other: Observed) -> list[str]:
    """Say where two drivers differ. A wait until a whole second is shorter by what the answer took."""
    found = [
        f"{name}: {getattr(one, name)} != {getattr(other, name)}"
        for name in ("came", "tokens", "said", *(("requests", "sent") if row.is_sent_alike else ()))
        if getattr(one, name) != getattr(other, name)
    ]
    if one.waits != pytest.approx(other.waits, abs=1.1):
        found.append(f"waits: {one.waits} != {other.waits}")
    return found


@pytest.mark.parametrize("row", driver_rows.ROWS, ids=lambda row: row.name)
def test_both_do_what_the_row_says_and_the_same(row, tmp_path, clockwork):
    seen = {}
    for driver in DRIVERS:
        folder = tmp_path / driver
        folder.mkdir()
        seen[driver] = observed(row, driver, folder, type(clockwork)())
    found = {driver: wrong for driver in DRIVERS if (wrong := faults(row, seen[driver]))}

    assert (found, differences(row, *seen.values())) == ({}, [])
