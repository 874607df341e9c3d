"""The operator with a hook on the emulator, called as a task would be."""

import copy
import io
import json
import threading
import time

import pytest
import requests
from airflow.providers.common.compat.sdk import DAG, AirflowFailException, Param

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.answers.response import MAX_LOGGED_CHARACTERS, loggable
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

API = "/api/v1/organization"


@pytest.fixture
def execute(orgauth_emulator, monkeypatch):
    """Return a function that makes an operator and executes it."""
    orgauth_emulator.set_connection(monkeypatch, cache="memory")

    def run(context=None, **arguments):
        return OrgApiOperator(task_id="t", **arguments).execute(context or {})

    return run


def test_it_returns_parsed_json_text_or_none(execute, orgauth_emulator):
    assert execute(endpoint=f"{API}/profile")["id"] == 578
    orgauth_emulator.fault("html", f"{API}/page", body="<p>hi</p>")
    assert execute(endpoint=f"{API}/page") == "<p>hi</p>"
    created = execute(
        endpoint=f"{API}/device/create",
        method="POST",
        json={"templateId": 353, "name": "new", "ownerId": 879, "orgId": 578},
    )
    assert execute(endpoint=f"{API}/device", method="DELETE", params={"deviceId": created["id"]}) is None


def test_json_that_breaks_off_is_an_error(execute, orgauth_emulator):
    orgauth_emulator.fault(
        "raw", f"{API}/x", status=200, headers={"Content-Type": "application/json", "Content-Length": "5"}, body='{"a":'
    )

    with pytest.raises(errors.ResponseError, match="says it is JSON and is not"):
        execute(endpoint=f"{API}/x")


@pytest.mark.parametrize(
    "response_filter",
    ["content[].id", lambda response: [device["id"] for device in response.json()["content"]]],
    ids=["jmespath", "callable"],
)
def test_response_filter(execute, response_filter):
    found = execute(endpoint=f"{API}/devices", params={"size": 3, "page": 0}, response_filter=response_filter)

    assert len(found) == 3
    assert all(isinstance(device, int) for device in found)


@pytest.mark.parametrize("argument", ["response_check", "response_filter"])
@pytest.mark.parametrize("error", [TypeError("mine"), ValueError("mine"), requests.ConnectionError("mine")], ids=repr)
@pytest.mark.parametrize(
    "arguments", [{"endpoint": f"{API}/profile"}, {"endpoint": f"{API}/devices", "pagination": "page_number"}]
)
def test_what_a_callable_raises_is_the_error(execute, argument, error, arguments):
    def function(response):
        raise error

    with pytest.raises(type(error)) as caught:
        execute(**arguments, **{argument: function})

    assert caught.value is error
    assert error.__cause__ is None


def test_a_callable_gets_the_context_values_that_it_names(execute):
    found = execute(
        {"ds": "2026-01-01", "other": 1},
        endpoint=f"{API}/profile",
        response_filter=lambda response, ds: [ds, response.status_code],
    )

    assert found == ["2026-01-01", 200]


@pytest.mark.parametrize(
    "response_check", ["totalElements > `0`", lambda response: response.ok], ids=["jmespath", "callable"]
)
def test_a_response_check_that_passes(execute, response_check):
    assert execute(endpoint=f"{API}/devices", pagination=False, response_check=response_check)


@pytest.mark.parametrize(
    "response_check", ["nothing", "totalElements < `0`", lambda response: None], ids=["missing", "false", "callable"]
)
def test_a_response_check_that_does_not_pass(execute, response_check):
    with pytest.raises(errors.ResponseCheckError, match="does not pass response_check") as caught:
        execute(endpoint=f"{API}/devices", pagination=False, response_check=response_check)
    assert not isinstance(caught.value, AirflowFailException)  # what is not so yet may be so at the next try


@pytest.mark.parametrize("argument", ["response_check", "response_filter"])
def test_a_wrong_expression_names_its_argument(execute, argument):
    with pytest.raises(errors.ConfigurationError, match=argument):
        execute(endpoint=f"{API}/profile", **{argument: "content["})


