"""Processes that share one store, each with its own memory: the losers of a race adopt the winner's token."""

from __future__ import annotations

import itertools
import threading
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest
import requests
from token_stores import LeaseBeside, Memory, Store

from airflow_provider_orgauth.client import token_source
from airflow_provider_orgauth.client.auth import BearerAuth
from airflow_provider_orgauth.client.origin import Origin
from airflow_provider_orgauth.oauth.token import Token


def test_the_second_process_adopts_the_firsts_token_with_one_look(process, shared, orgauth_emulator):
    first = process().token()
    shared.log.clear()
    second = process().token()

    assert second == first
    assert shared.log == ["lock", "load", "unlock"]
    assert orgauth_emulator.stats()["token_requests"] == 1


def test_a_renewal_looks_and_saves_behind_the_lock(process, shared):
    process().token()

    assert shared.log == ["lock", "load", "save", "unlock"]


def test_while_another_process_of_the_host_only_reads_nobody_waits_for_the_lock(process, shared, orgauth_emulator):
    process().token()
    shared.locked = True
    shared.log.clear()
    process().token()

    assert shared.log == ["locked", "load"]
    assert orgauth_emulator.stats()["token_requests"] == 1


def test_a_warm_process_asks_the_shared_store_nothing(process, shared):
    source = process()
    source.token()
    shared.log.clear()
    for _ in range(100):
        source.token()

    assert shared.log == []


def test_who_was_faster_behind_the_lock_is_adopted(process, shared, orgauth_emulator):

    class Racing(Store):
        """The winner gets its token while the loser waits for the lock."""

        lease = None

        @contextmanager
        def lock(self, *, wait=0.0):
            if wait:
                shared.token = winner_token
            yield bool(wait)

        def load(self, good=None):
            return shared.load()

    winner_token = process().token()
    shared.token = None

    assert process(shared=Racing()).token() == winner_token
    assert orgauth_emulator.stats()["token_requests"] == 1


def test_after_401_a_newer_token_in_the_store_is_adopted(process, shared, orgauth_emulator, clockwork):
    """On most servers a refresh kills the old access token at once, under the feet of everybody else."""
    orgauth_emulator.settings(refresh_kills_access=True)
    fast, slow = process(), process()
    old = slow.token()
    clockwork.advance(275)
    new = fast.token()
    assert new.access_token != old.access_token
    requests_before = orgauth_emulator.stats()["token_requests"]

    assert slow.token(rejected=old.access_token) == new
    assert orgauth_emulator.stats()["token_requests"] == requests_before


def test_the_refresh_token_of_an_old_text_that_was_put_back_is_not_sent(process, shared, orgauth_emulator, clockwork):
    orgauth_emulator.settings(revoke_family=True)
    first, second = process(), process()
    stale = first.token()
    clockwork.advance(280)
    first.token()
    shared.token = stale  # a store that lost the last write
    recovered = second.token()

    assert recovered.is_fresh(clockwork.clock(), 30)
    stats = orgauth_emulator.stats()
    assert stats["token_requests_refused"] == 0
    assert stats["token_requests_by_grant"] == {"client_credentials": 2, "refresh_token": 1}


def test_a_newer_token_of_ones_own_wins_over_an_older_shared_one(process, shared, orgauth_emulator):
    """Saving can fail: what the store still holds may be dead."""
    source = process()
    first = source.token()
    orgauth_emulator.revoke(refresh_tokens=True)
    shared.save = lambda token: token
    second = source.token(rejected=first.access_token)
    orgauth_emulator.revoke(refresh_tokens=True)
    third = source.token(rejected=second.access_token)

    assert len({token.access_token for token in (first, second, third)}) == 3


