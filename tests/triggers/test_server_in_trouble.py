"""A server in trouble gets fewer looks, no wait is lost where it may get better, and what cannot get better ends it."""

from __future__ import annotations

import asyncio
import json
import socket

import pytest
from trigger_runs import API, SHIPMENT, looks, payload_of, payloads_of, run, shipment_wait

from airflow_provider_orgauth.triggers import loop_connection
from airflow_provider_orgauth.triggers.org_api import OrgApiTrigger
from airflow_provider_orgauth.waiting.server_backoff import LONGEST_PAUSE_SECONDS

INTERVAL = 10.0
MINUTES = 20 * 60.0
WAITS = 20


def profile_waits(**options):
    return [
        OrgApiTrigger({"endpoint": f"{API}/profile", "params": {"n": n}}, until="id", poke_interval=INTERVAL, **options)
        for n in range(WAITS)
    ]


class Storm:
    """Waits that meet trouble for a while, and then none."""

    def __init__(self, emulator, calm, *, seconds=MINUTES):
        self.emulator = emulator
        self.calm = calm
        self.seconds = seconds
        self.looks_in_it = self.seconds_after_it = 0
        self.payloads = []

    async def run(self, triggerer):
        tasks = triggerer.start(*profile_waits())
        await asyncio.sleep(self.seconds)
        self.looks_in_it = self.emulator.stats()["api_requests"]
        assert not any(task.done() for task in tasks), [task.result() for task in tasks if task.done()]
        self.calm()
        began = triggerer.seconds
        self.payloads = await asyncio.gather(*tasks)
        self.seconds_after_it = triggerer.seconds - began


@pytest.mark.parametrize(
    ("fault", "most_looks"),  # all of them are under way when the first meets it
    [
        ({"kind": "status", "status": 503}, WAITS + MINUTES / 30),
        ({"kind": "status", "status": 500}, WAITS + MINUTES / 30),
        ({"kind": "status", "status": 502}, WAITS + MINUTES / 30),
        ({"kind": "status", "status": 429, "headers": {"Retry-After": "5"}}, WAITS + MINUTES / 30),
        ({"kind": "status", "status": 503, "headers": {"Retry-After": "300"}}, WAITS + MINUTES / 300),
        ({"kind": "reset"}, WAITS + MINUTES / 30),
        ({"kind": "truncate"}, WAITS + MINUTES / 30),
    ],
    ids=["503", "500", "502", "429, Retry-After: 5", "503, Retry-After: 300", "reset", "truncate"],
)
def test_no_wait_is_lost_and_the_server_gets_a_fraction_of_the_looks(connected, fault, most_looks):
    connected.fault(path=f"{API}/profile", times=0, **fault)
    storm = Storm(connected, connected.clear_faults)
    run(storm.run)

    assert {one["state"] for one in storm.payloads} == {"met"}
    when_all_is_well = WAITS * MINUTES / INTERVAL
    assert 3 <= storm.looks_in_it <= min(most_looks, when_all_is_well)
    assert storm.seconds_after_it <= max(LONGEST_PAUSE_SECONDS, 330 * ("300" in str(fault))) + 3 * INTERVAL
    assert connected.stats()["token_requests"] == 1