def test_credentials_in_results_are_masked_whatever_the_filter(execute, caplog):
    plain = execute(endpoint=f"{API}/devices", params={"size": 2, "page": 0})
    filtered = execute(
        endpoint=f"{API}/devices", params={"size": 2, "page": 0}, response_filter="content[].{x: token, id: id}"
    )
    called = execute(
        endpoint=f"{API}/devices", params={"size": 2, "page": 0}, response_filter=lambda response: response.json()
    )

    assert [device["token"] for device in plain["content"] + called["content"]] == ["***"] * 4
    assert [device["x"] for device in filtered] == ["***", "***"]


def test_the_answer_is_logged_only_on_demand_and_without_credentials(execute, orgauth_emulator, caplog):
    caplog.set_level("DEBUG")
    device = execute(
        endpoint=f"{API}/devices", params={"size": 1}, response_filter=lambda r: r.json()["content"][0]["id"]
    )
    assert "hardwareInfo" not in caplog.text
    execute(endpoint=f"{API}/device", params={"deviceId": device}, log_response=True)

    logged = caplog.text
    if "hardwareInfo" in logged:  # Airflow 3 logs through structlog, which caplog sees only there
        assert '"token": "***"' in logged


def test_a_result_that_is_too_large_names_the_alternatives(execute):
    with pytest.raises(errors.ResultTooLargeError, match=r"response_filter.*do_xcom_push=False") as caught:
        execute(endpoint=f"{API}/devices", params={"size": 1000, "page": 0}, max_result_bytes=1000)

    assert isinstance(caught.value, AirflowFailException)
    assert execute(
        endpoint=f"{API}/devices", params={"size": 1000, "page": 0}, max_result_bytes=1000, do_xcom_push=False
    )


def test_a_logged_answer_is_masked_and_cut():
    response = requests.Response()
    response.raw = io.BytesIO(json.dumps({"token": "s3cr3t", "x": "y" * 20_000}).encode())
    shown = loggable(response)

    assert '"token": "***"' in shown
    assert len(shown) < MAX_LOGGED_CHARACTERS + 50


def test_the_limit_counts_bytes_and_not_characters(execute):
    with pytest.raises(errors.ResultTooLargeError):
        execute(endpoint=f"{API}/profile", response_filter=lambda response: "€" * 10, max_result_bytes=20)


def test_every_request_argument_is_templated():
    arguments = {"method", "endpoint", "query", "json", "data", "headers", "org_conn_id"}
    arguments |= {"pagination", "records", "output_path", "watermark", "job"}

    assert arguments == set(OrgApiOperator.template_fields)
    assert set(OrgApiOperator.template_fields_renderers) <= arguments


def make(dag_params=None, **arguments):
    with DAG("d", schedule=None, params=dag_params):
        return OrgApiOperator(task_id="t", endpoint="/x", **arguments)


def test_params_are_the_query_and_dag_params_stay_airflows():
    operator = make({"size": 1, "other": 2}, params={"size": 1, "page": "{{ ds }}"})

    assert operator.query == {"size": 1, "page": "{{ ds }}"}
    assert operator.params.dump() == {"size": 1, "other": 2}
    assert make({"other": 2}).query is None
    assert copy.deepcopy(operator).query == operator.query


def test_a_required_dag_param_and_its_schema_stay_the_dags():
    required = {"req": Param(type="string"), "n": Param(1, type="integer", minimum=1)}
    operator = make(required, params={"a": 1})

    assert operator.query == {"a": 1}
    assert operator.params.get_param("n").schema["minimum"] == 1
    assert copy.deepcopy(operator).query == {"a": 1}


def test_a_mapped_value_may_have_a_dag_params_name():
    with DAG("d", schedule=None, params={"region": "eu"}):
        mapped = OrgApiOperator.partial(task_id="a", endpoint="/x").expand(params=[{"size": 1, "region": "us"}])

    assert mapped.unmap({"params": {"size": 1, "region": "us"}}).query == {"size": 1, "region": "us"}


