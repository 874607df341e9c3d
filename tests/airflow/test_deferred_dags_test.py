"""``airflow dags test`` with deferred sensors: of 3.3, it loses what is deferred with; of 2.11, it ends with no error.

3.3 drops the arguments of ``defer``, and 2.11 runs a trigger that raises again and again: all that matters comes back
with the event, and no trigger raises.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

pytestmark = pytest.mark.airflow

FILE = Path(__file__).with_name("dags") / "deferred_waits.py"
FINISH = [{"status": "FINISH", "polls": 3}]
STATES = {
    "met": "success",
    "met_by_function": "success",
    "failed": "failed",
    "timed_out": "failed",
    "skipped": "skipped",
}


@pytest.fixture
def shipments(orgauth_emulator, monkeypatch):
    """Make a shipment that finishes, one that is cancelled, and one that goes on for ever."""
    orgauth_emulator.set_connection(monkeypatch, cache="memory")
    hook = OrgAuthHook()
    for steps in (FINISH, [{"status": "CANCEL", "polls": 2}], [], FINISH):
        orgauth_emulator.script_shipments(*steps)
        hook.run("/api/v1/organization/shipment/create", method="POST", json={"deviceIds": [1, 2]})
    return orgauth_emulator


@pytest.fixture(params=["3.3", "2.11"])
def airflow(request, shipments, monkeypatch):
    if request.param == "3.3":
        home = request.getfixturevalue("make_airflow3")()
    else:
        home = request.getfixturevalue("airflow211")
    monkeypatch.setitem(home.env, "AIRFLOW_CONN_ORGAUTH_DEFAULT", shipments.connection_uri(cache="memory"))
    home.add_dags(FILE)
    yield home
    (home.dags_folder / FILE.name).unlink()


def test_each_sensor_ends_as_it_should(airflow, shipments):
    done = airflow.dags_test("deferred_waits", timeout=300)

    assert airflow.task_states("deferred_waits", done.run_id) == STATES, done.output[-5000:]
    assert done.state == "failed"
    rows = airflow.xcom_rows("deferred_waits", done.run_id)
    results = {row["task_id"]: row["value"] for row in rows if row["key"] == "return_value"}
    assert results["met"] == "FINISH"
    assert results["met_by_function"] == ["met_by_function", 2]
    for text in (
        'answered 200, status = "CANCEL"',  # in the worker, with its own type
        "WaitFailedError",
        "exceeds the specified timeout of 4",
        'The last answer was: 200, status = "RUN".',
    ):
        assert text in done.output, text
    secret = shipments.client_secret.encode()
    # At DEBUG, 3.3's dags test logs what it is asked to mask, whoever asks.
    shown = [line for line in airflow.dump_everything().splitlines() if secret in line and b"MaskSecret(" not in line]
    assert shown == []
    # Five tasks look once themselves; each, or its trigger, some more, a second apart.
    assert 10 <= shipments.stats()["api_requests"] <= 40
