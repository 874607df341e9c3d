"""40 threads that need a token at the same moment, and nobody has one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from emulator_process import EmulatorProcess
from figures import Figures, Spread
from workplace import ORG_CONN, PROFILE, cold_hook, emulator

if TYPE_CHECKING:
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

THREADS, ROUNDS = 40, 5


def measure(root: Path) -> Figures:
    """Start all threads behind a barrier; each makes one call."""
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

    def one_hook() -> list[OrgAuthHook]:
        return [cold_hook()] * THREADS

    def own_hooks() -> list[OrgAuthHook]:
        return [cold_hook(), *(OrgAuthHook(ORG_CONN) for _ in range(THREADS - 1))]

    rows = []
    with emulator(root, "threads") as api:
        for name, make in (("one hook for all", one_hook), ("a hook for each thread", own_hooks)):
            rounds = [_round(api, make) for _ in range(ROUNDS)]
            tokens, connections = ([one[index] for one in rounds] for index in (1, 2))
            rows.append((name, tokens, connections, Spread.of([one[0] for one in rounds])))
    return Figures(
        f"{THREADS} threads of one process, one call each, on a cold cache, {ROUNDS} rounds",
        ("threads have", "token requests", "TCP connections", "seconds: median (lowest to highest)"),
        rows,
    )


def _round(api: EmulatorProcess, make: Callable[[], list[OrgAuthHook]]) -> tuple[float, int, int]:
    hooks = make()
    together = threading.Barrier(THREADS)

    def call(hook: OrgAuthHook) -> None:
        together.wait(timeout=30)
        hook.run(PROFILE).json()

    before = api.stats()
    start = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(call, hooks, timeout=60))
    seconds = time.perf_counter() - start
    after = api.stats()
    tokens, connections = (after[name] - before[name] for name in ("token_requests", "connections"))
    return seconds, tokens, connections
