"""No secret in anything that a real Airflow 3.3 keeps, shows or sends, at DEBUG level, whatever goes wrong.

What it sends are metrics and spans; what it shows are its REST API's answers and those of the page of tokens.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "secrets"))

from broken_servers import BROKEN, running_servers
from page_answers import page_answers
from secret_search import SecretSearch
from signing_front import signing_front

pytestmark = pytest.mark.airflow

PLACEMENTS = list(itertools.product(("header", "header_raw", "params"), ("query", "body")))
IN_THE_URL = {"client_auth": "params", "grant_params_in": "query"}  # the most talkative placement
# One process each; "survives" tries all of them in one.
FAIL_IN_A_TASK = (
    "wrong_secret",
    "no_api_scope",
    "api_401",
    "api_redirect",
    "token_redirect",
    "refused",
)
EXPECTED = {
    "call": "success",
    "first": "success",
    "second": "success",
    "filtered": "success",
    "called": "success",
    "not_passed": "failed",
    "too_large": "failed",
    "fails": "failed",
    "hooks": "success",
    "downloads": "success",
    "life": "success",
    "survives": "failed",
}


@pytest.fixture(scope="module")
def hunted(airflow3, metrics_of_airflow3, spans_of_airflow3, tmp_path_factory):
    """Run everything once; return the Airflow and the search for every secret that took part."""
    with (
        running_servers() as servers,
        signing_front(servers.running["good"]) as front,
        signing_front(servers.running["good"]) as echoing_front,
    ):
        echoing_front.echoes = True

        def connection(name, **extra):
            emulator = servers.running[name]
            return {
                "conn_type": "orgauth",
                "host": servers.address(name),
                "login": emulator.client_id,
                "password": servers.password(name),
                "extra": json.dumps(extra),
            }

        def connect(conn_id, name, **extra):
            airflow3.put_connection(conn_id, **connection(name, **extra))
            return conn_id

        good = [
            connect(
                f"hunt_{auth}_{where}_{cache}",
                "good",
                client_auth=auth,
                grant_params_in=where,
                cache=cache,
                scope=f"{auth}:{where}:{cache}",  # so that none finds another's token
            )
            for (auth, where), cache in itertools.product(PLACEMENTS, ("variable", "xcom", "memory"))
        ]
        life = [
            connect(f"hunt_life_{cache}", "life", cache=cache, scope=cache, **IN_THE_URL)
            for cache in ("variable", "xcom", "memory")
        ]
        for conn_id, signing in (("hunt_signed", front), ("hunt_signed_echo", echoing_front)):
            about = signing.connection()
            airflow3.put_connection(conn_id, **{**about, "extra": json.dumps(about["extra"])})
        failing = {name: connect(f"hunt_{name}", name, **IN_THE_URL, **servers.extra(name)) for name in BROKEN}
        conf = {
            "good": [*good, "hunt_signed"],
            "signed": "hunt_signed",
            "file": str(tmp_path_factory.mktemp("hunt") / "report.json"),
            "mapped": good[::7],
            "in_xcom": good[1],
            "life": life,
            "life_url": servers.running["life"].url,
            "failing": [*failing.values(), "hunt_signed_echo"],
            "mapped_failing": [failing[name] for name in FAIL_IN_A_TASK],
        }
        run_id = airflow3.trigger("secret_hunt", conf)
        tests = [
            airflow3.api(
                "POST",
                "/connections/test",
                json={"connection_id": f"tested_{name}", **connection(name, **IN_THE_URL)},
            )
            for name in (
                "good",
                "wrong_secret",
                "refused",
                "token_reset",
                "token_redirect",
                "token_html",
                "token_400_echo",
            )
        ]
        # the command line logs too, and its words go to the audit log
        arguments = json.dumps({**(made := connection("good", **IN_THE_URL)), "extra": json.loads(made["extra"])})
        airflow3.cli("connections", "add", "hunt_cli", "--conn-json", arguments)
        airflow3.wait("secret_hunt", run_id, timeout=300)  # it ends far sooner, but on a machine that others keep busy
        trouble = [*failing.values(), "hunt_signed_echo"]
        airflow3.cli("orgauth", "renew", "--verbose", *life, "hunt_signed", *trouble, check=False)
        airflow3.cli("orgauth", "status", "--verbose", *good, "hunt_signed", *trouble, check=False)
        page = page_answers(airflow3, [good[0], *life, "hunt_signed", *trouble])
        yield Hunted(airflow3, servers, [front, echoing_front], run_id, tests, page)


class Hunted:
    def __init__(self, airflow, servers, fronts, run_id, tests, page):
        self.airflow, self.servers, self.run_id, self.tests, self.page = airflow, servers, run_id, tests, page
        self.fronts = fronts
        self.search = servers.secrets()
        for front in fronts:
            front.add_secrets(self.search)
        self.everything = airflow.dump_everything()


def shown(airflow, dag_id, run_id):
    """Return what the REST API, and so the UI, shows of a run and of what all runs share, by path."""
    run = f"/dags/{dag_id}/dagRuns/{run_id}"
    tasks = airflow.api("GET", f"{run}/taskInstances", params={"limit": 100})["task_instances"]
    # Airflow gives a hundred at most, and each client of these tests has three.
    pages = range(0, len(airflow.variables()), 100)
    paths = [f"/variables?limit=100&offset={offset}" for offset in pages]
    paths += ["/connections", "/eventLogs", "/xcoms", run, f"{run}/taskInstances"]
    for task in tasks:
        where, index = f"{run}/taskInstances/{task['task_id']}", task["map_index"]
        mapped = f"?map_index={index}"
        paths += [f"{where}/links{mapped}", f"{where}/xcomEntries{mapped}"]
        paths += [f"{where}/logs/{task['try_number']}{mapped}&full_content=true"]
    paths[paths.index("/xcoms")] = "/dags/~/dagRuns/~/taskInstances/~/xcomEntries"
    texts = {}
    for path in paths:
        texts[path] = json.dumps(airflow.api("GET", path, params={"limit": 1000} if "?" not in path else None))
    for entry in airflow.xcom_rows(dag_id, run_id):
        path = f"{run}/taskInstances/{entry['task_id']}/xcomEntries/{entry['key']}?map_index={entry['map_index']}"
        texts[path] = json.dumps(airflow.api("GET", path))
    return texts


def test_everything_ran_as_it_should(hunted):
    states = hunted.airflow.task_states("secret_hunt", hunted.run_id)
    ended = {task.partition("[")[0]: state for task, state in states.items()}

    assert {task: ended.get(task) for task in EXPECTED} == EXPECTED, states
    assert len([task for task in states if task.startswith("fails[")]) == len(FAIL_IN_A_TASK)
    assert [test["status"] for test in hunted.tests] == [True] + 6 * [False]
    stats = hunted.servers.running["life"].stats()
    assert stats["token_requests"] >= 4 * 3
    for name in BROKEN.keys() - {"wrong_field", "refused"}:
        assert hunted.servers.running[name].stats()["token_requests"] > 0, name
    front, echoing_front = hunted.fronts
    assert front.assertions
    assert echoing_front.assertions
    assert len(front.links) >= 2  # the triggerer saw one, and the worker another
    assert b"client_assertion=***" in hunted.everything
    assert b'"GET /files/1.json?' in hunted.everything
    assert b'"POST /oauth2/token?' in hunted.everything  # DEBUG it was: urllib3 logged its requests


def test_no_secret_in_the_database_and_the_logs(hunted):
    assert hunted.search.found(hunted.everything) == []


def test_no_secret_in_xcom_and_rendered_fields(hunted):
    rendered = hunted.airflow.query("SELECT * FROM rendered_task_instance_fields WHERE dag_id = 'secret_hunt'")
    xcoms = hunted.airflow.xcom_rows("secret_hunt")

    assert "X-Run" in str(rendered)
    assert '"***"' in json.dumps(xcoms)  # the devices' own tokens
    assert hunted.search.found(json.dumps([rendered, xcoms], default=str)) == []


def test_no_secret_in_what_the_rest_api_shows(hunted):
    texts = shown(hunted.airflow, "secret_hunt", hunted.run_id)

    assert hunted.search.found("\n".join([*texts.values(), json.dumps(hunted.tests)])) == []


def test_no_secret_in_what_the_page_of_tokens_answers(hunted):
    """To each of its routes, for each connection, errors too."""
    statuses = {answer.status_code for answer in hunted.page}
    told = b"\n".join(str(answer.headers).encode() + answer.content for answer in hunted.page)

    assert statuses == {200, 403, 404, 405, 429}
    for name in ("hunt_signed", *(f"hunt_{name}" for name in BROKEN)):
        assert name.encode() in told
    for words in (b"Check Client ID and Client secret", b"renewal", b'"standing":"valid"'):
        assert words in told
    assert hunted.search.found(told) == []


def test_no_secret_in_the_metrics(hunted, metrics_of_airflow3):
    sent = "\n".join(metrics_of_airflow3.datagrams)

    for words in ("hunt_signed", "hunt_token_400_echo", "invalid_client", ".api_requests.hunt_api_401.4xx"):
        assert words in sent
    assert hunted.search.found(sent) == []


def test_no_secret_in_the_spans(hunted, spans_of_airflow3):
    sent = b"\n".join(spans_of_airflow3.bodies)

    for words in (
        b"/oauth2/token",
        b"hunt_signed",
        b"hunt_token_400_echo",
        b"invalid_client",
        b"/api/v1/organization/",
    ):
        assert words in sent
    assert hunted.search.found(sent) == []


def test_the_same_search_finds_what_is_not_hidden(airflow3, metrics_of_airflow3, spans_of_airflow3):
    """A canary of each kind, made by its task: a search that cannot find them would find no secret either."""
    run_id = airflow3.trigger("secret_canary")
    assert airflow3.wait("secret_canary", run_id) == "failed"
    kinds = ("log", "print", "exception", "xcom", "result", "variable", "rendered")
    search = SecretSearch()
    for kind in (*kinds, "metric", "span", "page"):
        search.add(kind, hashlib.sha256(f"canary {kind}".encode()).hexdigest()[:40])
    folder = f"dag_id=secret_canary/run_id={run_id}"
    task_logs = b"".join(file.read_bytes() for file in (airflow3.logs_folder / folder).rglob("*.log"))
    components = b"".join(file.read_bytes() for file in (airflow3.logs_folder / "components").glob("*.log"))
    rendered = airflow3.query("SELECT * FROM rendered_task_instance_fields WHERE dag_id = 'secret_canary'")

    assert {"log", "print", "exception"} <= search.names_found(task_logs)
    assert {"log", "print", "exception"} <= search.names_found(components)
    assert search.names_found(json.dumps(rendered, default=str)) == {"rendered"}
    assert search.names_found(json.dumps(airflow3.xcom_rows("secret_canary"))) == {"xcom", "result"}
    assert search.names_found(airflow3.dump_everything()) == set(kinds)
    assert search.names_found("\n".join(metrics_of_airflow3.datagrams)) == {"metric"}
    assert search.names_found(b"\n".join(spans_of_airflow3.bodies)) == {"span"}
    seen = {kind for text in shown(airflow3, "secret_canary", run_id).values() for kind in search.names_found(text)}
    assert seen == set(kinds)
    named = hashlib.sha256(b"canary page").hexdigest()[:40]
    airflow3.put_connection(named, conn_type="orgauth", host="http://127.0.0.1:9", login="x", password="y")
    assert search.names_found(b"\n".join(answer.content for answer in page_answers(airflow3, []))) == {"page"}
    airflow3.api("DELETE", f"/connections/{named}")
