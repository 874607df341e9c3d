"""DAGs for the hunt for secrets: all that can be done with a connection, and canaries that the hunt must find.

The run's conf says which connections there are: ``good`` (one per placement and cache), ``signed``, ``life``,
``failing``.
"""

from __future__ import annotations

import hashlib
import logging
import time
import urllib.request

import requests
from airflow.providers.common.compat.sdk import DAG, Variable, task
from opentelemetry import trace

from airflow_provider_orgauth.compat import Stats
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.operators.job import Job
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

API = "/api/v1/organization"
log = logging.getLogger("hunted.task")


def _revoke(url: str, body: bytes = b"") -> None:
    urllib.request.urlopen(urllib.request.Request(f"{url}/_revoke", data=body, method="POST"), timeout=10).close()


with DAG("secret_hunt", schedule=None):
    GOOD = "{{ dag_run.conf['good'][0] }}"
    IN_XCOM = "{{ dag_run.conf['in_xcom'] }}"

    @task
    def connections(kind: str, dag_run=None) -> list[str]:
        return dag_run.conf[kind]

    OrgApiOperator.partial(
        task_id="call",
        endpoint=f"{API}/devices",
        params={"page": 0, "size": 5, "of": "{{ run_id }}"},
        headers={"X-Run": "{{ run_id }}"},
        log_response=True,
    ).expand(org_conn_id=connections.override(task_id="some_good")("mapped"))

    first = OrgApiOperator(task_id="first", endpoint=f"{API}/devices", pagination=False, org_conn_id=IN_XCOM)
    second = OrgApiOperator(
        task_id="second",
        method="POST",
        endpoint=f"{API}/device/create",
        json={"name": "{{ task.task_id }}", "templateId": 353},
        org_conn_id=IN_XCOM,
        log_response=True,
    )
    first >> second

    OrgApiOperator(
        task_id="filtered",
        endpoint=f"{API}/devices",
        pagination=False,
        org_conn_id=GOOD,
        response_filter="content[].{id: id, other_name: token}",
        response_check=lambda response: response.json()["content"],
    )
    OrgApiOperator(
        task_id="called", endpoint=f"{API}/devices", org_conn_id=GOOD, response_filter=lambda response: response.json()
    )
    OrgApiOperator(
        task_id="not_passed", endpoint=f"{API}/devices", org_conn_id=GOOD, response_check="empty", log_response=True
    )
    OrgApiOperator(task_id="too_large", endpoint=f"{API}/devices", org_conn_id=GOOD, max_result_bytes=10)

    OrgApiOperator.partial(
        task_id="fails", endpoint=f"{API}/devices", headers={"X-Run": "{{ run_id }}"}, log_response=True
    ).expand(org_conn_id=connections.override(task_id="some_failing")("mapped_failing"))

    # A client that signs; a wait in the triggerer; and a link to a file, which is as good as a credential.
    OrgApiOperator(
        task_id="downloads",
        method="POST",
        endpoint=f"{API}/job/create",
        json={"reference": "{{ run_id }}"},
        org_conn_id="{{ dag_run.conf['signed'] }}",
        job=Job(
            id="id",
            poll={"endpoint": f"{API}/job", "params": {"jobId": "{id}"}},
            until="status == 'DONE'",
            download="fileUrl",
            poke_interval=1,
        ),
        deferrable=True,
        output_path="{{ dag_run.conf['file'] }}",
    )

    @task
    def hooks(dag_run=None) -> int:
        """Every placement with every cache, each with a token of its own."""
        for conn_id in dag_run.conf["good"]:
            hook = OrgAuthHook(conn_id)
            size = len(hook.run(f"{API}/devices").content)
            log.info("%s %r %r %s %s", conn_id, hook, hook.auth, hook.get_conn(), hook._settings)
        return size

    @task
    def life(dag_run=None) -> int:
        """A token's whole life: refreshed by time, refreshed after a 401, granted anew after a refused refresh."""
        url = dag_run.conf["life_url"]
        for conn_id in dag_run.conf["life"]:
            ahead = 0.0
            hook = OrgAuthHook(conn_id, clock=lambda: time.time() + ahead)  # noqa: B023  called in this round only
            hook.run(f"{API}/profile")
            ahead = 280.0
            hook.run(f"{API}/profile")
            _revoke(url)
            hook.run(f"{API}/profile")
            _revoke(url, b'{"refresh_tokens": true}')
            hook.run(f"{API}/profile")
        return len(dag_run.conf["life"])

    @task
    def survives(dag_run=None) -> int:
        """Every way to fail; then the last error, for Airflow to report."""
        last = None
        for conn_id in dag_run.conf["failing"]:
            hook = OrgAuthHook(conn_id)
            calls = [
                lambda hook=hook: hook.run(f"{API}/devices"),
                lambda hook=hook: hook.run(f"{API}/device/create", method="POST", json={"name": "x"}),
                lambda hook=hook: hook.get_conn().get(f"{API}/profile").raise_for_status(),
                lambda hook=hook: requests.get(
                    hook._settings.server.url(f"{API}/profile"), auth=hook.auth, timeout=0.2, allow_redirects=False
                ),
            ]
            for call in calls:
                try:
                    call()
                except Exception as error:
                    last = error
                    log.exception("%s %r %s", conn_id, error, vars(error))
        raise last

    connections("good")
    hooks()
    life()
    survives()


def canary(kind: str) -> str:
    """Return a value that stands in no file and no conf: found anywhere, it was put there by the task."""
    return hashlib.sha256(f"canary {kind}".encode()).hexdigest()[:40]


with DAG("secret_canary", schedule=None, user_defined_macros={"canary": canary}):

    @task
    def logs() -> None:
        logging.getLogger("canary").debug("logged: %s", canary("log"))
        print("printed:", canary("print"))

    @task
    def raises() -> None:
        raise RuntimeError(canary("exception"))

    @task
    def pushes(ti=None) -> str:
        ti.xcom_push(key="note", value=canary("xcom"))
        return canary("result")

    @task
    def sets() -> None:
        Variable.set("canary", canary("variable"))

    @task
    def is_observed() -> None:
        Stats.incr(f"orgauth.{canary('metric')}")
        trace.get_tracer("canary").start_span(canary("span")).end()

    OrgApiOperator(
        task_id="renders", endpoint="/x", json={"note": "{{ canary('rendered') }}"}, org_conn_id="no_such_connection"
    )
    logs()
    raises()
    pushes()
    sets()
    is_observed()
