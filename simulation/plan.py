"""What a fleet is like, what befalls it, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Literal, get_args

Amount = Callable[[Random], float]
"""Draws an amount at random: mostly of seconds."""

Stops = Literal["process", "host", "machine"]
"""What a pause stops: one process (SIGSTOP); all of its host; or a virtual machine, together with its clocks."""

Meddling = Literal["token", "lease", "either", "backup", "delete token", "delete lease", "delete both"]
"""What somebody does to the Variables behind the fleet's back.

A text that a process once wrote is put there again: of the token, of the lease, of both (``either``), each from a time
of its own. A ``backup`` puts back both as they were at one time. The rest deletes.
"""


@dataclass(frozen=True)
class Plan:
    """A fleet and its circumstances; all times are seconds.

    :param call_every: mean time between two calls of one worker.
    :param start_within: all workers start in this time.
    :param process_per_call: each call is made by a process of its own, as each try of a task is.
    :param token_elsewhere: the token endpoint is on another server than the API: a 401 tells nothing of its clock.
    :param signs: the client signs an assertion for each token request (``private_key_jwt``).
    :param secrets: how many good secrets the client has; workers have one or the other in turn.

    :param variable: how long a read or write of a Variable takes.
    :param token_request: how long a token request takes.
    :param loses: the probability that the answer to a token request never comes.
    :param lease_fails: the probability that the lease cannot be read, or that a write of it is no sure success.
    :param away: from when until when no Variable can be read or written.
    :param dies: the probability that a worker is killed at a step of a renewal; another takes its place.

    :param pauses: the probability of a pause before a step of a renewal takes effect, and again before its outcome is
        known.
    :param pause: how long it is.
    :param stops: what it stops.
    :param repeats: the probability that what is written to a Variable lands there a second time.
    :param repeated_after: how much later.
    :param meddles_every: mean time between two acts of those who meddle; 0: nobody does.
    :param meddling: what they do.
    :param stale: how old a value is that a read gives.
    :param stale_on_host: how old the values are that a host reads; drawn once for each.

    :param clock_error: how wrong a host's clock is.
    :param jumps_every: mean time between two jumps of a host's clock; 0: it never jumps.
    :param jump: how wrong it is after one.
    """

    hosts: int
    workers_per_host: int
    lifetime: float = 300.0
    margin: float = 30.0
    call_every: float = 30.0
    start_within: float = 0.0
    process_per_call: bool = False
    token_elsewhere: bool = False
    signs: bool = False
    secrets: int = 1
    refresh_kills_access: bool = True

    variable: Amount = lambda random: random.uniform(0.015, 0.05)
    token_request: Amount = lambda random: random.uniform(0.05, 0.3)
    loses: float = 0.0
    lease_fails: float = 0.0
    away: tuple[float, float] = (0.0, 0.0)
    dies: float = 0.0

    pauses: float = 0.0
    pause: Amount = lambda random: random.uniform(1.0, 60.0)
    stops: Stops = "process"
    repeats: float = 0.0
    repeated_after: Amount = lambda random: random.uniform(0.1, 120.0)
    meddles_every: float = 0.0
    meddling: tuple[Meddling, ...] = get_args(Meddling)
    stale: Amount = lambda _: 0.0
    stale_on_host: Amount = lambda _: 0.0

    clock_error: Amount = lambda _: 0.0
    jumps_every: float = 0.0
    jump: Amount = lambda random: random.uniform(-300.0, 300.0)


@dataclass
class Result:
    """What happened.

    Of the ``counts`` there must never be any of:

    ``failed calls``
        A call that got no token, or one that the server does not know, twice in a row.
    ``dead handed out``
        A renewal gave a token that had run out, though one had been saved that is good for longer than the margin.
    ``older over newer``
        A process put a token over one that the server issued later. Counted apart is what nobody can avoid who cannot
        compare and swap: that one was put there ``between look and write``; or a claim was written over unseen, and
        its generation with it (``after an unseen claim``). So is ``older over one asked for late``, by who had the
        turn before, was paused, and asked for it when the next one was at it.
    """

    counts: Counter[str] = field(default_factory=Counter)
    longest_wait: float = 0.0
