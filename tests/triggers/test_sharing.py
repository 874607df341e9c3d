"""Waits of one triggerer share what they need: looks, the connection, the token, and few connections to the server."""

from __future__ import annotations

import asyncio
import threading

import pytest
from trigger_runs import API, SHIPMENT, looks, payloads_of, run, shipment_wait, until_true

from airflow_provider_orgauth.triggers import server_looks
from airflow_provider_orgauth.triggers.begin_turns import BEGIN_IN_A_TURN
from airflow_provider_orgauth.triggers.loop_looks import looks_of_loop
from airflow_provider_orgauth.triggers.org_api import OrgApiTrigger


class Busy:
    """How many requests are under way at once, as the client sees it."""

    def __init__(self, monkeypatch):
        self.now = self.most = 0
        asked = server_looks.ServerLooks.ask

        async def counted(looks, hook, subject):
            self.now += 1
            self.most = max(self.most, self.now)
            try:
                return await asked(looks, hook, subject)
            finally:
                self.now -= 1

        monkeypatch.setattr(server_looks.ServerLooks, "ask", counted)


@pytest.fixture
def busy(monkeypatch):
    return Busy(monkeypatch)


def test_waits_for_the_same_request_are_one_look_and_all_get_its_answer(ship, connected):
    ship({"status": "FINISH", "polls": 4})
    payloads = payloads_of(*(shipment_wait(resume=number) for number in range(50)))

    assert {payload["state"] for payload in payloads} == {"met"}
    assert [payload["resume"] for payload in payloads] == list(range(50))
    assert all(payload["value"]["status"] == "FINISH" for payload in payloads)
    assert len(looks(connected)) == 4


def test_a_thousand_waits_cost_no_more_looks_per_interval_than_one(ship, connected):
    ship()

    async def scenario(triggerer):
        tasks = triggerer.start(*(shipment_wait() for _ in range(1000)))
        await asyncio.sleep(20 * 60)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    run(scenario)

    # The jitter of each of them is up to a tenth, and the first who is due looks for all.
    assert 20 <= len(looks(connected)) <= 24


def test_different_conditions_share_the_look(ship, connected):
    ship({"status": "PAUSE", "polls": 2}, {"status": "FINISH", "polls": 2})
    wanted = [
        shipment_wait(),
        shipment_wait(until="status == 'PAUSE'", value="status"),
        shipment_wait(until="status == 'CANCEL'", fail_if="status == 'PAUSE'"),
        shipment_wait(until=200, value="id"),
    ]
    finished, paused, failed, seen = payloads_of(*wanted)

    assert finished["value"]["status"] == "FINISH"
    assert paused["value"] == "PAUSE"
    assert failed["error"]["type"] == "WaitFailedError"
    assert seen["value"] == 1
    assert [one["polls"] for one in (finished, paused, failed, seen)] == [len(looks(connected)), 2, 2, 1]


def test_one_that_joins_later_shares_from_then_on(ship, connected):
    ship({"status": "FINISH", "polls": 6})

    async def scenario(triggerer):
        (first,) = triggerer.start(shipment_wait())
        await asyncio.sleep(135)
        (second,) = triggerer.start(shipment_wait())
        return await first, await second

    first, second = run(scenario)

    assert len(looks(connected)) == 6
    assert first["value"] == second["value"]
    assert (first["polls"], second["polls"]) == (6, 3)  # looks at 0, 60, 120; then at 135, which is a look for both


def test_the_most_eager_sets_the_pace_and_leaves_with_it(ship, connected):
    ship()

    async def scenario(triggerer):
        (slow, eager) = triggerer.start(shipment_wait(poke_interval=600), shipment_wait(poke_interval=10))
        await asyncio.sleep(100)
        at_first = len(looks(connected))
        eager.cancel()
        await asyncio.wait([eager])
        await asyncio.sleep(1800)
        slow.cancel()
        await asyncio.wait([slow])
        return at_first, len(looks(connected)) - at_first

    at_first, later = run(scenario)

    assert 9 <= at_first <= 12
    assert 2 <= later <= 4


def test_an_answer_that_was_asked_for_before_a_wait_began_says_nothing_to_it(ship, connected):
    """A task may have begun again what another still waits for: what was there before is not there now."""
    ship({"status": "PAUSE", "polls": 1}, {"status": "RUN", "polls": 1}, {"status": "PAUSE", "polls": 2})
    connected.fault("slow", SHIPMENT, delay=0.3)

    async def scenario(triggerer):
        (first,) = triggerer.start(shipment_wait(until="status == 'PAUSE'"))
        looking = looks_of_loop()
        await until_true(lambda: any(one.looking for one in looking._subjects.values()))
        await until_true(lambda: looks(connected))
        (late,) = triggerer.start(shipment_wait(until="status == 'PAUSE'"))
        return await first, await late

    first, late = run(scenario)

    assert (first["state"], first["polls"]) == ("met", 1)
    assert (late["state"], late["polls"]) == ("met", 3)


def test_the_last_that_leaves_ends_the_request_under_way(connected, ship):
    ship()
    connected.fault("slow", SHIPMENT, delay=30)

    async def scenario(triggerer):
        one, other = triggerer.start(shipment_wait(), shipment_wait())
        looking = looks_of_loop()
        await until_true(lambda: any(one.looking for one in looking._subjects.values()))
        (subject,) = looking._subjects.values()
        request = subject.looking
        one.cancel()
        await asyncio.wait([one])
        assert not request.cancelling()
        other.cancel()
        await asyncio.wait([other, request])
        assert request.cancelled()
        assert looking._subjects == {}
        (connection,) = looking._connections.values()
        assert connection.lookers == 0
        return connection.hook._loops._open

    assert run(scenario) == {}  # nor is a connection open