def test_a_refused_connection(connected, monkeypatch):
    """Nobody listens; then somebody does. The address stays, so this one is told by the port."""
    with socket.socket() as silent:  # bound, so that nobody else gets the port, and not listening
        silent.bind(("127.0.0.1", 0))
        elsewhere = json.loads(connected.connection_json(cache="memory", max_attempts=1))
        elsewhere |= {"port": silent.getsockname()[1]}
        right = json.dumps(elsewhere | {"port": connected.port})
        monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps(elsewhere))
        storm = Storm(connected, lambda: monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", right))
        run(storm.run)

    assert {one["state"] for one in storm.payloads} == {"met"}
    assert storm.seconds_after_it <= loop_connection.GOOD_FOR_SECONDS + LONGEST_PAUSE_SECONDS + 3 * INTERVAL


def test_a_server_that_hangs(connected, monkeypatch):
    connected.set_connection(monkeypatch, cache="memory", max_attempts=1, timeout=0.2)
    connected.fault("slow", f"{API}/profile", times=0, delay=2)
    storm = Storm(connected, connected.clear_faults, seconds=300)
    run(storm.run)

    assert {one["state"] for one in storm.payloads} == {"met"}
    assert storm.looks_in_it <= 300 / 30 + 32


def test_plain_500s_of_one_resource_hold_back_no_other(connected):
    connected.fault("status", SHIPMENT, status=500, times=0)

    async def scenario(triggerer):
        (broken,) = triggerer.start(shipment_wait(poke_interval=INTERVAL))
        well = triggerer.start(*profile_waits(fail_if="id == `0`"))
        await asyncio.gather(*well)
        assert max(triggerer.ended.values()) <= 2 * INTERVAL
        assert not broken.done()
        broken.cancel()
        await asyncio.wait([broken])

    run(scenario)


def test_a_status_that_is_waited_for_is_no_trouble(connected):
    connected.fault("status", f"{API}/profile", status=503, times=0)

    async def scenario(triggerer):
        tasks = triggerer.start(*profile_waits(waiting_statuses=[503]))
        await asyncio.sleep(100)
        made = connected.stats()["api_requests"]
        connected.clear_faults()
        await asyncio.gather(*tasks)
        return made

    assert WAITS * 8 <= run(scenario) <= WAITS * 12


@pytest.mark.parametrize("asked", [120, 7])
def test_retry_after_of_a_busy_server_holds_back_all(connected, asked):
    connected.fault("status", f"{API}/profile", status=429, headers={"Retry-After": str(asked)}, times=1)

    async def scenario(triggerer):
        (first,) = triggerer.start(profile_waits()[0])
        await asyncio.sleep(1)
        others = triggerer.start(*profile_waits()[1:])
        await asyncio.gather(first, *others)
        return min(triggerer.ended.values())

    assert asked <= run(scenario) <= asked * 1.1 + 2 * INTERVAL


FATAL = [
    ({"kind": "status", "status": 403}, "ApiForbiddenError", 403),
    ({"kind": "status", "status": 401}, "ApiUnauthorizedError", 401),
    ({"kind": "status", "status": 404}, "ApiError", 404),
    ({"kind": "redirect"}, "ForeignOriginError", None),
]


@pytest.mark.parametrize(("fault", "kind", "status"), FATAL, ids=[one[1] for one in FATAL])
def test_what_cannot_get_better_ends_all_at_once(connected, look_ups, fault, kind, status):
    connected.fault(path=f"{API}/profile", times=0, **fault)
    payloads = payloads_of(*profile_waits())

    assert {one["state"] for one in payloads} == {"error"}
    assert {one["error"]["type"] for one in payloads} == {kind}
    if status:
        assert {one["error"]["status"] for one in payloads} == {status}
    stats = connected.stats()
    # A 401 is sent again with each newer token that another look has asked for meanwhile: a few times, and then never.
    assert stats["api_requests"] <= 4 * WAITS
    assert stats["token_requests"] <= WAITS // 2
    assert len(look_ups) <= 1 + WAITS


def test_a_server_that_is_refused_by_its_certificate_ends_it(connected, monkeypatch, tmp_path):
    plain = json.loads(connected.connection_json(cache="memory")) | {"schema": "https"}
    monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps(plain | {"extra": {"verify": str(tmp_path / "no")}}))
    payload = payload_of(profile_waits()[0])

    assert payload["state"] == "error"
    assert payload["error"]["type"] in ("ConfigurationError", "CertificateError")


def test_a_wrong_secret_ends_it_and_a_thousand_waits_ask_once_or_twice(connected, monkeypatch, look_ups):
    wrong = json.loads(connected.connection_json(cache="memory")) | {"password": "not-the-secret-of-this-client"}
    monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps(wrong))
    payloads = payloads_of(*profile_waits())

    assert {one["error"]["type"] for one in payloads} == {"InvalidClientError"}
    assert "not-the-secret-of-this-client" not in json.dumps(payloads)
    stats = connected.stats()
    assert stats["api_requests"] == 0
    assert stats["token_requests"] <= WAITS
    assert len(look_ups) <= 1 + WAITS


def changed_secret(emulator, monkeypatch):
    emulator.settings(client_secret="An0therSecretOfTheSameClient0000000000")
    emulator.set_connection(monkeypatch, cache="memory", max_attempts=1)


def test_a_secret_that_was_changed_in_the_connection_is_noticed_once_the_old_one_is_refused(
    connected, monkeypatch, look_ups, caplog
):
    connected.fault("status", f"{API}/profile", status=404, times=0)

    async def scenario(triggerer):
        tasks = triggerer.start(*profile_waits(waiting_statuses=[404]))
        await asyncio.sleep(15)
        changed_secret(connected, monkeypatch)
        connected.revoke(refresh_tokens=True)
        await asyncio.sleep(15)
        assert not any(task.done() for task in tasks), [task.result() for task in tasks if task.done()]
        assert len(look_ups) <= 3
        connected.clear_faults()
        return await asyncio.gather(*tasks)

    payloads = run(scenario)

    assert {one["state"] for one in payloads} == {"met"}
    assert connected.stats()["token_requests"] <= 8  # looks that were under way together each learn that it is refused


def test_a_changed_connection_is_noticed_within_a_minute_where_nobody_is_refused(connected, monkeypatch):
    connected.fault("status", f"{API}/profile", status=404, times=0)

    async def scenario(triggerer):
        (task,) = triggerer.start(profile_waits(waiting_statuses=[404])[0])
        await asyncio.sleep(15)
        connected.set_connection(monkeypatch, cache="memory", headers={"X-New": "1"})
        await asyncio.sleep(loop_connection.GOOD_FOR_SECONDS + INTERVAL * 1.1)
        task.cancel()
        await asyncio.wait([task])

    run(scenario)
    last = [one for one in connected.requests() if one["path"] == f"{API}/profile"][-1]

    assert "x-new" in last["headers"]


