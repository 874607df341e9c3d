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
