"""The main job on Airflow 2.11, the oldest that we support: every task in a process of its own, and tokens shared."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path

import pytest
from harness import PROJECT

pytestmark = pytest.mark.airflow

TOKEN_DAGS = Path(__file__).with_name("dags") / "token_dags.py"

# What 2.11's web server does to show a link: it has only what was serialized.
LINK = """
from types import SimpleNamespace
from airflow.models.serialized_dag import SerializedDagModel
from airflow.utils.session import create_session
with create_session() as session:
    task = SerializedDagModel.get_dag("results", session).get_task("devices")
print("LINK", task.get_extra_links(SimpleNamespace(key=None), "Connection"))
"""


def tokens_of(emulator):
    """Return every token that the emulator has issued."""
    tokens = emulator._core.tokens
    return [*tokens._access, *tokens._refresh]


@pytest.fixture(autouse=True)
def no_secret_is_left_behind(airflow211, orgauth_emulator):
    """Hunt, after each test, through the database and every log at DEBUG level."""
    yield
    client_id, client_secret = orgauth_emulator.client_id, orgauth_emulator.client_secret
    secrets = {
        "the client secret": client_secret,
        "the Basic header": base64.b64encode(f"{client_id}:{client_secret}".encode()).decode(),
    }
    for number, token in enumerate(tokens_of(orgauth_emulator)):
        secrets[f"token {number}"] = token
    for screen in (airflow211.logs_folder / "cli").glob("*-connections-add.log"):
        screen.unlink()  # 2.11 repeats to whoever typed it the URI that was typed
    everything = airflow211.dump_everything()
    assert b"DEBUG" in everything
    assert [name for name, secret in secrets.items() if secret.encode() in everything] == []


@pytest.fixture(scope="class")
def scheduler(airflow211):
    airflow211.add_dags(TOKEN_DAGS)
    airflow211.start()
    yield airflow211
    airflow211.stop()
    (airflow211.dags_folder / TOKEN_DAGS.name).unlink()


@pytest.fixture
def run(scheduler, orgauth_emulator):
    """Return a function that runs a DAG and returns its run id, its state and how many token requests it took."""

    def trigger(dag_id, conn_id):
        before = orgauth_emulator.stats()["token_requests"]
        run_id = scheduler.trigger(dag_id, {"conn": conn_id})
        state = scheduler.wait(dag_id, run_id)
        return run_id, state, orgauth_emulator.stats()["token_requests"] - before

    return trigger


class TestWithTheScheduler:
    def test_a_second_task_and_a_second_run_use_the_first_ones_token(self, scheduler, run, orgauth_emulator):
        scheduler.connections_add("shared", orgauth_emulator.connection_uri())

        assert run("chain", "shared")[1:] == ("success", 1)
        assert run("chain", "shared")[1:] == ("success", 0)
        assert orgauth_emulator.stats()["api_requests"] == 8
        assert len(tokens_of(orgauth_emulator)) == 2  # an access and a refresh token: there is something to hunt for
        stored = [key for key in scheduler.variables() if key.startswith("orgauth_shared_")]
        assert stored

    def test_in_xcom_a_second_task_uses_the_first_ones_token_which_is_encrypted(self, scheduler, run, orgauth_emulator):
        scheduler.connections_add("in_xcom", json.loads(orgauth_emulator.connection_json(cache="xcom")))
        run_id, state, token_requests = run("chain", "in_xcom")

        assert state == "success"
        assert token_requests == 2  # "first" and "pick" run beside each other, where neither can see the other's
        rows = [row for row in scheduler.xcom_rows("chain", run_id) if row["key"].startswith("orgauth_token_")]
        assert {row["task_id"] for row in rows} == {"first", "pick"}
        assert all(row["value"].startswith("gAAAA") for row in rows)

    def test_in_memory_each_process_has_its_own(self, scheduler, run, orgauth_emulator):
        scheduler.connections_add("in_memory", orgauth_emulator.connection_uri(cache="memory"))

        assert run("chain", "in_memory")[1:] == ("success", 4)

    @pytest.mark.parametrize(("cache", "token_requests"), [("variable", 1), ("xcom", 2)])
    def test_a_second_try(self, scheduler, run, orgauth_emulator, cache, token_requests):
        """Before a try 2.11 clears what the task pushed, and has no task state store: there the Variable is better."""
        scheduler.connections_add(f"tries_{cache}", orgauth_emulator.connection_uri(cache=cache))
        run_id, *result = run("second_try", f"tries_{cache}")

        assert result == ["success", token_requests]
        assert scheduler.task_tries("second_try", run_id) == {"flaky": 2}

    def test_a_wrong_secret_fails_at_once_and_the_log_and_the_link_say_where(self, scheduler, run, orgauth_emulator):
        wrong = json.loads(orgauth_emulator.connection_json()) | {"password": "not-the-secret-of-this-client"}
        scheduler.connections_add("wrong", wrong)
        run_id, state, _ = run("failing", "wrong")

        assert state == "failed"
        assert scheduler.task_tries("failing", run_id) == {"operator": 1, "taskflow": 1}
        for task_id in ("operator", "taskflow"):
            log = scheduler.task_log("failing", run_id, task_id)
            assert "Check Client ID and Client secret" in log
            assert wrong["password"] not in log

        done = subprocess.run(
            [scheduler.python, "-c", LINK],
            env=scheduler.env,
            capture_output=True,
            text=True,
            check=True,
        )
        assert "LINK http://localhost:8080/connection/list/?_flt_3_conn_id=orgauth_default\n" in done.stdout


@pytest.fixture
def connect(airflow211, orgauth_emulator, monkeypatch):
    """Return a function that makes the connection `orgauth_default` in one of the ways that Airflow knows."""
    made = []

    def make(way):
        conn_id, uri = "orgauth_default", orgauth_emulator.connection_uri(timeout=20)
        as_json = orgauth_emulator.connection_json(timeout=20)
        match way:
            case "CLI, URI":
                made.append(airflow211.connections_add(conn_id, uri))
            case "CLI, JSON":
                made.append(airflow211.connections_add(conn_id, json.loads(as_json)))
            case "environment, URI":
                monkeypatch.setitem(airflow211.env, "AIRFLOW_CONN_ORGAUTH_DEFAULT", uri)
            case "environment, JSON":
                monkeypatch.setitem(airflow211.env, "AIRFLOW_CONN_ORGAUTH_DEFAULT", as_json)

    yield make
    if made:
        airflow211.cli("connections", "delete", "orgauth_default")


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("call", "CLI, URI"),
        ("taskflow", "CLI, JSON"),
        ("scheduled", "environment, URI"),
        ("call", "environment, JSON"),
        ("async", "environment, JSON"),
        ("waiting", "environment, JSON"),
    ],
)
def test_an_example_runs_with_a_connection_made_in_any_way(airflow211, connect, orgauth_emulator, name, way):
    connect(way)
    file = PROJECT / "example_dags" / f"example_orgauth_{name}.py"
    airflow211.add_dags(file)
    try:
        done = airflow211.dags_test(f"example_orgauth_{name}")
    finally:
        (airflow211.dags_folder / file.name).unlink()

    assert done.state == "success", done.output[-3000:]
    stats = orgauth_emulator.stats()
    assert stats["api_requests"] >= 2
    assert stats["token_requests"] == 1