def test_a_connection_is_looked_up_once_a_minute_and_not_more(connected, look_ups):
    connected.fault("status", f"{API}/profile", status=404, times=0)

    async def scenario(triggerer):
        tasks = triggerer.start(*profile_waits(waiting_statuses=[404])[:3])
        await asyncio.sleep(600)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    run(scenario)

    assert 8 <= len(look_ups) <= 11


def test_a_connection_that_cannot_be_read_again_stays_as_it_was(connected, monkeypatch):
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

    connected.fault("status", f"{API}/profile", status=404, times=0)

    def broken(conn_id):
        raise RuntimeError("the database is away")

    async def scenario(triggerer):
        tasks = triggerer.start(*profile_waits(waiting_statuses=[404])[:3])
        await asyncio.sleep(15)
        monkeypatch.setattr(OrgAuthHook, "get_connection", staticmethod(broken))
        await asyncio.sleep(600)
        assert not any(task.done() for task in tasks)
        connected.clear_faults()
        return await asyncio.gather(*tasks)

    assert {one["state"] for one in run(scenario)} == {"met"}


def test_a_connection_that_the_triggerer_cannot_read_is_left_to_the_worker_when_it_is_due(connected, monkeypatch):
    import time

    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

    def broken(conn_id):
        raise RuntimeError("no secrets backend here")

    monkeypatch.setattr(OrgAuthHook, "get_connection", staticmethod(broken))

    async def scenario(triggerer):
        (payload,) = await triggerer.payloads(shipment_wait(next_look=time.time() + 60))
        return payload, triggerer.seconds

    payload, seconds = run(scenario)

    assert payload["state"] == "look"
    assert payload["why"] == "the triggerer could not read the connection: RuntimeError"
    assert 58 <= seconds <= 80, "a worker that finds it not there yet would be back at once"


def test_ten_minutes_without_a_server_and_then_a_revoked_token(connected):
    """All come through, and one token is asked for."""
    connected.fault("status", f"{API}/profile", status=404, times=0)

    async def scenario(triggerer):
        tasks = triggerer.start(*profile_waits(waiting_statuses=[404]))
        await asyncio.sleep(30)
        connected.clear_faults()
        connected.fault("status", "/", status=503, times=0)
        connected.revoke()
        await asyncio.sleep(600)
        before = connected.stats()["token_requests"]
        connected.clear_faults()
        payloads = await asyncio.gather(*tasks)
        return payloads, connected.stats()["token_requests"] - before

    payloads, token_requests = run(scenario)

    assert {one["state"] for one in payloads} == {"met"}
    assert token_requests == 1


def test_ten_minutes_without_a_token_endpoint(connected):
    connected.fault("status", "/oauth2/token", status=503, times=0)
    storm = Storm(connected, connected.clear_faults, seconds=600)
    run(storm.run)

    assert {one["state"] for one in storm.payloads} == {"met"}
    assert storm.looks_in_it == 0
    assert connected.stats()["token_requests"] <= 600 / 30 + 15


def test_a_wait_for_another_server_goes_on(connected, monkeypatch):
    from airflow_provider_orgauth.emulator import running_emulator

    connected.fault("status", "/", status=503, times=0)
    with running_emulator() as other:
        other.set_connection(monkeypatch, "another", cache="memory")

        async def scenario(triggerer):
            tasks = triggerer.start(*profile_waits())
            await asyncio.sleep(200)
            began = triggerer.seconds
            await triggerer.payloads(*profile_waits(org_conn_id="another"))
            took = triggerer.seconds - began
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            return took

        assert run(scenario) < 20
        assert looks(other, f"{API}/profile") == [200] * WAITS


def test_of_many_that_were_refused_together_one_reads_the_connection(connected, look_ups):
    async def scenario(triggerer):
        from airflow_provider_orgauth.triggers.loop_looks import looks_of_loop

        (task,) = triggerer.start(shipment_wait(waiting_statuses=[404]))
        await asyncio.sleep(5)
        (connection,) = looks_of_loop()._connections.values()
        refused_at = triggerer.loop.time()
        found = await asyncio.gather(
            *(connection.has_changed_since(refused_at, is_about_all=number % 2 == 0) for number in range(20))
        )
        found.append(await connection.has_changed_since(refused_at, is_about_all=False))
        task.cancel()
        await asyncio.wait([task])
        return found

    assert run(scenario) == [False] * 21
    assert len(look_ups) == 1 + 1


def test_a_status_that_is_an_error_is_not_asked_for_again_at_once_whatever_the_interval(connected):
    connected.fault("status", SHIPMENT, status=404, times=0)

    async def scenario(triggerer):
        (task,) = triggerer.start(shipment_wait(poke_interval=0.01, waiting_statuses=[404]))
        await asyncio.sleep(30)
        task.cancel()
        await asyncio.wait([task])

    run(scenario)

    assert 20 <= len(looks(connected)) <= 31