@pytest.mark.parametrize(
    ("kind", "body", "result"),
    [
        ("application/x-ndjson", b'{"a": 1}\n{"a": 2}', '{"a": 1}\n{"a": 2}'),
        ("application/json; charset=iso-8859-1", '{"a": "é"}'.encode("latin-1"), {"a": "é"}),
        ("text/plain", b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ("application/problem+json", b'{"a": 1}', {"a": 1}),
        ("text/plain", b"{not json", "{not json"),
        ("text/plain", b" \n", None),
    ],
)
def test_answers_however_they_are_labelled(execute, orgauth_emulator, kind, body, result):
    headers = {"Content-Type": kind, "Content-Length": str(len(body))}
    orgauth_emulator.fault("raw", f"{API}/x", status=200, headers=headers, body=body)

    assert execute(endpoint=f"{API}/x") == result


def test_a_result_that_is_nested_too_deep_is_a_clear_error(execute):
    deep = []
    for _ in range(5000):
        deep = [deep]

    with pytest.raises(errors.ResponseError, match="nested too deep"):
        execute(endpoint=f"{API}/profile", response_filter=lambda response: deep)


def test_params_take_what_a_dag_param_could_not_be():
    with DAG("d", schedule=None):
        first = OrgApiOperator(task_id="first", endpoint="/x")
        second = OrgApiOperator(task_id="second", endpoint="/x", params={"id": first.output, "t": ("a", "b")})

    assert second.upstream_task_ids == {"first"}
    assert second.query["t"] == ("a", "b")


def test_all_of_params_may_be_another_tasks_output():
    with DAG("d", schedule=None):
        first = OrgApiOperator(task_id="first", endpoint="/x")
        second = OrgApiOperator(task_id="second", endpoint="/x", params=first.output)
        third = OrgApiOperator.partial(task_id="third", params=first.output).expand(endpoint=["/x", "/y"])

    assert second.upstream_task_ids == third.upstream_task_ids == {"first"}
    with pytest.raises(errors.ConfigurationError, match="Give one of them"):
        make(params=first.output, query={"a": 1})


def test_a_subclass_that_passes_params_on():
    class Devices(OrgApiOperator):
        def __init__(self, **kwargs):
            super().__init__(endpoint="/devices", **kwargs)

    with DAG("d", schedule=None, params={"other": 2}):
        operator = Devices(task_id="t", params={"page": 1})

    assert operator.query == {"page": 1}
    assert operator.params.dump() == {"other": 2}


def test_mapped_params_are_the_query_too():
    with DAG("d", schedule=None, params={"other": 2}):
        over_params = OrgApiOperator.partial(task_id="a", endpoint="/x").expand(params=[{"page": 1}, {"page": 2}])
        over_endpoints = OrgApiOperator.partial(task_id="b", params={"size": 3}).expand(endpoint=["/x", "/y"])

    assert over_params.unmap({"params": {"page": 1}}).query == {"page": 1}
    assert over_endpoints.unmap({"endpoint": "/x"}).query == {"size": 3}


def test_making_an_operator_looks_nothing_up():
    operator = make(org_conn_id="no_such_connection", response_filter="id")

    assert operator.org_conn_id == "no_such_connection"
    assert operator.query is None
    assert json.dumps(OrgApiOperator.template_fields_renderers)


def test_on_kill_ends_a_wait_and_does_nothing_before_and_after(orgauth_emulator, orgauth_connection):
    orgauth_emulator.fault("status", f"{API}/profile", status=503, headers={"Retry-After": "60"})
    operator = OrgApiOperator(task_id="t", endpoint=f"{API}/profile", org_conn_id=orgauth_connection)

    def kill_once_it_waits():
        give_up = time.monotonic() + 20
        while not orgauth_emulator.stats()["api_requests"] and time.monotonic() < give_up:
            pass
        operator.on_kill()

    operator.on_kill()
    killer = threading.Thread(target=kill_once_it_waits)
    killer.start()
    started = time.monotonic()
    with pytest.raises(errors.TaskStoppedError, match="not sent again after status 503"):
        operator.execute({})
    killer.join()
    operator.on_kill()

    assert time.monotonic() - started < 60  # as long as the wait would have been
    assert orgauth_emulator.stats()["api_requests"] == 1
