"""dlt's ``rest_api`` with our auth: its pages are signed, also after a 401 in their middle."""

from __future__ import annotations

import copy
import os
import pickle

import pytest

import airflow_provider_orgauth.auth as auths
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

if not os.environ.get("ORGAUTH_EXPORTS_REQUIRED"):
    pytest.importorskip("dlt", reason="no dlt in this virtual environment: `make test-exports` has one of its own")

DEVICES = 250


@pytest.fixture
def orgauth_emulator_settings():
    return {"devices": DEVICES}


def test_a_source_goes_on_after_a_401_in_the_middle_of_its_pages(orgauth_emulator, monkeypatch):
    from dlt.sources.rest_api import rest_api_source

    conn_id = orgauth_emulator.set_connection(monkeypatch, cache="memory")
    pages = {"type": "page_number", "page_param": "page", "base_page": 0, "total_path": None}
    source = rest_api_source(
        {
            "client": {"base_url": f"{orgauth_emulator.url}/api/v1/organization", "auth": auths.OrgDltAuth(conn_id)},
            "resource_defaults": {"endpoint": {"params": {"size": 50}, "paginator": pages, "data_selector": "content"}},
            "resources": ["devices", {"name": "users", "endpoint": {"path": "users"}}],
        }
    )
    ids = []
    for device in source.resources["devices"]:
        ids.append(device["id"])
        if len(ids) == 120:
            orgauth_emulator.revoke()

    assert sorted(ids) == list(range(1, DEVICES + 1))
    assert len(list(source.resources["users"])) > 0
    stats = orgauth_emulator.stats()
    assert stats["token_requests_by_outcome"] == {"issued": 2}
    assert stats["api_requests_by_status"]["401"] == 1
    assert {request["auth_scheme"] for request in orgauth_emulator.requests() if "/api/" in request["path"]} == {
        "Bearer"
    }


def test_a_rest_client_takes_any_auth_of_requests(orgauth_emulator, monkeypatch):
    from dlt.sources.helpers.rest_client import RESTClient
    from dlt.sources.helpers.rest_client.paginators import PageNumberPaginator

    conn_id = orgauth_emulator.set_connection(monkeypatch, cache="memory")
    for auth in (OrgAuthHook(conn_id).auth, auths.OrgAuth(conn_id)):
        client = RESTClient(
            f"{orgauth_emulator.url}/api/v1/organization",
            auth=auth,
            paginator=PageNumberPaginator(base_page=0, page_param="page", total_path=None),
        )
        ids = []
        for page in client.paginate("devices", params={"size": 50}, data_selector="content"):
            ids += [device["id"] for device in page]
            if len(ids) == 100:
                orgauth_emulator.revoke()
        assert ids == list(range(1, DEVICES + 1))

    assert orgauth_emulator.stats()["token_requests_by_outcome"] == {"issued": 3}
    assert orgauth_emulator.stats()["api_requests_by_status"]["401"] == 2


def test_it_is_copied_and_pickled_as_the_others_are(orgauth_emulator, monkeypatch):
    conn_id = orgauth_emulator.set_connection(monkeypatch, cache="memory")
    auth = auths.OrgDltAuth(conn_id)
    token = OrgAuthHook(conn_id).get_access_token()

    assert auth.bearer is not None
    assert copy.deepcopy({"client": {"auth": auth}})["client"]["auth"] is auth
    assert auth.copy() is auth
    assert pickle.loads(pickle.dumps(auth)).org_conn_id == conn_id
    assert token not in f"{auth!r} {auth} {pickle.dumps(auth)!r} {dict(auth)}"
    assert repr(auth) == f"OrgDltAuth({conn_id!r})"
