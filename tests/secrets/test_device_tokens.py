"""Devices' tokens where they are easily overlooked: in answers that are not quite JSON, in tuples, in a query."""

from __future__ import annotations

import json
import logging

import pytest
from broken_servers import API, DEVICES

from airflow_provider_orgauth.answers import response as answers
from airflow_provider_orgauth.emulator.data import device_token
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

DEVICES_JSON = [{"id": n, "token": device_token(7001, n), "name": f"Pump {n}"} for n in range(1, 4)]
WHOLE = json.dumps({"content": DEVICES_JSON})
ANSWERS = {
    "cut in a token": ("application/json", WHOLE[: WHOLE.index(device_token(7001, 2)) + 25]),
    "cut elsewhere": ("application/json", WHOLE[:-3]),
    "lines": ("application/x-ndjson", "\n".join(map(json.dumps, DEVICES_JSON))),
    "lines as text": ("text/plain", "\n".join(map(json.dumps, DEVICES_JSON))),
    "JSON in JSON": ("application/json", json.dumps({"body": WHOLE})),
    "JSON in JSON in JSON": ("application/json", json.dumps({"a": json.dumps({"body": WHOLE})})),
    "a string": ("application/json", json.dumps(WHOLE)),
    "with a guard": ("application/json", ")]}'\n" + WHOLE),
    "spaced": ("text/plain", "x" + json.dumps(DEVICES_JSON, indent=1).replace('": ', '" : ')),
    "python": ("text/plain", repr(DEVICES_JSON)),
    "form": ("application/x-www-form-urlencoded", f"id=1&token={device_token(7001, 1)}&x=1"),
}


@pytest.mark.parametrize("how", ANSWERS)
def test_no_token_of_a_device_reaches_the_log_or_xcom(servers, monkeypatch, how):
    emulator = servers.restart("good")
    content_type, body = ANSWERS[how]
    emulator.fault("status", f"{API}devices", status=200, body=body, headers={"Content-Type": content_type})
    hook = OrgAuthHook(emulator.set_connection(monkeypatch, cache="memory"))
    response = hook.run(f"{API}devices")
    search = servers.secrets("good")

    assert len(search) > DEVICES
    assert search.found(answers.loggable(response)) == []
    try:
        result, _ = answers.result_of(response, None, {})
    except Exception as error:
        result = [str(error), repr(error)]
    assert search.found(json.dumps(result)) == []


@pytest.mark.parametrize(
    "response_filter",
    [
        lambda response: tuple(response.json()["content"]),
        lambda response: {"found": (1, response.json()["content"])},
        lambda response: response.text,
    ],
    ids=["a tuple", "a tuple inside", "text"],
)
def test_no_token_of_a_device_in_what_a_callable_returns(servers, monkeypatch, response_filter):
    emulator = servers.restart("good")
    hook = OrgAuthHook(emulator.set_connection(monkeypatch, cache="memory"))
    result, _ = answers.result_of(hook.run(f"{API}devices"), response_filter, {})

    assert servers.secrets("good").found(json.dumps(result)) == []


def test_the_token_of_a_device_in_a_query(servers, monkeypatch, caplog):
    """The vendor's ingest endpoints want it there: ``/external/api/get?token=…&V0``."""
    emulator = servers.restart("good")
    hook = OrgAuthHook(emulator.set_connection(monkeypatch, cache="memory"))
    with caplog.at_level(logging.DEBUG):
        hook.run(f"{API}devices", params={"size": 1, "token": device_token(7001, 1)})

    assert "size=1" in caplog.text
    assert servers.secrets("good").found(caplog.text) == []
