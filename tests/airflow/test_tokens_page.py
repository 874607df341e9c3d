"""The page of the tokens in a real API server: who sees what, who may press what, and what came of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from api_servers import ApiServer
from harness import PROJECT, python_under_test, version_under_test

from airflow_provider_orgauth.emulator import Emulator, running_emulator
from airflow_provider_orgauth.ui.response_headers import HEADERS

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "secrets"))

from secret_search import SecretSearch

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.skipif(version_under_test() < (3, 1), reason="Airflow has such pages from 3.1 on"),
]

OWN = {"X-Orgauth-Action": "1"}
PAGE = "/orgauth/"
ACTIONS = ("test", "renew", "forget")


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with running_emulator() as running:
        yield running


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a secrets backend reads its connections from."""
    return tmp_path_factory.mktemp("vault") / "connections.json"


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory, emulator: Emulator, vault: Path) -> Iterator[ApiServer]:
    """An API server with connections of each kind; each is a client of its own."""
    in_vault = json.loads(emulator.connection_json(oauth_params={"n": "vault"}))
    vault.write_text(json.dumps({"in_vault": in_vault}))
    env = {
        "AIRFLOW_CONN_IN_ENV": emulator.connection_json(oauth_params={"n": "env"}),
        "AIRFLOW__SECRETS__BACKEND": "airflow.secrets.local_filesystem.LocalFilesystemBackend",
        "AIRFLOW__SECRETS__BACKEND_KWARGS": json.dumps({"connections_file_path": str(vault)}),
    }
    dags = [PROJECT / "tests" / "airflow" / "dags" / "tokens_page.py"]
    root = tmp_path_factory.mktemp("airflow-tokens")
    with ApiServer(root, python=python_under_test(), dags=dags, env=env) as server:
        server.migrate()
        server.start_api()
        for conn_id, extra in {"permitted": {}, "other": {}, "by_xcom": {"cache": "xcom"}}.items():
            given = json.loads(emulator.connection_json(oauth_params={"n": conn_id}, **extra))
            server.put_connection(conn_id, **given | {"extra": json.dumps(given["extra"])})
        given = json.loads(emulator.connection_json(oauth_params={"n": "refused"}))
        server.put_connection("refused", **given | {"password": "n0t-the-secret", "extra": json.dumps(given["extra"])})
        yield server


@pytest.fixture(scope="module")
def people(airflow: ApiServer) -> dict[str, requests.Session]:
    return {name: airflow.as_user(None if name == "nobody" else name) for name in ("nobody", "viewer", "picky", "op")}


def get(airflow: ApiServer, who: requests.Session, path: str = "api/connections") -> requests.Response:
    return who.get(f"{airflow.url}{PAGE}{path}", timeout=60)


def press(airflow: ApiServer, who: requests.Session, action: str, conn_id: str, headers: Any = OWN) -> Any:
    return who.post(f"{airflow.url}{PAGE}api/{action}/{conn_id}", json={}, headers=headers, timeout=120)


def row(airflow: ApiServer, who: requests.Session, conn_id: str) -> dict[str, Any]:
    return get(airflow, who, f"api/connections/{conn_id}").json()["connection"]


def routes() -> list[tuple[str, str]]:
    """Return method and path of each route of the app, with a connection in it where there is a place for one."""
    from airflow_provider_orgauth.ui.app import make_app

    made = make_app()
    found = [(method, route.path) for route in made.routes for method in getattr(route, "methods", ["GET"])]
    return [
        (method, path.replace("{connection_id:path}", "permitted").replace("{name}", "tokens.js"))
        for method, path in found
    ]


def test_no_route_answers_who_is_not_logged_in(airflow, people, emulator):
    before = emulator.stats()["token_requests"]
    found = routes()
    assert len(found) >= 7
    for method, path in found:
        answer = people["nobody"].request(method, f"{airflow.url}/orgauth{path}", json={}, headers=OWN, timeout=60)
        assert (path, answer.status_code) == (path, 401)
    assert emulator.stats()["token_requests"] == before


