"""What takes long to judge holds up neither the event loop nor other waits."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest
from trigger_runs import SHIPMENT, looks, payloads_of, run, shipment_wait, until_true

from airflow_provider_orgauth.client.aio.threads import MAX_THREADS
from airflow_provider_orgauth.triggers import judging, look

released = threading.Event()
hanging = []


def hangs(response):
    hanging.append(response)
    released.wait(30)
    return True


@pytest.fixture(autouse=True)
def _released():
    released.clear()
    hanging.clear()
    yield
    released.set()


@pytest.fixture
def judged_in(monkeypatch):
    """Note in which thread each answer is judged."""
    threads = []
    verdict_on = look.verdict_on

    def noted(*arguments, **about):
        threads.append(threading.current_thread())
        return verdict_on(*arguments, **about)

    monkeypatch.setattr(look, "verdict_on", noted)
    return threads


def answer(emulator, size, *, times=1, **fields):
    body = json.dumps(fields | {"padding": "x" * size})
    emulator.fault("status", SHIPMENT, status=200, times=times, body=body, headers={"Content-Type": "application/json"})


def test_functions_that_hang_leave_threads_for_tokens_and_turns_for_other_looks(ship):
    for _ in range(MAX_THREADS + 2):
        ship({"status": "FINISH", "polls": 1})

    async def scenario(triggerer):
        hung = triggerer.start(*(shipment_wait(n + 2, until=f"{__name__}:hangs") for n in range(MAX_THREADS + 1)))
        await until_true(lambda: len(hanging) == MAX_THREADS)
        # A connection that nobody has looked at yet: it is looked up, and a token asked for.
        (other,) = triggerer.start(shipment_wait(1))
        payload = await asyncio.wait_for(other, 5)
        released.set()
        await asyncio.gather(*hung)
        return payload

    assert run(scenario)["state"] == "met"


def test_a_function_that_hangs_is_left_to_the_worker(ship, monkeypatch):
    monkeypatch.setattr(judging, "LONGEST_SECONDS", 0.2)
    ship({"status": "FINISH", "polls": 1})
    hung, other = payloads_of(shipment_wait(until=f"{__name__}:hangs"), shipment_wait())

    assert (hung["state"], hung["why"]) == ("look", "the triggerer could not judge the answer: TimeoutError")
    assert other["state"] == "met"


def test_a_large_answer_is_judged_in_a_thread_and_once_where_it_stays(connected, judged_in):
    answer(connected, judging.LARGE_BYTES, times=3, status="RUN")
    answer(connected, judging.LARGE_BYTES, status="FINISH")
    (payload,) = payloads_of(shipment_wait(value="status"))

    assert (payload["value"], payload["polls"]) == ("FINISH", 4)
    assert len(judged_in) == 2
    assert threading.main_thread() not in judged_in


def test_a_small_one_is_judged_at_once(connected, judged_in):
    answer(connected, 10, status="FINISH")
    payloads_of(shipment_wait())

    assert judged_in == [threading.main_thread()]


def test_half_a_surrogate_pair_in_an_answer_breaks_no_event(connected):
    body = '{"status": "\\ud800"}'
    connected.fault("status", SHIPMENT, status=200, times=0, body=body, headers={"Content-Type": "application/json"})
    (payload,) = payloads_of(shipment_wait(until="status", value="`1`"))

    assert payload["state"] == "met"
    json.dumps(payload, ensure_ascii=False).encode()  # as Airflow sends it
    assert len(looks(connected)) == 1


def test_wrong_credentials_of_a_thousand_waits_are_told_once(connected, monkeypatch):
    wrong = json.loads(connected.connection_json(cache="memory")) | {"password": "not-the-one-1"}
    monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps(wrong))
    payloads = payloads_of(*(shipment_wait(number + 1) for number in range(1000)))

    assert {one["state"] for one in payloads} == {"error"}
    assert connected.stats()["token_requests"] == 1
