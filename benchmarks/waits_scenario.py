"""What is tried, and what came of it: both pass between processes as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MEASURED = "MEASURED "
"""Begins the line with the result."""

TIMEOUT_SECONDS = 5.0
"""For one request, where the peer lets its user say so: a server that hangs is left within a storm."""

MOST_WINDOWS = 4
"""So many times as long is the steady part, at most, for a peer that takes longer to look at everything once."""


@dataclass(frozen=True)
class Scenario:
    """One peer with its waits against one server.

    Args:
        peer: a key of `waits_peers.PEERS`.
        waits: how many.
        interval_seconds: between two polls of one wait.
        first_seconds: how long to wait, at most, until every wait was looked at once.
        window_seconds: of the steady part, at least; it goes on until there was a poll for each wait.
        per_turn: how many waits are created in one turn of the loop; 0: all.
        one_resource: whether all look at the same thing.
        storm: a mode of the server that follows the steady part; "": none.
        storm_seconds: how long it lasts.
        after_seconds: how long to look, after the storm, who polls again.
        open_files: the limit for this process; 0: as many as the machine allows.
    """

    peer: str
    waits: int
    interval_seconds: float
    first_seconds: float = 35.0
    window_seconds: float = 30.0
    per_turn: int = 0
    one_resource: bool = False
    storm: str = ""
    storm_seconds: float = 30.0
    after_seconds: float = 0.0
    open_files: int = 0


@dataclass
class Ticks:
    """The worst that happened between two ticks of 5 ms.

    Args:
        busy_seconds: processor time of the loop's thread: our doing, and nobody else's.
        gap_seconds: by the wall clock, the tick's own 5 ms taken off: the machine's other users count.
    """

    busy_seconds: float = 0.0
    gap_seconds: float = 0.0


@dataclass
class Storm:
    """What a server in trouble got.

    Args:
        requests: all requests during the storm, also for tokens; with refused connections, tries to connect.
        busiest_second: the most in one second.
        ended: waits that ended during the storm.
        again: waits that polled again after it, in the seconds that the scenario gave.
    """

    requests: int = 0
    busiest_second: int = 0
    ended: int = 0
    again: int = 0


@dataclass
class Measured:
    """What one peer cost. Counts are the server's, and begin with the first wait.

    Args:
        first_seconds: until every wait was looked at once; None: not within the scenario's time.
        distinct: how many resources were looked at by then.
        memory_bytes: resident memory that the waits added, once all were looked at.
        polls: requests to the API in the steady window.
        window_seconds: how long that window was.
        cpu_seconds: of this process, all threads, in the window.
        token_requests: in all.
        lookups: how often Airflow was asked for a connection.
        connections: TCP connections that the server accepted.
        open_at_once: the most of them that were open at one time, until the steady window ended.
        lasted_seconds: from the first wait to the last count.
        busiest_second: the most requests in one second of the window.
        ended: waits that ended before the storm, though nothing that they wait for came.
        reasons: what the first of them ended with.
        start: until all waits were looked at once.
        steady: in the window.
        storm: None: there was none.
    """

    first_seconds: float | None = None
    distinct: int = 0
    memory_bytes: int = 0
    polls: int = 0
    window_seconds: float = 0.0
    cpu_seconds: float = 0.0
    token_requests: int = 0
    lookups: int = 0
    connections: int = 0
    open_at_once: int = 0
    lasted_seconds: float = 0.0
    busiest_second: int = 0
    ended: int = 0
    reasons: list[str] = field(default_factory=list)
    start: Ticks = field(default_factory=Ticks)
    steady: Ticks = field(default_factory=Ticks)
    storm: Storm | None = None

    @classmethod
    def of(cls, fields: dict[str, Any]) -> Measured:
        """Return what `dataclasses.asdict` made an object of JSON."""
        storm = fields["storm"]
        made = {"start": Ticks(**fields["start"]), "steady": Ticks(**fields["steady"])}
        return cls(**{**fields, **made, "storm": Storm(**storm) if storm else None})
