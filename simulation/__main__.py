"""``python -m simulation``: one hour of a large fleet, under several circumstances, as a table."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from random import Random

from simulation.fleet import Fleet
from simulation.plan import Plan

HOUR = 3600.0


def _sometimes_slow(random: Random) -> float:
    """Mostly 20 to 50 ms; one in fifty takes up to five seconds, as an API server does that is short of threads."""
    return random.uniform(0.02, 0.05) if random.random() > 0.02 else random.uniform(0.05, 5.0)


def _one_in_twenty_off(random: Random) -> float:
    return random.choice((-300.0, 300.0)) if random.random() < 0.05 else 0.0


_ELSEWHERE = {"token_elsewhere": True, "signs": True}
SCENARIOS: Mapping[str, Mapping[str, object]] = {
    "all start at once, cold": {},
    "refresh leaves the old access token alone": {"refresh_kills_access": False},
    "Variables are sometimes slow (up to 5 s)": {"variable": _sometimes_slow},
    "token requests take 1 to 6 s": {"token_request": lambda random: random.uniform(0.5, 3.0)},
    "one worker in a thousand dies at each step of a renewal": {"dies": 0.001},
    "one host in twenty has a clock five minutes off": {"clock_error": _one_in_twenty_off},
    "each host's clock jumps by up to five minutes, three times": {"jumps_every": HOUR / 3},
    "processes pause for 1 to 60 s at one step of a renewal in a hundred": {"pauses": 0.01},
    "whole hosts do": {"pauses": 0.01, "stops": "host"},
    "virtual machines do, and their clocks": {"pauses": 0.01, "stops": "machine"},
    "one write in ten lands twice, up to two minutes later": {"repeats": 0.1},
    "each minute an old text is put back, or one deleted": {"meddles_every": 60.0},
    "Variables are read up to 5 s late": {"stale": lambda random: random.uniform(0.0, 5.0)},
    "the client has two good secrets": {"secrets": 2},
    "tokens come from another server, and the client signs": _ELSEWHERE,
    "the same, and refresh leaves the old access token alone": {**_ELSEWHERE, "refresh_kills_access": False},
    "the same, and one worker in a thousand dies at each step of a renewal": {**_ELSEWHERE, "dies": 0.001},
    "the same, and answers to one token request in ten are lost": {**_ELSEWHERE, "loses": 0.1},
    "the same, and one host in twenty has a clock five minutes off": {**_ELSEWHERE, "clock_error": _one_in_twenty_off},
}
HEADER = (
    "circumstances",
    "token requests per lifetime",
    "revoked families",
    "failed calls",
    "older token over newer",
    "dead token handed out",
    "longest wait for a token (s)",
    "reads of the shared token per warm worker and token",
    "assertions refused, sent twice",
)


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description="Simulate a fleet for one hour of virtual time.")
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=10_000, help="in all")
    parser.add_argument("--lifetime", type=float, default=300.0, help="of a token, in seconds")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    per_host = max(1, arguments.workers // arguments.hosts)
    print(
        f"{arguments.hosts * per_host:,} workers on {arguments.hosts:,} hosts, one hour, tokens for "
        f"{arguments.lifetime:g} s, every refresh token good for one use, seed {arguments.seed}\n"
    )
    print("|", " | ".join(HEADER), "|")
    print("|", " | ".join("---" for _ in HEADER), "|")
    for name, circumstances in SCENARIOS.items():
        began = time.perf_counter()
        plan = Plan(arguments.hosts, per_host, lifetime=arguments.lifetime, **circumstances)  # type: ignore[arg-type]
        fleet = Fleet(plan, seed=arguments.seed)
        result = fleet.run(HOUR)
        lifetimes = HOUR / arguments.lifetime
        renewals = fleet.result.counts["saved tokens"]
        row = (
            name,
            f"{fleet.server.requests.total() / lifetimes:.2f}",
            fleet.server.revoked_families,
            f"{result.counts['failed calls']} of {result.counts['calls']:,}",
            result.counts["older over newer"],
            result.counts["dead handed out"],
            f"{result.longest_wait:.1f}",
            f"{result.counts['warm reads'] / (plan.hosts * per_host) / renewals:.2f}",
            f"{result.counts['refused assertions']}, {fleet.assertions.sent_twice}" if plan.signs else "",
        )
        print("|", " | ".join(map(str, row)), f"| <!-- {time.perf_counter() - began:.0f} s -->", flush=True)


if __name__ == "__main__":
    main()
