"""A token that is renewed because somebody asked for it: by the rules of every renewal, and for everybody."""

from __future__ import annotations

import pytest
from token_stores import LeaseBeside

from airflow_provider_orgauth.oauth.answers import Refusal
from airflow_provider_orgauth.oauth.steps import Lease
from airflow_provider_orgauth.oauth.token import Token


@pytest.fixture
def source(process, shared):
    shared.lease = LeaseBeside(shared)
    return process()


def test_a_good_token_is_renewed_and_shared(source, process, shared, orgauth_emulator):
    old = source.token()
    new = source.renew_now()

    assert isinstance(new, Token)
    assert new.generation > old.generation
    assert shared.token.access_token == new.access_token
    assert process().token().access_token == new.access_token  # another process finds it
    assert source.token().access_token == new.access_token
    assert orgauth_emulator.stats()["token_requests"] == 2
    assert shared.lease.value.holder is None


def test_without_a_token_one_is_got(source, orgauth_emulator):
    assert isinstance(source.renew_now(), Token)
    assert orgauth_emulator.stats()["token_requests"] == 1


def test_of_a_process_that_is_at_it_the_outcome_is_taken(source, process, shared, clockwork, orgauth_emulator):
    old = source.token()
    shared.lease.value = Lease(holder="other", generation=old.generation + 1)
    other = Token("of-another-process", clockwork.clock(), 300.0, generation=old.generation + 1)

    def renewed():
        shared.token = other
        shared.lease.value = Lease(renewed="ab", generation=other.generation)

    clockwork.meanwhile = renewed
    assert source.renew_now().access_token == "of-another-process"
    assert orgauth_emulator.stats()["token_requests"] == 1


def test_a_lease_whose_holder_died_is_taken_over(source, shared, clockwork, orgauth_emulator):
    old = source.token()
    shared.lease.value = Lease(holder="dead", generation=old.generation + 1)

    new = source.renew_now()
    assert new.generation > old.generation
    assert orgauth_emulator.stats()["token_requests"] == 2
    assert 4 < sum(clockwork.slept) < 12


def test_a_lease_that_changes_hands_for_ever_is_left_to_them(source, shared, clockwork, orgauth_emulator):
    old = source.token()
    claims = iter(range(1000))

    def claim():
        shared.lease.value = Lease(holder=f"another-{next(claims)}", generation=old.generation + 1)

    claim()
    clockwork.meanwhile = claim
    assert source.renew_now() is None
    assert orgauth_emulator.stats()["token_requests"] == 1
    assert source.token().access_token == old.access_token


def test_a_refusal_leaves_the_old_token_in_use(source, orgauth_emulator):
    old = source.token()
    orgauth_emulator.fault("status", "/oauth2/token", status=401, times=9)

    assert isinstance(source.renew_now(), Refusal)
    assert source.token().access_token == old.access_token


def test_what_was_sent_is_reported_once_the_locks_are_released(process, shared, orgauth_emulator):
    shared.lease = LeaseBeside(shared)
    reports = []

    def told(report):
        reports.append(report)
        shared.log.append("told")

    source = process(on_renewal=told)
    source.token()
    source.renew_now()
    process().token()

    assert [report.grants for report in reports] == [("client_credentials",), ("refresh_token",)]
    assert [report.brought_by for report in reports] == ["client_credentials", "refresh_token"]
    assert all(report.refresh_token_held for report in reports)
    assert [entry for entry in shared.log if entry in ("unlock", "told")][:4] == ["unlock", "told", "unlock", "told"]


def test_another_process_s_token_is_not_reported_as_ones_own(process, shared, orgauth_emulator, clockwork, wire):
    reports = []
    source = process(on_renewal=reports.append)
    old = source.token()
    orgauth_emulator.fault("status", "/oauth2/token", status=400, times=1)
    newer = Token("of-another-process", clockwork.clock() + 290, 300.0, generation=old.generation + 9)
    wire.on_its_way = lambda: setattr(shared, "token", newer)
    clockwork.advance(290)

    assert source.token().access_token == "of-another-process"
    assert (reports[-1].grants, reports[-1].brought_by) == (("refresh_token",), None)
