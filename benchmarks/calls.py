"""200 calls of one task on a cold cache: token requests, TCP connections, wall time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import requests
from emulator_process import EmulatorProcess
from figures import Figures, Spread
from token_per_call import TOKEN_URL_VARIABLE, TokenPerCall, fetch_token
from workplace import HTTP_CONN, PROFILE, cold_hook, emulator

CALLS, ROUNDS = 200, 5
OURS, PEER, FLOOR = "OrgAuthHook", "HttpHook, a token per call", "requests.Session, a fixed token"


def measure(root: Path) -> Figures:
    """Let the three take turns."""
    with emulator(root, "calls") as api:
        ways = _ways(api)
        for way in ways.values():
            way(5)  # imports and first connections are not what is measured
        seen: dict[str, list[tuple[float, int, int]]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, way in ways.items():
                seen[name].append(_count(api, way))
    seconds = {name: Spread.of([one[0] for one in rounds]) for name, rounds in seen.items()}
    rows = [
        (name, [one[1] for one in rounds], [one[2] for one in rounds], seconds[name]) for name, rounds in seen.items()
    ]
    per_call = 1000 * (seconds[OURS].median - seconds[FLOOR].median) / CALLS
    return Figures(
        f"{CALLS} calls on a cold cache, {ROUNDS} rounds by turns, the emulator in a process of its own",
        ("way", "token requests", "TCP connections", "seconds: median (lowest to highest)"),
        rows,
        [
            f"OrgAuthHook costs {per_call:.2f} ms per call more than a bare session, its one token request included.",
        ],
        {
            f"{PEER} / {OURS}, seconds": seconds[PEER].median / seconds[OURS].median,
            f"{OURS} / {FLOOR}, seconds": seconds[OURS].median / seconds[FLOOR].median,
        },
    )


def _ways(api: EmulatorProcess) -> dict[str, Callable[[int], None]]:
    from airflow.providers.http.hooks.http import HttpHook

    connection = api.connection()
    os.environ[TOKEN_URL_VARIABLE] = f"{api.url}/oauth2/token"
    fixed = fetch_token(os.environ[TOKEN_URL_VARIABLE], (connection["login"], connection["password"]))

    def ours(calls: int) -> None:
        hook = cold_hook()
        for _ in range(calls):
            hook.run(PROFILE).json()
        hook.get_conn().close()

    def peer(calls: int) -> None:
        hook = HttpHook(method="GET", http_conn_id=HTTP_CONN, auth_type=TokenPerCall)
        for _ in range(calls):
            hook.run(PROFILE).json()

    def floor(calls: int) -> None:
        with requests.Session() as http:
            http.headers["Authorization"] = f"Bearer {fixed}"
            for _ in range(calls):
                http.get(f"{api.url}{PROFILE}", timeout=30).json()

    return {OURS: ours, PEER: peer, FLOOR: floor}


def _count(api: EmulatorProcess, way: Callable[[int], None]) -> tuple[float, int, int]:
    before = api.stats()
    start = time.perf_counter()
    way(CALLS)
    seconds = time.perf_counter() - start
    after = api.stats()
    if (calls := after["api_requests"] - before["api_requests"]) != CALLS:
        raise RuntimeError(f"the emulator saw {calls} calls, not {CALLS}")
    tokens, connections = (after[name] - before[name] for name in ("token_requests", "connections"))
    return seconds, tokens, connections
