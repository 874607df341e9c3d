"""Credentials that a user or a next link puts into the query are in no log, urllib3's at DEBUG included."""

import logging

import pytest
from echo_server import echo_server

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

NAMES = [
    *("auth_token", "id_token", "device_token", "x_api_key", "X-Auth-Token", "x_access_token", "oauth_token"),
    *("private_token", "personal_access_token", "access_key", "Subscription-Key", "token[]", "filter[api_key]"),
    *("private_key", "secret", "passwd", "cookie", "X-Vault-Token"),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_credential_in_the_query_is_in_no_log(monkeypatch, caplog, name):
    with echo_server() as server:
        monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", server.connection_json())
        hook = OrgAuthHook()
        hook.get_access_token()
        with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, "urllib3.connectionpool"):
            hook.run("/devices", params={name: "qu3ry-s3cr3t", "page": 7})

    assert "=***&page=7" in caplog.text
    assert "qu3ry-s3cr3t" not in caplog.text


def test_a_credential_in_a_url_or_in_json_in_the_query_is_in_no_log(monkeypatch, caplog):
    with echo_server() as server:
        monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", server.connection_json())
        hook = OrgAuthHook()
        with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, "urllib3.connectionpool"):
            hook.run("/a", params={"back": "https://h/x?auth_token=qu3ry-s3cr3t&y=1", "page": 7})
            hook.run("/b", params={"filter": '{"id_token": "qu3ry-s3cr3t"}', "page": 8})
            hook.run("/c?%73ecret=qu3ry-s3cr3t&page=9")

    assert all(f"&page={number}" in caplog.text or f"page%3D{number}" in caplog.text for number in (7, 8, 9))
    assert "qu3ry-s3cr3t" not in caplog.text