def test_a_clock_that_is_ahead_hides_no_later_token(process, shared, orgauth_emulator):
    fast = process()
    stamped_ahead = replace(fast.token(), issued_at=fast.token().issued_at + 300)
    shared.token = stamped_ahead
    others = [process() for _ in range(5)]
    for other in others:
        assert other.token() == stamped_ahead
    orgauth_emulator.revoke(refresh_tokens=True)
    requests_before = orgauth_emulator.stats()["token_requests"]
    renewed = [other.token(rejected=stamped_ahead.access_token) for other in others]

    assert len({token.access_token for token in renewed}) == 1
    assert orgauth_emulator.stats()["token_requests"] - requests_before <= 2  # a refused refresh, then one grant


def test_a_flight_that_began_before_a_token_was_rejected_is_no_news(process, orgauth_emulator):
    """A server that gives the same token again: whoever had it rejected asks once more, and does not loop."""
    orgauth_emulator.settings(token_answer={"access_token": "the-same"}, latency=0.5)
    source = process()
    leader = threading.Thread(target=source.token)
    leader.start()
    give_up = time.monotonic() + 10
    while not token_source._flights._flights and time.monotonic() < give_up:
        pass
    token = source.token(rejected="the-same")
    leader.join()

    assert token.access_token == "the-same"
    assert orgauth_emulator.stats()["token_requests"] == 2  # the leader's, and its own


def test_every_token_is_told_before_it_can_be_used(process, shared):
    learned = []
    source = process(learned)
    token = source.token()
    adopted = []
    process(adopted).token()

    assert [told.access_token for told in learned] == [token.access_token]
    assert learned[0].refresh_token is not None
    assert adopted == [token]


def test_an_older_token_that_was_put_back_is_not_adopted_while_ones_own_lives(process, shared, moments, clockwork):
    """A write of a former token that landed a second time, or a Variable of a restored backup."""
    source = process()
    old = source.token()
    clockwork.advance(271)
    new = source.token()
    shared.token = replace(old, issued_at=new.issued_at + 100)
    clockwork.advance(250)
    moments.put(source, new, new.expires_at)  # not ahead of time

    assert source.token(sent_once=True) == new


def test_after_a_401_no_older_token_than_the_rejected_one_is_tried(process, shared, orgauth_emulator):
    """What came before it was ended before it, and a second 401 would fail the call."""
    source = process()
    held = source.token()
    shared.token = replace(held, access_token="older", generation=held.generation - 1)
    renewed = source.token(rejected=held.access_token)

    assert renewed.generation == held.generation + 1
    assert shared.token == renewed


@pytest.mark.parametrize(("left", "status"), [(1, 200), (2, 200), (3, 401)])
def test_a_401_for_a_token_that_others_left_is_no_end(process, shared, orgauth_emulator, left, status):
    """The API ended that one, too: another replay, up to a bound, brings a token of one's own."""
    memory = Memory()
    source = process(memory=memory)
    held = memory.save(replace(source.token(), access_token="ended 0"))

    numbers = iter(range(1, left + 1))

    class WhileOthersGoOn(BearerAuth):
        def obtain(self, step):
            obtained = super().obtain(step)
            for number in itertools.islice(numbers, 1):
                shared.token = replace(held, access_token=f"ended {number}", generation=held.generation + number)
            return obtained

    auth = WhileOthersGoOn(source, Origin("http", "127.0.0.1", orgauth_emulator.port))
    answer = requests.get(f"{orgauth_emulator.url}/api/v1/organization/users", auth=auth, timeout=10)

    assert answer.status_code == status
    assert len(answer.history) == (left + 1 if status == 200 else 3)
    assert orgauth_emulator.stats()["token_requests"] == (2 if status == 200 else 1)


def test_a_token_that_came_late_is_not_written_over_a_newer_one(process, shared, wire, orgauth_emulator, clockwork):
    """Stopped while its request was under way, for longer than others wait: by then they have one of their own."""
    theirs = Token("theirs", clockwork.clock() + 8, 300.0, generation=2_000_000_000)

    def is_stopped():
        clockwork.advance(8)
        shared.token = theirs

    wire.answered = is_stopped

    assert process().token() == theirs
    assert shared.token == theirs
    assert orgauth_emulator.stats()["token_requests"] == 1


