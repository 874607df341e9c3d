"""The page of an Airflow that has teams, and that people see below a path: nobody sees another team's connection."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterator

import pytest
from chromium import why_no_chromium

if (missing := why_no_chromium()) and not os.environ.get("CI"):  # in CI, the fixtures fail
    pytest.skip(missing, allow_module_level=True)

from airflow.models import Connection
from api_servers import ApiServer
from harness import python_under_test, version_under_test
from playwright.sync_api import Browser, expect

from airflow_provider_orgauth.cache.state_record import state_to_text
from airflow_provider_orgauth.cache.state_store import state_key
from airflow_provider_orgauth.cache.token_state import Actor, Renewal, TokenState
from airflow_provider_orgauth.emulator import Emulator, running_emulator
from airflow_provider_orgauth.hooks.connection import read_connection

pytestmark = [
    pytest.mark.browser,
    pytest.mark.airflow,
    pytest.mark.skipif(version_under_test() < (3, 2), reason="Airflow has teams from 3.2 on"),
]

OWN = {"X-Orgauth-Action": "1"}
TEAMS = ("red", "blue")
USERS = {"admin": "admin", "red": "op:red", "blue": "op:blue", "op": "op"}
SEEN = {
    "admin": {"of_red", "of_blue", "of_all", "red_vault"},
    "red": {"of_red", "of_all", "red_vault"},
    "blue": {"of_blue", "of_all"},
    "op": {"of_all"},
}


@pytest.fixture(scope="module")
def teams_emulator() -> Iterator[Emulator]:
    with running_emulator() as running:
        yield running


@pytest.fixture(scope="module")
def airflow(
    browser: Browser, teams_emulator: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ApiServer]:
    """An API server with a connection of each team, one of nobody's, and two that only red's tasks can read."""
    root = tmp_path_factory.mktemp("airflow-teams")
    env = {
        "AIRFLOW__CORE__MULTI_TEAM": "True",
        "AIRFLOW_CONN__RED___IN_ENV": teams_emulator.connection_json(oauth_params={"n": "in_env"}),
    }
    with ApiServer(root, python=python_under_test(), env=env, users=USERS, path="/some/path") as server:
        server.migrate()
        add_teams(server)
        server.start_api()
        for conn_id, team in {"of_red": "red", "of_blue": "blue", "of_all": None}.items():
            given = json.loads(teams_emulator.connection_json(oauth_params={"n": conn_id}))
            server.put_connection(conn_id, **given | {"extra": json.dumps(given["extra"]), "team_name": team})
            if conn_id == "of_all":
                client = read_connection(Connection.from_json(json.dumps(given))).client
                server.api("POST", "/variables", json=record_of(conn_id, state_key(client), host="a-worker"))
        in_vault = record_of("red_vault", "orgauth_state_of_red", host="worker-of-red")
        server.api("POST", "/variables", json={**in_vault, "team_name": "red"})
        yield server


def add_teams(server: ApiServer) -> None:
    """Make the teams, and a DAG of one: Airflow's commands for that take ten seconds each."""
    with contextlib.closing(sqlite3.connect(server.database)) as database, database:
        for team in TEAMS:
            insert(database, "team", name=team)
        insert(database, "dag_bundle", name="bundle_of_red")
        insert(database, "dag_bundle_team", dag_bundle_name="bundle_of_red", team_name="red")
        insert(database, "dag", dag_id="dag_of_red", bundle_name="bundle_of_red")


def insert(database: sqlite3.Connection, table: str, **given: str) -> None:
    """Put in a row that has no more than it must."""
    columns = database.execute(f"PRAGMA table_info({table})").fetchall()
    needed = {name: 0 for _, name, _, is_needed, default, _ in columns if is_needed and default is None}
    row = {**needed, **given}
    places = ", ".join("?" * len(row))
    database.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", list(row.values()))


