"""One process that renews its token again and again, and a line of JSON for each mark that it passes.

`renewals_process.py URL RENEWALS`: of an emulator; the connection to it is in the environment, as is AIRFLOW_HOME.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path
from statistics import median

import requests
from workplace import ORG_CONN, PROFILE

MARKS = (10, 100, 1000)
LAST = 10
"""Renewals before a mark whose median counts."""

LINE = "one line of a log, such as tasks write, with a path in it: /opt/airflow/dags/some_team/a_dag.py:17"
LINES = 50
"""Times that it is masked after each renewal: what a long pattern costs, it costs with each line."""


def renew(url: str, renewals: int) -> None:
    """Make a call, let the server end the token, and so on; print figures at the marks.

    Raises:
        AssertionError: a call was made without a renewal, or a token is not masked in the end.
    """
    from airflow_provider_orgauth.compat import secrets_masker
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

    hook, http = OrgAuthHook(ORG_CONN), requests.Session()
    http.trust_env = False  # loopback: no proxies, no netrc
    masker = secrets_masker()
    tokens, calls, lines = [], [], []
    hook.run(PROFILE)
    for number in range(1, renewals + 1):
        http.post(f"{url}/_revoke", json={}).raise_for_status()
        start = time.process_time()
        hook.run(PROFILE)  # 401, renewed, replayed
        calls.append(time.process_time() - start)
        tokens.append(hook.get_access_token())
        start = time.process_time()
        for _ in range(LINES):
            masker.redact(LINE)
        lines.append((time.process_time() - start) / LINES)
        if number in MARKS:
            figures = {
                "renewals": number,
                "call": median(calls[-LAST:]) * 1e3,
                "line": median(lines[-LAST:]) * 1e6,
                "memory": resident(),
                "patterns": len(masker.patterns),
            }
            print(json.dumps(figures), flush=True)
    if len(set(tokens)) != renewals:
        raise AssertionError("a call without a renewal")
    if masker.redact("\n".join(tokens)) != "\n".join(["***"] * renewals):
        raise AssertionError("a token is not masked")


def resident() -> float:
    """Return this process's resident memory in megabytes."""
    return float(Path("/proc/self/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    renew(sys.argv[1], int(sys.argv[2]))
