"""Rows of triggers outlive the version that wrote them: what version 1 stored stays readable for ever."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from trigger_runs import SHIPMENT, payload_of, run, shipment_wait, stored

from airflow_provider_orgauth.triggers.arguments import DEFAULTS
from airflow_provider_orgauth.triggers.org_api import OrgApiTrigger

RECORDED = json.loads(Path(__file__).with_name("recorded_v1.json").read_text())
"""What ``serialize`` of the first version gave. Rows are added here, and never changed."""

REQUEST = {"endpoint": SHIPMENT, "params": {"shipmentId": 1}}


def of_row(arguments):
    class AsStored(OrgApiTrigger):
        def serialize(self):
            return "airflow_provider_orgauth.triggers.org_api.OrgApiTrigger", arguments

    return payload_of(AsStored())


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_arguments_are_written_as_they_were(name):
    row = RECORDED[name]
    trigger = OrgApiTrigger(**row["arguments"])

    assert trigger.serialize() == (row["path"], row["arguments"])


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_arguments_mean_what_they_meant(ship, name):
    ship({"status": "FINISH", "polls": 1})
    row = RECORDED[name]
    arguments = row["arguments"]
    if "deadline" in arguments and row["ends"]["state"] != "timeout":
        arguments = arguments | {"deadline": 4e9, "next_look": 0}
    payload = of_row(arguments)

    assert {key: payload[key] for key in row["ends"]} == row["ends"]


def test_every_argument_is_recorded():
    names = {name for row in RECORDED.values() for name in row["arguments"]}

    assert names >= {*DEFAULTS, "request", "until"}


def test_no_default_is_written():
    given = OrgApiTrigger(REQUEST, until="status", **DEFAULTS)

    assert given.serialize()[1] == {"v": 1, "request": REQUEST, "until": "status"}
    as_lists = OrgApiTrigger(REQUEST, until="status", waiting_statuses=[], poke_interval=60)
    assert as_lists.serialize()[1] == {"v": 1, "request": REQUEST, "until": "status"}


@pytest.mark.parametrize("statuses", [{404, 200}, frozenset({200, 404}), (404, 200), [200, 404]], ids=lambda one: "s")
def test_status_codes_are_a_list(statuses):
    trigger = OrgApiTrigger(REQUEST, until=statuses, fail_if=statuses, waiting_statuses=statuses)
    arguments = trigger.serialize()[1]

    assert arguments["until"] == arguments["fail_if"] == arguments["waiting_statuses"] == [200, 404]


def test_what_is_made_of_a_row_has_the_same_row():
    trigger = shipment_wait(value="id", deadline=1e9, resume={"began": 1.5}, looks=3, exponential_backoff=True)

    assert stored(trigger).serialize() == trigger.serialize()


def test_the_arguments_are_in_the_same_order_each_time():
    """Airflow knows equal triggers by the text of their arguments."""
    one = OrgApiTrigger(REQUEST, until="status", value="id", looks=2).serialize()[1]

    assert list(one) == list(OrgApiTrigger(**one).serialize()[1]) == ["v", "request", "until", "value", "looks"]


def test_unknown_names_are_kept_and_ignored(ship):
    ship({"status": "FINISH", "polls": 1})
    trigger = shipment_wait(of_a_later_version={"a": 1})

    assert trigger.serialize()[1]["of_a_later_version"] == {"a": 1}
    assert payload_of(trigger)["state"] == "met"


@pytest.mark.parametrize("version", [2, "1", None, 1.5])
def test_a_later_version_asks_for_a_newer_triggerer(version):
    row = {"v": version, "request": {"all": "else"}, "until": {"has": "changed"}, "resume": {"began": 1}}
    payload = of_row(row)

    assert payload["state"] == "error"
    assert payload["error"] == {
        "type": "ConfigurationError",
        "message": f"v: is {version}, which this triggerer does not know.",
        "advice": "Upgrade the triggerer.",
        "field": "v",
    }
    assert payload["resume"] == {"began": 1}


BROKEN = [
    ({"request": None}, "request"),
    ({"request": []}, "request"),
    ({"request": "x"}, "request"),
    ({"request": {}}, "request"),
    ({"request": {"endpoint": 7}}, "request"),
    ({"request": REQUEST | {"method": None}}, "method"),
    ({"request": REQUEST | {"headers": [1]}}, "headers"),
    ({"request": REQUEST | {"headers": {"Authorization": "x"}}}, "headers"),
    ({"request": REQUEST | {"params": {"token": "abcdef"}}}, "params"),
    ({"until": None}, "until"),
    ({"until": 7}, "until"),
    ({"until": {"a": 1}}, None),
    ({"until": [[200]]}, None),
    ({"until": [200, "x"]}, "until"),
    ({"until": "status ="}, "until"),
    ({"until": "'always'"}, "until"),
    ({"until": True}, "until"),
    ({"fail_if": {"a": 1}}, None),
    ({"fail_if": 1.5}, "fail_if"),
    ({"value": ["id"]}, "value"),
    ({"value": 7}, "value"),
    ({"waiting_statuses": "404"}, "waiting_statuses"),
    ({"waiting_statuses": None}, "waiting_statuses"),
    ({"poke_interval": "60"}, "poke_interval"),
    ({"poke_interval": "soon"}, "poke_interval"),
    ({"poke_interval": None}, "poke_interval"),
    ({"poke_interval": True}, "poke_interval"),
    ({"poke_interval": float("nan")}, "poke_interval"),
    ({"max_wait": "long", "exponential_backoff": True}, "max_wait"),
    ({"deadline": "tomorrow"}, "deadline"),
    ({"deadline": float("inf")}, "deadline"),
    ({"next_look": [1]}, "next_look"),
    ({"looks": "many"}, "looks"),
    ({"org_conn_id": ["a"]}, "org_conn_id"),
    ({"org_conn_id": None}, "org_conn_id"),
]


@pytest.mark.parametrize(("part", "field"), BROKEN, ids=lambda one: str(one)[:40])
def test_a_broken_row_ends_with_an_error(connected, part, field):
    """An exception would tell the task nothing, and Airflow 2.11's ``dags test`` would never end."""
    row = {"v": 1, "request": REQUEST, "until": "status == 'FINISH'", "resume": {"began": 1}} | part

    async def scenario(triggerer):
        events = [event.payload async for event in OrgApiTrigger(**row).run()]
        assert triggerer.seconds < 5
        return events

    (payload,) = run(scenario)

    assert payload["state"] == "error"
    assert payload["error"]["type"] == "ConfigurationError"
    assert payload["error"]["field"] == field or (field is None and "cannot be used" in payload["error"]["message"])
    assert payload["resume"] == {"began": 1}
    assert "abcdef" not in json.dumps(payload)
    assert connected.stats()["api_requests"] == 0


@pytest.mark.parametrize("missing", ["request", "until", "v"])
def test_what_is_missing_ends_with_an_error(connected, missing):
    row = {"v": 1, "request": REQUEST, "until": "status == 'FINISH'"}
    del row[missing]
    payload = of_row(row)

    assert payload["state"] == "error"
    if missing == "v":  # it is as by default then, and there is no such shipment
        assert payload["error"]["status"] == 404
    else:
        assert payload["error"]["field"] == missing


def test_one_broken_wait_harms_no_other_on_the_same_request(ship):
    ship({"status": "FINISH", "polls": 2})

    async def scenario(triggerer):
        broken = [shipment_wait(max_wait="x", exponential_backoff=True), shipment_wait(poke_interval="x")]
        return await triggerer.payloads(shipment_wait(), *broken)

    assert [payload["state"] for payload in run(scenario)] == ["met", "error", "error"]
