"""Wrong arguments of the sensor: one clear error each, when the DAG is parsed where they are constant."""

from __future__ import annotations

import io

import pytest
from airflow.providers.common.compat.sdk import DAG, AirflowFailException
from documented_examples import literal_blocks

from airflow_provider_orgauth.exceptions import ConfigurationError, ForeignOriginError
from airflow_provider_orgauth.sensors.org_api import OrgApiSensor

GOOD = {"endpoint": "/api/v1/organization/shipment", "until": "status == 'FINISH'"}


async def later(response):
    return True


def nothing():
    return True


def wants_more(response, no_such_value):
    return True


WRONG = [
    ({"method": "GTE T"}, "method"),
    ({"params": {"a": {"b": 1}}}, "params.a"),
    ({"json": {"a": 1}, "data": {"a": 1}}, "json"),
    ({"max_result_bytes": 0}, "max_result_bytes"),
    ({"until": None}, "until"),
    ({"until": ""}, "until"),
    ({"until": True}, "until"),
    ({"until": 1.5}, "until"),
    ({"until": {"a": 1}}, "until"),
    ({"until": "status = 'FINISH'"}, "until"),
    ({"until": "no_such_function(status)"}, "until"),
    ({"until": "'FINISH'"}, "until"),
    ({"until": "status == 'FINISH' || 'DONE'"}, "until"),
    ({"until": 303}, "until"),
    ({"fail_if": [302]}, "fail_if"),
    ({"data": io.BytesIO(b"abc")}, "data"),
    ({"data": iter([b"abc"])}, "data"),
    ({"until": "status == '{{ params.status }}'"}, "until"),
    ({"until": later}, "until"),
    ({"until": nothing}, "until"),
    ({"until": ()}, "until"),
    ({"until": 99}, "until"),
    ({"until": [200, "204"]}, "until"),
    ({"until": [200, True]}, "until"),
    ({"until": {200, 401}}, "until"),
    ({"fail_if": "status ="}, "fail_if"),
    ({"fail_if": "`true`"}, "fail_if"),
    ({"fail_if": set()}, "fail_if"),
    ({"fail_if": 407}, "fail_if"),
    ({"value": "status ="}, "value"),
    ({"value": 200}, "value"),
    ({"value": [200]}, "value"),
    ({"waiting_statuses": "404"}, "waiting_statuses"),
    ({"waiting_statuses": None}, "waiting_statuses"),
    ({"waiting_statuses": 1000}, "waiting_statuses"),
    ({"until": {200, 404}, "waiting_statuses": 404}, "waiting_statuses"),
    ({"fail_if": 404, "waiting_statuses": [404]}, "waiting_statuses"),
    ({"until": 404, "fail_if": [404, 410]}, "until"),
]


def names(error, field):
    return isinstance(error, AirflowFailException) and error.field == field


@pytest.mark.parametrize(("arguments", "field"), WRONG, ids=repr)
def test_a_wrong_argument_is_named_when_the_dag_is_parsed(arguments, field):
    with pytest.raises(ConfigurationError) as caught:
        OrgApiSensor(task_id="t", **GOOD | arguments)
    assert names(caught.value, field)


@pytest.mark.parametrize(("arguments", "field"), WRONG, ids=repr)
def test_so_it_is_in_a_mapped_task(arguments, field):
    with pytest.raises(ConfigurationError) as caught:
        OrgApiSensor.partial(task_id="t", **GOOD | arguments)
    assert names(caught.value, field)


def test_an_endpoint_on_another_host_is_refused():
    with pytest.raises(ForeignOriginError, match="names another host"):
        OrgApiSensor(task_id="t", **GOOD | {"endpoint": "//evil.example/x"})


@pytest.mark.parametrize(
    "arguments",
    [{"until": "no.such.module:function"}, {"fail_if": "json:no_such"}, {"value": wants_more}],
    ids=repr,
)
def test_what_needs_an_import_or_the_context_is_found_before_anything_is_sent(orgauth_emulator, monkeypatch, arguments):
    orgauth_emulator.set_connection(monkeypatch)

    with pytest.raises(ConfigurationError, match=rf"^{next(iter(arguments))}: "):
        OrgApiSensor(task_id="t", **GOOD | arguments).execute({})

    assert orgauth_emulator.requests() == []


def test_params_are_the_query_and_not_the_dags():
    with DAG(dag_id="d", schedule=None, params={"a": 1}):
        sensor = OrgApiSensor(task_id="t", **GOOD, params={"shipmentId": 7})

    assert sensor.query == {"shipmentId": 7}
    assert dict(sensor.params) == {"a": 1}


def test_the_query_is_templated():
    with DAG(dag_id="d", schedule=None):
        sensor = OrgApiSensor(task_id="t", **GOOD, params={"shipmentId": "{{ number }}"})

    sensor.render_template_fields({"number": 7})

    assert sensor.query == {"shipmentId": "7"}


def test_a_mapped_task_maps_over_params():
    with DAG(dag_id="d", schedule=None):
        mapped = OrgApiSensor.partial(task_id="t", mode="reschedule", **GOOD).expand(params=[{"shipmentId": 7}])

    assert mapped.partial_kwargs["until"] == GOOD["until"]
    assert mapped.expand_input.value == {"query": [{"shipmentId": 7}]}


def test_the_examples_are_tasks():
    for example in literal_blocks(OrgApiSensor):
        assert isinstance(eval(example, {"OrgApiSensor": OrgApiSensor}), OrgApiSensor)