def test_a_token_that_died_on_its_way_is_not_given_out(process, shared, wire, orgauth_emulator, clockwork):
    wire.answered = lambda: clockwork.advance(301)
    token = process().token()

    assert token.is_alive(clockwork.clock())
    assert shared.token == token.without_refresh_token()
    assert shared.log.count("save") == 1
    assert orgauth_emulator.stats()["token_requests"] == 2


def test_a_token_that_died_while_it_was_saved_is_not_given_out(process, shared, clockwork):
    source = process()
    save = shared.save

    def is_stopped(token):
        shared.save = save
        clockwork.advance(301)
        return save(token)

    shared.save = is_stopped

    assert source.token().is_alive(clockwork.clock())


def test_a_token_that_died_while_another_was_looked_for_is_not_sent(process, shared, moments, clockwork):
    """A body that can be sent once: its process looks at the shared token first, and may be stopped there."""
    source = process()
    old = source.token()
    clockwork.advance(250)
    moments.put(source, old, old.expires_at)
    load = shared.load

    def is_stopped(good):
        shared.load = load
        clockwork.advance(60)
        return load(good)

    shared.load = is_stopped

    assert source.token(sent_once=True).is_alive(clockwork.clock())


def test_a_token_that_died_while_another_thread_got_it_is_not_given_out(process, wire, orgauth_emulator, clockwork):
    class StoppedAfterwards(Memory):
        def save(self, token):
            super().save(token)
            clockwork.advance(301)
            return token

    orgauth_emulator.settings(latency=0.5)
    is_asking = threading.Event()
    wire.on_its_way = is_asking.set
    leader = threading.Thread(target=process(memory=StoppedAfterwards()).token)
    leader.start()
    assert is_asking.wait(10)
    token = process().token()
    leader.join()

    assert token.is_alive(clockwork.clock())
    assert orgauth_emulator.stats()["token_requests"] == 2


def test_between_two_attempts_somebody_elses_token_is_looked_for(process, shared, orgauth_emulator, clockwork):
    """Each wait there may be a minute long, and by then there may be one."""
    theirs = Token("theirs", clockwork.clock(), 300.0, generation=2_000_000_000)
    orgauth_emulator.fault("status", "/oauth2/token", status=503, times=5)
    clockwork.meanwhile = lambda: setattr(shared, "token", theirs)

    assert process().token() == theirs
    assert shared.log.count("save") == 0
    assert orgauth_emulator.stats()["token_requests"] == 1


def test_between_two_attempts_an_older_token_than_the_rejected_one_is_not_taken(
    process, shared, orgauth_emulator, clockwork
):
    orgauth_emulator.settings(issue_refresh_token=False)
    source = process()
    held = source.token()
    shared.token = replace(held, access_token="older", generation=held.generation - 1)
    orgauth_emulator.fault("status", "/oauth2/token", status=503, times=2)
    renewed = source.token(rejected=held.access_token)

    assert renewed.generation > held.generation
    assert orgauth_emulator.stats()["token_requests"] == 4


def test_before_a_task_fails_somebody_elses_token_is_looked_for(process, shared, wire, orgauth_emulator, clockwork):
    theirs = Token("theirs", clockwork.clock(), 300.0, generation=2_000_000_000)
    wire.on_its_way = lambda: setattr(shared, "token", theirs)
    orgauth_emulator.fault("status", "/oauth2/token", status=500, times=9)

    assert process().token() == theirs


def test_who_was_stopped_between_claim_and_request_takes_another_turn(process, shared, orgauth_emulator, clockwork):
    shared.lease = LeaseBeside(shared)
    written = []

    def is_stopped():  # while the claim is waited for: by then somebody else may have inherited it
        clockwork.advance(0 if written else 60)
        written.append(shared.lease.value)

    clockwork.meanwhile = is_stopped
    token = process().token()

    first, second = written
    assert token.generation == second.generation == first.generation + 1
    assert orgauth_emulator.stats()["token_requests"] == 1