def record_of(conn_id: str, key: str, *, host: str) -> dict[str, str]:
    """Return what a renewal by a task of red's left in the Variable ``key``, as Airflow's API takes it."""
    by = Actor(connection_id=conn_id, host=host, dag_id="dag_of_red", run_id="r", task_id="t")
    renewal = Renewal(
        issued_at=1e9, lifetime=300, grant="client_credentials", refresh_token_held=False, generation=1, by=by
    )
    server = "https://server-of-red"
    state = TokenState(server=server, token_server=server, connection_ids=(conn_id,), renewals=(renewal,))
    return {"key": key, "value": state_to_text(state)}


def get(airflow: ApiServer, user: str, path: str = "api/connections"):
    return airflow.as_user(user).get(f"{airflow.url}/orgauth/{path}", timeout=60)


def press(airflow: ApiServer, user: str, action: str, conn_id: str):
    url = f"{airflow.url}/orgauth/api/{action}/{conn_id}"
    return airflow.as_user(user).post(url, json={}, headers=OWN, timeout=120)


@pytest.mark.parametrize("user", USERS)
def test_each_sees_the_connections_of_its_teams(airflow, user):
    listed = get(airflow, user)

    assert {one["connection_id"] for one in listed.json()["connections"]} == SEEN[user]
    if user in ("blue", "op"):
        assert [name for name in ("of_red", "of-red", "vault", "in_env") if name in listed.text] == []


@pytest.mark.parametrize("user", USERS)
def test_a_dag_of_another_team_is_not_named(airflow, user):
    by = get(airflow, user, "api/connections/of_all").json()["connection"]["renewal"]["by"]

    assert by["host"] == "a-worker"
    assert by["dag_id"] == ("dag_of_red" if user in ("admin", "red") else None)


@pytest.mark.parametrize("conn_id", ["of_red", "red_vault", "in_env", "_red___in_env"])
def test_one_of_another_team_is_neither_shown_nor_acted_on(airflow, teams_emulator, conn_id):
    before = teams_emulator.stats()["token_requests"], airflow.variables()
    shown = get(airflow, "blue", f"api/connections/{conn_id}")
    said = [press(airflow, "blue", action, conn_id) for action in ("test", "renew", "forget")]

    assert shown.status_code in (403, 404)
    assert not any(answer.ok and answer.json()["done"] for answer in said)
    assert "server-of-red" not in shown.text + "".join(answer.text for answer in said)
    assert (teams_emulator.stats()["token_requests"], airflow.variables()) == before


def test_a_renewal_is_written_where_the_tasks_of_the_team_look(airflow):
    assert press(airflow, "red", "renew", "of_red").json()["done"]
    rows = airflow.query("SELECT key, team_name FROM variable WHERE key LIKE 'orgauth_token_%'")

    assert [row["team_name"] for row in rows] == ["red"]
    assert get(airflow, "red", "api/connections/of_red").json()["connection"]["standing"] == "valid"
    assert get(airflow, "blue", "api/connections/of_red").status_code == 403


def test_below_a_path_it_is_in_the_navigation_and_its_buttons_work(airflow, browser):
    with browser.new_context(viewport={"width": 1200, "height": 900}, locale="en-US") as context:
        context.add_cookies([{"name": "_token", "value": airflow.token("blue"), "url": f"{airflow.url}/"}])
        page = context.new_page()
        page.goto(f"{airflow.url}/")
        page.get_by_role("button", name="Admin").click()
        page.get_by_role("menuitem", name="Organization API tokens").click()
        frame = page.frame_locator("iframe")
        expect(frame.get_by_role("article")).to_have_count(2)

        frame.get_by_role("button", name="Renew now of_blue").click()
        frame.get_by_role("dialog").get_by_role("button", name="Renew now").click()
        expect(frame.get_by_role("status")).to_contain_text("Renewed: a token for 300 s")
        frame.get_by_role("link", name="of_blue").click()
        expect(frame.get_by_role("heading", level=1)).to_have_text("of_blue")
        expect(frame.get_by_role("img", name="1 tokens in")).to_be_visible()