@pytest.mark.parametrize("path", ["docs", "redoc", "openapi.json", "static/tokens.html", "static/..%2Fapp.py"])
def test_there_is_nothing_else(airflow, people, path):
    assert get(airflow, people["op"], path).status_code == 404


@pytest.mark.parametrize("path", ["", "static/tokens.js", "static/tokens.css", "api/connections", "api/nothing"])
def test_each_answer_has_the_headers(airflow, people, path):
    for who in ("op", "nobody"):
        answer = get(airflow, people[who], path)
        for name, value in HEADERS:
            assert answer.headers[name.decode()] == value.decode()


def test_a_viewer_gets_the_page_and_nothing_in_it(airflow, people):
    assert get(airflow, people["viewer"], "").status_code == 200
    for path in ("api/connections", "api/connections/permitted"):
        assert get(airflow, people["viewer"], path).status_code == 403
    assert [press(airflow, people["viewer"], action, "permitted").status_code for action in ACTIONS] == [403] * 3


def test_who_may_see_one_connection_sees_and_acts_on_that_one_only(airflow, people, emulator):
    before = emulator.stats()["token_requests"]
    assert [one["connection_id"] for one in get(airflow, people["picky"]).json()["connections"]] == ["permitted"]
    for conn_id in ("other", "in_env", "in_vault", "refused", "nothing"):
        assert get(airflow, people["picky"], f"api/connections/{conn_id}").status_code == 403
        assert [press(airflow, people["picky"], action, conn_id).status_code for action in ACTIONS] == [403] * 3
    assert emulator.stats()["token_requests"] == before

    assert press(airflow, people["picky"], "test", "permitted").json()["done"]
    assert emulator.stats()["token_requests"] == before + 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        OWN | {"Sec-Fetch-Site": "cross-site"},
        OWN | {"Sec-Fetch-Site": "same-site"},
        OWN | {"Origin": "http://e.il"},
    ],
)
def test_a_post_of_another_site_does_nothing(airflow, people, emulator, headers):
    before = emulator.stats()["token_requests"], airflow.variables()
    assert [press(airflow, people["op"], action, "other", headers).status_code for action in ACTIONS] == [403] * 3
    assert (emulator.stats()["token_requests"], airflow.variables()) == before


def test_connections_of_the_database_and_of_the_environment_are_there_from_the_start(airflow, people):
    rows = {one["connection_id"]: one for one in get(airflow, people["op"]).json()["connections"]}

    assert rows["other"]["standing"] == rows["in_env"]["standing"] == "none"
    assert (rows["other"]["source"], rows["in_env"]["source"]) == ("database", "environment")
    assert rows["by_xcom"]["standing"] == "not shared"


def test_one_of_a_secrets_backend_is_there_once_it_had_a_token(airflow, people):
    assert get(airflow, people["op"], "api/connections/in_vault").status_code == 404
    answer = press(airflow, people["op"], "renew", "in_vault").json()
    assert answer["done"], answer

    assert row(airflow, people["op"], "in_vault")["source"] == "secrets backend"
    assert row(airflow, people["op"], "in_vault")["standing"] == "valid"


def test_a_refusal_says_what_to_do(airflow, people):
    said = press(airflow, people["op"], "renew", "refused").json()
    assert not said["done"]
    assert "Check Client ID and Client secret" in said["says"]

    refused = row(airflow, people["op"], "refused")
    assert refused["standing"] == "refused"
    assert refused["failure"]["message"] == said["says"]
    assert refused["failure"]["by"]["user"] == "op"
    assert get(airflow, people["op"]).json()["connections"][0]["connection_id"] == "refused"


