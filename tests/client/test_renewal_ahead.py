"""Renewal ahead of time: by one, while all others go on with the token they hold."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from token_stores import LeaseBeside, Memory

from airflow_provider_orgauth.oauth.steps import Lease


@pytest.fixture
def at_once(moments, clockwork):
    """Return a function that lets the moment for the successor of a process's token be now."""
    return lambda source, token: moments.put(source, token, clockwork.clock())


@pytest.fixture
def held(process, shared, clockwork, at_once):
    """A process whose token is 15 s away from its margin, and whose moment has come."""
    shared.lease = LeaseBeside(shared)
    source = process()
    token = source.token()
    clockwork.advance(255)
    clockwork.slept.clear()
    at_once(source, token)
    shared.log.clear()
    return source, token


def grants(emulator):
    return emulator.stats()["token_requests_by_grant"]


def test_at_its_moment_a_process_renews_the_token_and_tells_the_others(held, shared, orgauth_emulator, clockwork):
    source, old = held
    new = source.token()

    assert new.access_token != old.access_token
    assert shared.token == new
    assert grants(orgauth_emulator) == {"client_credentials": 1, "refresh_token": 1}
    assert shared.log == [
        *("lock", "read lease", "write lease", "read lease"),
        *("save", "read lease", "write lease", "unlock"),
    ]


def test_who_comes_later_reads_the_new_token_once(held, process, shared, orgauth_emulator, at_once):
    source, old = held
    late = process()
    late.token()
    at_once(source, old)
    new = source.token()
    shared.log.clear()
    at_once(source, old)

    assert late.token() == new
    assert [entry for entry in shared.log if entry != "unlock"] == ["lock", "read lease", "load"]
    shared.log.clear()
    assert late.token() == new
    assert shared.log == []
    assert grants(orgauth_emulator) == {"client_credentials": 1, "refresh_token": 1}


def test_who_comes_later_reads_it_also_where_no_lease_tells_of_it(held, process, shared, orgauth_emulator, at_once):
    """Variables are out of reach, so there is no lease; what the processes of the host share is not."""
    source, old = held
    late = process()
    late.token()
    shared.lease.read = lambda: None
    at_once(source, old)
    new = source.token()
    at_once(source, old)

    assert late.token() == new
    assert grants(orgauth_emulator) == {"client_credentials": 1, "refresh_token": 1}


@pytest.mark.parametrize("busy", ["host", "fleet"])
def test_while_somebody_else_renews_the_old_token_is_used(held, shared, moments, orgauth_emulator, clockwork, busy):
    source, old = held
    if busy == "host":
        shared.locked = True
    else:
        shared.lease.value = Lease(holder="other", generation=old.generation + 1)

    assert source.token() == old
    assert clockwork.slept == []
    assert clockwork.clock() < moments.last <= old.expires_at - 30
    assert grants(orgauth_emulator) == {"client_credentials": 1}


@pytest.mark.parametrize("fault", ["reset", "html", "empty"])
def test_a_renewal_ahead_of_time_that_fails_fails_nobody(held, orgauth_emulator, clockwork, caplog, fault):
    source, old = held
    orgauth_emulator.fault(fault, "/oauth2/token", times=2)

    assert source.token() == old
    [warning] = [record.getMessage() for record in caplog.records if record.name.endswith("token_source")]
    assert warning.startswith("The token was not renewed ahead of time; it is good for another 44 s.")
    assert clockwork.slept == [0.5]  # the claim's own wait: nothing was tried again
    clockwork.advance(60)
    assert source.token() != old


def test_other_threads_go_on_while_one_renews(held, orgauth_emulator):
    source, old = held
    orgauth_emulator.settings(latency=0.3)
    got = []
    renewing = threading.Thread(target=lambda: got.append(source.token()))
    renewing.start()
    meanwhile = []
    while renewing.is_alive():
        meanwhile.append(source.token())
    renewing.join()

    assert len(meanwhile) > 100
    assert {token.access_token for token in meanwhile} <= {old.access_token, got[0].access_token}
    assert got[0] != old
    assert grants(orgauth_emulator) == {"client_credentials": 1, "refresh_token": 1}


def test_a_process_alone_renews_ahead_of_time_too(process, moments, orgauth_emulator, clockwork):
    """With its memory as the only store there is neither lock nor lease, and still one renewal."""
    memory = Memory()
    source = process(memory=memory, shared=memory)
    old = source.token()
    clockwork.advance(moments.last - clockwork.clock() - 1)
    assert source.token() == old
    clockwork.advance(2)

    assert source.token() != old
    assert grants(orgauth_emulator) == {"client_credentials": 1, "refresh_token": 1}


def test_a_renewal_that_took_until_the_token_ran_out_is_followed_by_another(held, wire, orgauth_emulator, clockwork):
    """An endpoint that hangs, and then breaks off, must not make anyone use a dead token."""
    source, old = held
    orgauth_emulator.fault("reset", "/oauth2/token")
    wire.answered = lambda: clockwork.advance(60)
    new = source.token()

    assert new != old
    assert new.is_fresh(clockwork.clock(), 30)


@pytest.mark.parametrize("sent_once", [True, False])
def test_a_request_that_cannot_be_replayed_gets_the_successor_of_its_token(held, shared, moments, sent_once):
    """On most servers a refresh ends the old token at once, under the feet of those who still hold it."""
    source, old = held
    shared.token = successor = replace(old, access_token="successor", generation=old.generation + 1)
    moments.put(source, old, old.expires_at)

    assert source.token(sent_once=sent_once) == (successor if sent_once else old)
