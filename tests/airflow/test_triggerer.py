"""Waits in real triggerers: they end well, survive ``kill -9``, are not doubled, are counted, and hold no secret."""

from __future__ import annotations

import json
import os
import random
import sys
import time
from pathlib import Path

import pytest
from deferred_waits import CONN_ID, DAG_ID, DEVICES, DeferredWaits
from harness import PROJECT, poll_until, version_under_test
from triggerers import PATIENCE_SECONDS, SOON, VICTIMS, Triggerers, arguments_of_triggers

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "secrets"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "observers"))

from secret_search import SecretSearch
from statsd_server import StatsdServer

from airflow_provider_orgauth.emulator import running_emulator
from airflow_provider_orgauth.emulator.tokens import TokenStore

pytestmark = pytest.mark.airflow

KILLS = int(os.environ.get("TRIGGERER_KILLS", "1"))
"""How often a triggerer is killed: `make test-kills` does it more often."""
SEED, CLIENT_SECRET = 12, "Wa1t1ng+Secret/Nobody=Knows & %never:gives 'away'"
TOKEN_LIFETIME_SECONDS = 86400
TABLES = ["trigger", "task_instance", "xcom"]
if version_under_test() >= (3, 0):
    TABLES += ["asset_event"]
if version_under_test() >= (3, 3):
    TABLES += ["task_state_store", "asset_state_store"]
MOST_EVENT_SECONDS = 1.5
"""Within these seconds of a change, a triggerer has seen it, and has handed its event on or has not."""
WATCHED_SECONDS = 4


@pytest.fixture(scope="module")
def statsd():
    server = StatsdServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def waits(make_airflow, statsd):
    # The code that is tested is the one beside this file, whatever the interpreter has installed.
    env = {**SOON, **statsd.environment, "PYTHONPATH": str(PROJECT)}
    airflow = make_airflow(dags=[PROJECT / "tests" / "airflow" / "dags" / "deferred_dags.py"], env=env)
    # However often a triggerer is killed, there is one token: it is the one that is counted, and searched for.
    settings = {"seed": SEED, "client_secret": CLIENT_SECRET, "token_lifetime": TOKEN_LIFETIME_SECONDS}
    with running_emulator(**settings) as emulator, Triggerers(airflow) as triggerers:
        triggerers.start()  # it gets ready while the others do
        airflow.start(triggerer=False)
        airflow.put_connection(CONN_ID, **json.loads(emulator.connection_json()))
        yield DeferredWaits(airflow, triggerers, emulator)


@pytest.fixture(scope="module")
def secrets(waits):
    """The search for all that was secret here."""
    search = SecretSearch()
    search.add_client("client", waits.emulator.client_id, CLIENT_SECRET)
    tokens = TokenStore(SEED, lambda: 0.0)
    for kind in ("access", "refresh"):
        search.add(kind, tokens._value(kind))
    return search


def test_a_deferred_sensor_ends_well_and_no_row_holds_a_secret(waits, secrets):
    run_id = waits.begin()
    kept = {table: json.dumps(waits.airflow.query(f"SELECT * FROM {table}"), default=str) for table in TABLES}
    kept["what the triggers get"] = arguments_of_triggers(waits.airflow)
    everything = waits.airflow.dump_everything()
    waits.come_online()
    waits.end(run_id)

    assert kept["trigger"].count("OrgApiTrigger") == len(DEVICES)
    assert kept["what the triggers get"].count("/device/online") == len(DEVICES)  # what is in it would be found
    assert DAG_ID in kept["task_instance"]
    assert {table: found for table, text in kept.items() if (found := secrets.found(text))} == {}
    assert secrets.found(everything) == []


def test_metrics_arrive_from_the_workers_and_from_the_triggerer(waits, statsd, secrets):
    """Each request of either is counted; and only a triggerer gauges waits."""
    for _ in poll_until("not all requests are counted", 30):
        counts = statsd.counts()
        if counts.get(f"orgauth.api_requests.{CONN_ID}.2xx") == waits.emulator.stats()["api_requests"]:
            break
    assert counts[f"orgauth.token_requests.{CONN_ID}.client_credentials.granted"] == 1
    gauges = [line for line in statsd.lines() if line.name.startswith(f"orgauth.triggerer.waits.{CONN_ID}.")]
    assert max(line.value for line in gauges) == len(DEVICES)
    assert secrets.found("\n".join(statsd.datagrams)) == []


@pytest.mark.parametrize("kill", range(KILLS))
def test_two_triggerers_take_over_from_one_that_was_killed_and_double_nothing(waits, statsd, kill):
    statsd.close()  # from here on, nobody gets the metrics: that fails no wait
    victim = list(VICTIMS)[kill % len(VICTIMS)]
    is_late = bool(kill % 2)  # what is waited for has come, and the triggerer may or may not have said so
    (triggerer,) = waits.triggerers.keep(1)
    run_id = waits.begin()
    if is_late:
        waits.come_online()
        time.sleep(random.Random(kill).uniform(0, MOST_EVENT_SECONDS))
    waits.triggerers.kill(triggerer, victim)
    assert waits.triggerers.running == []

    waits.triggerers.keep(2)
    if not is_late:
        waits.until_looked_at_again()
        waits.triggerers.until_at_work(2)
        before, start = sum(waits.looks().values()), time.monotonic()
        for _ in poll_until("nobody looks", PATIENCE_SECONDS):
            looks, seconds = sum(waits.looks().values()) - before, time.monotonic() - start
            if looks and seconds > WATCHED_SECONDS:
                break
        # An interval is up to a tenth shorter than a second, and each edge may catch one more: a look may have been on
        # its way. Doubled, there would be 8 of each in these seconds, and not 6.
        assert looks <= len(DEVICES) * (seconds / 0.9 + 2)
        waits.come_online()
    waits.end(run_id)


def test_no_secret_in_any_log_and_one_token_for_all(waits, secrets):
    waits.check_ends()  # nothing has ended once more since
    everything = waits.airflow.dump_everything()

    assert b"triggerer_job_runner" in everything
    # DEBUG it was, and the connection was read
    assert (
        b'"level":"debug","event":"Connection Retrieved' if version_under_test() >= (3, 3) else b"DEBUG"
    ) in everything
    assert secrets.found(everything) == []
    assert waits.emulator.stats()["token_requests"] == 1  # workers and triggerers, the killed ones included