def test_renewed_then_forgotten_then_one_request_of_a_task(airflow, people, emulator):
    assert press(airflow, people["op"], "renew", "permitted").json()["done"]
    assert row(airflow, people["op"], "permitted")["standing"] == "valid"
    first = row(airflow, people["op"], "permitted")["renewal"]["generation"]
    assert press(airflow, people["op"], "renew", "permitted").json()["done"]
    second = row(airflow, people["op"], "permitted")["renewal"]
    assert second["generation"] > first
    assert second["grant"] == "refresh_token"  # its refresh token is this host's

    said = press(airflow, people["op"], "forget", "permitted").json()
    assert said["done"], said
    assert row(airflow, people["op"], "permitted")["standing"] == "none"
    assert not press(airflow, people["op"], "forget", "permitted").json()["done"]  # there is none any more

    before = emulator.stats()["token_requests"]
    ran = airflow.dags_test("tokens_page")
    assert ran.state == "success", ran.output[-3000:]
    assert emulator.stats()["token_requests"] == before + 1
    after = row(airflow, people["op"], "permitted")
    assert after["standing"] == "valid"
    assert after["renewal"]["by"]["dag_id"] == "tokens_page"
    assert after["renewal"]["by"]["task_id"] == "call"
    assert after["renewal"]["by"]["run_id"] == ran.run_id
    # a person who may see the connection and no DAG is told the host
    shown = row(airflow, people["picky"], "permitted")["renewal"]["by"]
    assert (shown["dag_id"], shown["task_id"], shown["host"]) == (None, None, after["renewal"]["by"]["host"])

    # the task's call was counted on this host, and is seen at once; the next renewal writes it down, once
    assert sum(after["api_requests"]["all"]) == 1
    assert press(airflow, people["op"], "renew", "permitted").json()["done"]
    for file in airflow.root.glob("tmp/*/*.calls"):
        file.unlink()
    assert sum(row(airflow, people["op"], "permitted")["api_requests"]["all"]) == 1


def test_a_token_that_is_not_shared_can_be_tested_only(airflow, people):
    assert press(airflow, people["op"], "test", "by_xcom").json()["done"]
    for action in ("renew", "forget"):
        said = press(airflow, people["op"], action, "by_xcom").json()
        assert not said["done"]
        assert "not shared" in said["says"]


def test_too_many_tests_are_refused_and_say_until_when(airflow, people, emulator):
    answers = [press(airflow, people["op"], "test", "other") for _ in range(6)]
    last = answers[-1]

    assert last.status_code == 429
    assert 0 < int(last.headers["Retry-After"]) <= 60
    assert "Try again in" in last.json()["detail"]
    assert 1 <= sum(answer.ok for answer in answers) <= 3


def test_the_audit_log_says_who_did_what_to_which(airflow):
    logged = airflow.query("SELECT event, owner, extra FROM log WHERE event LIKE 'orgauth_%'")
    done = {(one["event"], one["owner"], json.loads(one["extra"])["connection_id"]) for one in logged}

    assert ("orgauth_renew", "op", "permitted") in done
    assert ("orgauth_forget", "op", "permitted") in done
    assert ("orgauth_test", "picky", "permitted") in done
    assert not any(owner == "viewer" for _, owner, _ in done)


def test_no_secret_is_in_any_answer_nor_in_the_log(airflow, people, emulator):
    search = SecretSearch()
    search.add_client("client", emulator.client_id, emulator.client_secret)
    search.add("wrong secret", "n0t-the-secret")
    for number, (token, _) in enumerate(emulator.issued()):
        search.add(f"access token {number}", token)
    for number, token in enumerate(emulator._run(lambda: list(emulator._core.tokens._refresh))):
        search.add(f"refresh token {number}", token)
    answers = [get(airflow, people["op"], path).content for path in ("", "api/connections")]
    answers += [get(airflow, people["op"], f"api/connections/{one}").content for one in ("permitted", "refused")]

    assert len(emulator.issued()) > 3
    assert search.found(b"".join(answers)) == []
    # Not what `airflow dags test` printed: its supervisor logs at DEBUG level what a task asks of it.
    server = [*airflow.root.glob("airflow.db*"), *airflow.logs_folder.glob("components/*.log")]
    assert search.found(b"".join(file.read_bytes() for file in server)) == []
    assert b"orgauth2:" not in b"".join(answers)
