"""Airflow's HTTP provider takes the class as ``auth_type``."""

from __future__ import annotations

import json

import pytest

from airflow_provider_orgauth.auth import OrgAuth

pytest.importorskip("airflow.providers.http.hooks.http")


@pytest.mark.parametrize("login", ["orgauth_default", None])
def test_a_hook_of_the_http_provider_signs_with_it(login, orgauth_emulator, org_conn_id, monkeypatch):
    from airflow.providers.http.hooks.http import HttpHook

    host, port = orgauth_emulator.url.removeprefix("http://").split(":")
    about = {"conn_type": "http", "host": host, "port": int(port), "schema": "http", "login": login}
    monkeypatch.setenv("AIRFLOW_CONN_MY_API", json.dumps({**about, "password": "unused" if login else None}))
    hook = HttpHook("GET", "my_api", auth_type=OrgAuth)
    for _ in range(2):
        assert hook.run("/api/v1/organization/profile").json()["id"] == 578
    orgauth_emulator.revoke()
    assert hook.run("/api/v1/organization/profile").json()["id"] == 578
    assert orgauth_emulator.stats()["token_requests"] == 2


def test_an_operators_pages_go_on_after_a_401_in_their_middle(orgauth_emulator, org_conn_id, monkeypatch):
    from airflow.providers.http.operators.http import HttpOperator

    host, port = orgauth_emulator.url.removeprefix("http://").split(":")
    about = {"conn_type": "http", "host": host, "port": int(port), "schema": "http", "login": org_conn_id}
    monkeypatch.setenv("AIRFLOW_CONN_MY_API", json.dumps(about))

    further = iter(range(1, 6))

    def next_page(response):
        number = next(further, None)
        if number == 3:
            orgauth_emulator.revoke()
        return None if number is None else {"data": {"page": number, "size": 10}}

    operator = HttpOperator(
        task_id="devices",
        http_conn_id="my_api",
        endpoint="/api/v1/organization/devices",
        method="GET",
        data={"page": 0, "size": 10},
        auth_type=OrgAuth,
        pagination_function=next_page,
        response_filter=lambda answers: [device["id"] for answer in answers for device in answer.json()["content"]],
    )

    assert operator.execute({}) == list(range(1, 61))
    stats = orgauth_emulator.stats()
    assert stats["token_requests_by_outcome"] == {"issued": 2}
    assert stats["api_requests_by_status"] == {"200": 6, "401": 1}
