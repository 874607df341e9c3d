"""One token for a fleet: 100 tasks on two workers that share nothing but Airflow, over several expiries."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from secret_search import SecretSearch

from airflow_provider_orgauth.emulator import running_emulator

pytestmark = pytest.mark.fleet

DAG_ID, TASKS = "orgauth_fleet", 100
LIFETIME, MARGIN = 12, 3
"""Seconds: what the server promises, and how long before its end a token is not used any more."""
STRICT = {
    "token_lifetime": LIFETIME,
    # A spent refresh token that comes again is then the only reason to refuse one.
    "refresh_lifetime": 3600,
    "rotation": "new",
    "revoke_family": True,
    "rate_limit": 0,
}
"""A refresh token works once, and one that comes a second time takes the whole family down."""
EARLIEST = LIFETIME - MARGIN - 0.1 * LIFETIME
"""Seconds before which nobody has a reason to renew a token: its last tenth before the margin begins here."""
PER_LIFETIME = 1.5
"""Token requests per lifetime that still count as one token for the fleet."""
COLLISIONS = 1
"""Two hosts may renew at one moment where the machine holds one up. Without the lease they did 3 times in 14."""
MOST_RUNS = 8
"""More of them until a refresh token was used: only the host that received one has it; which host renews is chance."""
TABLES = ("connection", "variable", "xcom", "task_instance", "rendered_task_instance_fields", "log")


@dataclass
class Flown:
    """A run that has ended, and what was counted.

    ``issued``: epoch seconds, when the server issued each token. ``ended``: when the last task did. ``in_all``: as
    ``stats``, with the runs after it.
    """

    airflow: Any
    run_id: str
    state: str
    stats: dict[str, Any]
    in_all: dict[str, Any]
    issued: list[float]
    ended: float
    secrets: SecretSearch

    @property
    def lifetimes(self) -> float:
        """How many tokens a fleet needs that uses each from its issue to the margin before its end."""
        return (self.ended - self.issued[0]) / (LIFETIME - MARGIN)

    @property
    def gaps(self) -> list[float]:
        """Seconds from each token to the next."""
        return [later - earlier for earlier, later in pairwise(self.issued)]

    @property
    def figures(self) -> str:
        gaps = ", ".join(f"{gap:.1f}" for gap in self.gaps)
        return (
            f"{TASKS} tasks, from the first token on {self.ended - self.issued[0]:.0f} s:"
            f" {self.lifetimes:.1f} lifetimes of {LIFETIME} - {MARGIN} s\n"
            f"token requests: {self.stats['token_requests']} {self.stats['token_requests_by_grant']}"
            f" {self.stats['token_requests_by_outcome']}; seconds between them: {gaps}\n"
            f"API requests: {self.stats['api_requests_by_status']};"
            f" tasks on each worker: {[len(worker.task_logs()) for worker in self.airflow.workers]}"
        )


@pytest.fixture(scope="module")
def flown(fleet):
    with running_emulator(**STRICT) as emulator:
        fleet.put_connection(
            "orgauth_default",
            conn_type="orgauth",
            host=emulator.url,
            login=emulator.client_id,
            password=emulator.client_secret,
            extra=json.dumps({"expiry_margin": MARGIN}),
        )
        run_id = fleet.trigger(DAG_ID)
        state = fleet.wait(DAG_ID, run_id, timeout=400)
        (last,) = fleet.query("SELECT max(end_date) AS ended FROM task_instance WHERE run_id = ?", run_id)
        stats, tokens = emulator.stats(), emulator._core.tokens
        issued = [token.expires_at - LIFETIME for token in emulator._run(lambda: dict(tokens._access)).values()]
        in_all = stats
        for _ in range(MOST_RUNS):
            if "refresh_token" in in_all["token_requests_by_grant"]:
                break
            fleet.wait(DAG_ID, fleet.trigger(DAG_ID), timeout=400)
            in_all = emulator.stats()
        search = SecretSearch()
        search.add_client("client secret", emulator.client_id, emulator.client_secret)
        for value in emulator._run(lambda: [*tokens._access, *tokens._refresh]):
            search.add("token", value)
        yield Flown(fleet, run_id, state, stats, in_all, issued, last["ended"].timestamp(), search)


def test_every_task_succeeds_at_its_first_try(flown, capsys):
    with capsys.disabled():
        print(f"\n{flown.figures}")
    states = flown.airflow.task_states(DAG_ID, flown.run_id)
    tries = flown.airflow.task_tries(DAG_ID, flown.run_id)
    odd = {task: (state, tries[task]) for task, state in states.items() if (state, tries[task]) != ("success", 1)}

    assert odd == {}, "\n".join(error for worker in flown.airflow.workers for error in worker.errors())
    assert flown.state == "success"
    assert len(states) == TASKS
    assert flown.stats["api_requests_by_status"]["200"] == TASKS


def test_token_requests_are_as_many_as_lifetimes(flown):
    assert len(flown.issued) >= 4, "too fast: hardly anything has expired"
    assert flown.stats["token_requests"] <= math.ceil(PER_LIFETIME * flown.lifetimes)
    assert len([gap for gap in flown.gaps if gap < EARLIEST]) <= COLLISIONS, flown.gaps


def test_no_refresh_token_came_twice_and_no_family_was_revoked(flown):
    assert flown.in_all["token_requests_by_grant"]["refresh_token"] > 0
    assert flown.in_all["token_requests_by_outcome"] == {"issued": flown.in_all["token_requests"]}


def test_the_workers_are_hosts_of_their_own(flown):
    for worker in flown.airflow.workers:
        assert len(worker.task_logs()) >= TASKS / 4
        assert list(worker.tmp.glob("airflow-orgauth-*/*.lock"))


def test_no_secret_in_any_file_of_a_worker(flown):
    for worker in flown.airflow.workers:
        everything = worker.dump_everything()
        # DEBUG it was: urllib3 logged its requests. Which worker asked for the tokens is chance, all called the API.
        assert b'"GET /' in everything.replace(b"\\", b"")
        assert flown.secrets.found(everything) == []


def test_no_secret_in_the_database_and_the_other_logs(flown):
    rows = {table: flown.airflow.query(f'SELECT * FROM "{table}"') for table in TABLES}

    assert len(rows["xcom"]) >= TASKS
    assert {row["key"].rpartition("_")[0] for row in rows["variable"]} >= {"orgauth_shared", "orgauth_token_key"}
    assert flown.secrets.found(json.dumps(rows, default=str)) == []
    assert flown.secrets.found(flown.airflow.dump_everything()) == []
