"""What an export may cost: each bound with what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from math import isinf
from statistics import median
from typing import TYPE_CHECKING, Any

from exports_ways import AIOHTTP_16, FILE_16, FILE_DEFAULT, HTTP_OPERATOR, LOOP, OURS, RECORDS

if TYPE_CHECKING:
    from exports_run import Run

Runs = Mapping[str, "Mapping[int, Run]"]
"""By way and turn."""

MOST_MEGABYTES, MOST_GROWTH = 48.0, 8.0
DEFAULT_CONCURRENCY, HIGH_CONCURRENCY = 8, 16


@dataclass(frozen=True)
class Bound:
    """One measured figure and its limit.

    Args:
        name: what is compared.
        value: what was measured.
        limit: what it may be.
        at_least: the value must not be below the limit; else not above it.
        remark: how far to trust it.
    """

    name: str
    value: float
    limit: float
    at_least: bool = False
    remark: str = ""

    @property
    def met(self) -> bool:
        """Whether the value keeps to the limit."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def __str__(self) -> str:
        """One line, the verdict first."""
        verdict = "met    " if self.met else "NOT met"
        sign = ">=" if self.at_least else "<="
        remark = f"  ({self.remark})" if self.remark else ""
        return f"{verdict}  {self.name}: {_number(self.value)}, bound {sign} {_number(self.limit)}{remark}"

    def as_json(self) -> dict[str, Any]:
        """All fields and the verdict."""
        return {**asdict(self), "met": self.met}


def latency_bounds(runs: Runs) -> list[Bound]:
    """Bounds on runs with 50 ms of latency."""
    if FILE_16 not in runs:
        return []
    return [
        _ratio("50 ms", runs, FILE_16, AIOHTTP_16, 1.15),
        _ratio("50 ms", runs, HTTP_OPERATOR, FILE_16, 12, at_least=True),
        *_counts("50 ms", runs),
    ]


def local_bounds(runs: Runs) -> list[Bound]:
    """Bounds on runs without latency."""
    if FILE_DEFAULT not in runs:
        return []
    return [_ratio("no latency", runs, FILE_DEFAULT, LOOP, 0.75), *_counts("no latency", runs)]


def memory_bounds(runs: Mapping[str, Mapping[int, list[Run]]]) -> list[Bound]:
    """Bounds on runs by way and number of pages: the highest peak of each counts."""
    found = []
    for way, by_size in runs.items():
        peaks = {size: max(run.measured.memory for run in some) / 1e6 for size, some in by_size.items()}
        least, most = min(peaks), max(peaks)
        found += [
            Bound(f"{most} pages: MB above idle, {way}", peaks[most], MOST_MEGABYTES),
            Bound(f"{most} pages: MB more than at {least}, {way}", peaks[most] - peaks[least], MOST_GROWTH),
        ]
    return found


def _ratio(where: str, runs: Runs, above: str, below: str, limit: float, *, at_least: bool = False) -> Bound:
    """Divide turn by turn, and take the median: who else used the machine then, slowed both."""
    seconds = {way: {turn: run.measured.seconds for turn, run in runs[way].items()} for way in (above, below)}
    quotients = [seconds[above][turn] / seconds[below][turn] for turn in seconds[above] if turn in seconds[below]]
    lowest = min(seconds[above].values()) / min(seconds[below].values())
    remark = (
        f"median of {len(quotients)} turns, {_number(min(quotients))} to {_number(max(quotients))}; "
        f"of the lowest times: {_number(lowest)}"
    )
    return Bound(f"{where}: {above} / {below}", median(quotients), limit, at_least, remark)


def _counts(where: str, runs: Runs) -> Iterator[Bound]:
    ours = {way: list(runs[way].values()) for way in OURS}
    every = [run for some in ours.values() for run in some]
    yield Bound(f"{where}: token requests of one export, ours", max(run.token_requests for run in every), 1)
    yield Bound(f"{where}: connection look-ups, ours", max(run.measured.lookups for run in every), 1)
    for limit, ways in ((DEFAULT_CONCURRENCY, (RECORDS, FILE_DEFAULT)), (HIGH_CONCURRENCY, (FILE_16,))):
        most = max(run.connections for way in ways for run in ours[way])
        yield Bound(f"{where}: TCP connections at max_concurrency={limit}, ours", most, limit)


def _number(value: float) -> str:
    return f"{value:,.0f}" if isinf(value) or value == int(value) else f"{value:.2f}"
