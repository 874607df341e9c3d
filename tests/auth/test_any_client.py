"""The same rules hold with each client."""

from __future__ import annotations

import copy
import pickle

import aiohttp
import pytest
from clients import MANY_AT_ONCE

import airflow_provider_orgauth.auth as auths
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

HAS_MIDDLEWARES = hasattr(aiohttp, "ClientHandlerType")  # from 3.12 on
ALL = [auths.OrgAuth, auths.OrgHttpxAuth, *([auths.OrgMiddleware] if HAS_MIDDLEWARES else [])]


def test_a_request_is_signed(call, api):
    status, profile = call("GET", f"{api}/profile")
    assert (status, profile["id"]) == (200, 578)


def test_many_requests_share_one_token(call, api, orgauth_emulator):
    for _ in range(3):
        assert call("GET", f"{api}/profile")[0] == 200
    assert orgauth_emulator.stats()["token_requests"] == 1


def test_after_a_401_the_token_is_renewed_and_the_request_sent_once_more(call, api, orgauth_emulator):
    call("GET", f"{api}/profile")
    orgauth_emulator.revoke()
    assert call("GET", f"{api}/profile")[0] == 200
    assert orgauth_emulator.stats()["token_requests"] == 2


def test_a_401_that_stays_is_given_to_the_caller(call, api, orgauth_emulator):
    orgauth_emulator.fault("status", "/profile", status=401, times=50)
    assert call("GET", f"{api}/profile")[0] == 401
    seen = [one for one in orgauth_emulator.requests() if one["path"].startswith("/api")]
    assert len(seen) == 2


def test_a_body_of_bytes_is_sent_again_after_a_401(call, api, orgauth_emulator):
    call("GET", f"{api}/profile")
    orgauth_emulator.revoke()
    status, _ = call("POST", f"{api}/shipment/start", b'{"id": 1}')
    assert status != 401


@pytest.mark.parametrize("many", MANY_AT_ONCE, ids=lambda many: many.__name__)
def test_many_at_once_meet_the_401_and_one_token_is_asked_for(many, api, orgauth_emulator):
    """All of them are sent with the token that was revoked; each is sent once more, with the same new one."""
    statuses = many(f"{api}/profile", 20, orgauth_emulator.revoke)
    assert statuses == [200] * 20
    stats = orgauth_emulator.stats()
    assert stats["token_requests"] == 2
    assert stats["api_requests_by_status"]["200"] == 21
    assert 1 <= stats["api_requests_by_status"]["401"] <= 20


def test_requests_to_other_servers_are_not_signed(call, api, orgauth_emulator):
    other = orgauth_emulator.url.replace("127.0.0.1", "localhost")
    assert call("GET", f"{other}/api/v1/organization/profile")[0] == 401
    assert orgauth_emulator.stats()["token_requests"] == 0


@pytest.mark.parametrize("auth", ALL)
def test_a_copy_and_what_is_pickled_hold_the_connections_id_only(auth, org_conn_id):
    one = auth(org_conn_id)
    token = OrgAuthHook(org_conn_id).get_access_token()
    assert one.bearer is not None
    assert copy.deepcopy({"client": {"auth": one}})["client"]["auth"] is one
    kept = pickle.dumps(one)
    assert token.encode() not in kept
    assert pickle.loads(kept).org_conn_id == org_conn_id
    assert repr(one) == f"{auth.__name__}({org_conn_id!r})"


@pytest.mark.parametrize("auth", ALL)
def test_nothing_is_looked_up_when_one_is_made(auth):
    assert auth("there is no such connection").org_conn_id == "there is no such connection"


def test_the_hooks_auth_is_copied_and_pickled_as_well(org_conn_id, api, orgauth_emulator):
    import requests

    auth = OrgAuthHook(org_conn_id).auth
    assert copy.deepcopy(auth) is auth
    kept = pickle.dumps(auth)
    assert orgauth_emulator.client_secret.encode() not in kept
    assert requests.get(f"{api}/profile", auth=pickle.loads(kept), timeout=10).json()["id"] == 578


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="OrgOauth"):
        _ = auths.OrgOauth


@pytest.mark.skipif(HAS_MIDDLEWARES, reason="this aiohttp has middlewares for clients")
def test_an_aiohttp_that_is_too_old_is_named():
    with pytest.raises(ConfigurationError, match=r"aiohttp 3\.12"):
        auths.OrgMiddleware()
