"""One token for a fleet: 100 tasks on two workers that share nothing but Airflow, over several expiries."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

import pytest
from secret_search import SecretSearch

from airflow_provider_orgauth.emulator import running_emulator

pytestmark = pytest.mark.fleet

TASKS = 100
LIFETIME, MARGIN = 12, 3
"""Seconds: what the server promises, and how long before its end a token is not used any more."""
STRICT = {
    "token_lifetime": LIFETIME,
    "refresh_lifetime": 3600,
    "rotation": "new",
    "revoke_family": True,
    "rate_limit": 0,
}
"""A refresh token works once, and one that comes a second time takes the whole family down."""


@dataclass
class Flown:
    """A run that has ended, and the figures of it."""

    airflow: Any
    run_id: str
    state: str
    stats: dict[str, Any]
    secrets: SecretSearch
    seconds: float

    @property
    def lifetimes(self) -> float:
        """How many tokens a fleet needs that uses each one from its issue to the margin before its end."""
        return max(1.0, self.seconds / (LIFETIME - MARGIN))


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
        run_id = fleet.trigger("orgauth_fleet")
        state = fleet.wait("orgauth_fleet", run_id, timeout=400)
        (took,) = fleet.query(
            "SELECT EXTRACT(EPOCH FROM max(end_date) - min(start_date)) AS seconds FROM task_instance WHERE run_id = ?",
            run_id,
        )
        yield Flown(fleet, run_id, state, emulator.stats(), _secrets(emulator), float(took["seconds"]))


def _secrets(emulator):
    search = SecretSearch()
    search.add_client("client secret", emulator.client_id, emulator.client_secret)
    tokens = emulator._core.tokens
    for value in emulator._run(lambda: [*tokens._access, *tokens._refresh]):
        search.add("token", value)
    return search


def test_every_task_succeeds_at_its_first_try(flown):
    states = flown.airflow.task_states("orgauth_fleet", flown.run_id)

    assert flown.state == "success", states
    assert list(states.values()) == TASKS * ["success"]
    assert set(flown.airflow.task_tries("orgauth_fleet", flown.run_id).values()) == {1}
    assert flown.stats["api_requests_by_status"]["200"] == TASKS


def test_token_requests_are_as_many_as_lifetimes(flown, capsys):
    asked = flown.stats["token_requests"]
    with capsys.disabled():
        print(
            f"\n{TASKS} tasks in {flown.seconds:.0f} s = {flown.lifetimes:.1f} lifetimes of {LIFETIME} - {MARGIN} s:"
            f" {asked} token requests {flown.stats['token_requests_by_grant']},"
            f" {flown.stats['token_requests_by_outcome']}, API {flown.stats['api_requests_by_status']},"
            f" tasks per worker {[len(worker.task_logs()) for worker in flown.airflow.workers]}"
        )

    assert flown.lifetimes >= 3, "too fast: nothing has expired"
    assert asked >= flown.seconds / LIFETIME - 1
    assert asked <= math.ceil(1.5 * flown.lifetimes)


def test_no_refresh_token_came_twice_and_no_family_was_revoked(flown):
    assert flown.stats["token_requests_by_outcome"] == {"issued": flown.stats["token_requests"]}


def test_both_workers_had_work_in_folders_of_their_own(flown):
    ran = [len(worker.task_logs()) for worker in flown.airflow.workers]

    assert sum(ran) == TASKS
    assert min(ran) >= TASKS / 4
    assert all(list(worker.tmp.glob("airflow-orgauth-*/*.lock")) for worker in flown.airflow.workers)


def test_no_secret_in_any_file_of_a_worker(flown):
    for worker in flown.airflow.workers:
        everything = worker.dump_everything()
        assert b"POST /oauth2/token" in everything  # DEBUG it was: urllib3 logged its requests
        assert flown.secrets.found(everything) == []