def test_who_comes_after_all_have_left_looks_again(ship, connected, look_ups):
    ship({"status": "FINISH", "polls": 3})

    async def scenario(triggerer):
        (first,) = triggerer.start(shipment_wait())
        await asyncio.sleep(30)
        first.cancel()
        await asyncio.wait([first])
        return (await triggerer.payloads(shipment_wait()))[0]

    payload = run(scenario)

    assert payload["value"]["status"] == "FINISH"
    assert payload["polls"] == 2
    assert len(look_ups) == 1 + 2  # the shipment's own; the first wait's, and again after a minute


def test_equal_requests_on_two_connections_do_not_share(ship, connected, monkeypatch):
    ship({"status": "FINISH", "polls": 100})
    connected.set_connection(monkeypatch, "another", cache="memory", headers={"X-Branch": "7"})
    waits = [shipment_wait(until="id"), shipment_wait(until="id", org_conn_id="another")]

    assert {one["state"] for one in payloads_of(*waits)} == {"met"}
    assert len(looks(connected)) == 2
    assert ["x-branch" in one["headers"] for one in connected.requests() if one["path"] == SHIPMENT].count(True) == 1


def test_a_body_or_a_header_makes_another_request(ship, connected):
    ship()
    request = {"endpoint": SHIPMENT, "params": {"shipmentId": 1}}
    others = [{}, {"headers": {"Accept": "application/json"}}, {"headers": {"X-Other": "1"}}]
    payloads_of(*(OrgApiTrigger(request | other, until="id") for other in others))

    assert len(looks(connected)) == len(others)


def test_many_waits_take_one_look_up_and_one_token_and_few_connections(connected, look_ups, busy):
    connected.settings(latency=0.02)
    waits = [OrgApiTrigger({"endpoint": f"{API}/profile", "params": {"n": n}}, until="id") for n in range(200)]
    connected.revoke()
    payloads = payloads_of(*waits)

    assert {one["state"] for one in payloads} == {"met"}
    stats = connected.stats()
    assert look_ups == ["orgauth_default"]
    assert stats["token_requests"] == 1
    assert stats["api_requests"] == 200
    assert stats["connections"] <= 32 + 1  # and the token's
    assert busy.most <= 32


def test_no_more_than_32_requests_are_under_way_however_many_are_due(connected, busy):
    threads = set(threading.enumerate())
    connected.settings(latency=0.3)
    waits = [
        OrgApiTrigger({"endpoint": f"{API}/profile", "params": {"n": n}}, until="id", poke_interval=0.01)
        for n in range(100)
    ]

    assert {one["state"] for one in payloads_of(*waits)} == {"met"}
    assert busy.most == 32
    assert connected.stats()["connections"] <= 32 + 1
    assert len(set(threading.enumerate()) - threads) <= 32


def test_ten_thousand_looks_that_bring_nothing_new_are_judged_once(ship, monkeypatch):
    from airflow_provider_orgauth.triggers import look

    judged = []
    verdict_on = look.verdict_on
    monkeypatch.setattr(look, "verdict_on", lambda *about, **more: judged.append(1) or verdict_on(*about, **more))
    ship()

    async def scenario(triggerer):
        tasks = triggerer.start(*(shipment_wait() for _ in range(100)))
        await asyncio.sleep(600)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    run(scenario)

    # A poll of the emulator's shipment changes nothing of its answer.
    assert len(judged) <= 2


def test_a_thousand_waits_that_begin_in_one_tick(connected, look_ups, capsys):
    """What that costs is printed: it depends on the machine."""
    import time

    async def scenario(triggerer):
        requests = ({"endpoint": f"{API}/profile", "params": {"n": n}} for n in range(1000))
        triggers = [OrgApiTrigger(request, until="id", poke_interval=60) for request in requests]
        began = time.thread_time()
        tasks = triggerer.start(*triggers)
        turns = 0
        while sum(len(one.lookers) for one in looks_of_loop()._subjects.values()) < len(triggers):
            await asyncio.sleep(0)
            turns += 1
        seconds = time.thread_time() - began
        joined = sum(len(one.lookers) for one in looks_of_loop()._subjects.values())
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        return seconds, joined, turns

    seconds, joined, turns = run(scenario)
    with capsys.disabled():
        print(f"\n1,000 waits began with {seconds * 1000:.0f} µs of CPU each")

    assert joined == 1000
    assert turns >= 1000 / BEGIN_IN_A_TURN, "the loop is held up"
    assert len(look_ups) <= 1


def test_few_looks_begin_in_one_turn_of_the_loop(connected, monkeypatch):
    """A loop that is busy for long keeps all of Airflow's triggers waiting."""
    turns, turn, begin = [], server_looks.ServerLooks.turn, server_looks.ServerLooks.begin
    monkeypatch.setattr(server_looks.ServerLooks, "turn", lambda looks: turns.append(0) or turn(looks))

    def counted(looks, subject):
        turns[-1] += 1
        begin(looks, subject)

    monkeypatch.setattr(server_looks.ServerLooks, "begin", counted)
    requests = ({"endpoint": f"{API}/profile", "params": {"n": n}} for n in range(40))
    payloads_of(*(OrgApiTrigger(request, until="id", poke_interval=1e-9) for request in requests))

    assert sum(turns) == 40
    assert max(turns) == server_looks.STARTS_IN_A_TURN


def test_after_a_pause_of_the_server_the_most_eager_says_how_far_looks_spread():
    from airflow_provider_orgauth.triggers.subject import Subject

    eager, patient = (type("Looker", (), {"interval": seconds, "due": 0.0})() for seconds in (5.0, 600.0))
    subject = Subject(("", ""), None, None)
    subject.lookers += [patient, eager, patient]

    assert subject.interval == 5.0
