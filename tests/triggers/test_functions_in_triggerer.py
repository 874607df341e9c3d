"""Functions by import path run in a thread of the triggerer; what goes wrong there, the worker shows."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from functools import partial

import pytest
from trigger_runs import looks, payload_of, payloads_of, run, shipment_wait

ran_in = []


def is_finished(response):
    ran_in.append((threading.current_thread(), response.json()["status"]))
    return response.json()["status"] == "FINISH"


def is_odd_look(response):
    ran_in.append(1)
    return len(ran_in) == 3


def raises(response):
    raise LookupError("what the worker shows; token=abcdefgh12345")


def leaves(response):
    sys.exit(3)


begun, may_end = threading.Event(), threading.Event()


def takes_its_time(response):
    begun.set()
    return may_end.wait(60)  # on the loop itself, nobody could tell it to end


def wants_context(response, ti):
    return True


def wants_defaults(response, ti=None):
    return ti is None


@pytest.fixture(autouse=True)
def _nothing_ran():
    ran_in.clear()


def path(function):
    return f"{__name__}:{function.__name__}"


def test_it_runs_in_a_thread(ship):
    ship({"status": "FINISH", "polls": 3})
    payload = payload_of(shipment_wait(until=path(is_finished), value="id"))

    assert (payload["state"], payload["value"], payload["polls"]) == ("met", 1, 3)
    assert [status for _, status in ran_in] == ["RUN", "RUN", "FINISH"]
    assert threading.main_thread() not in [thread for thread, _ in ran_in]


def test_many_waits_with_one_function_ask_it_once_per_look(ship):
    ship({"status": "FINISH", "polls": 3})
    payloads_of(*(shipment_wait(until=path(is_finished)) for _ in range(20)))

    assert len(ran_in) == 3


def test_it_is_asked_again_of_an_answer_that_came_before(ship):
    """What a function finds may change while the answer does not."""
    ship()
    payload = payload_of(shipment_wait(until=path(is_odd_look)))

    assert (payload["state"], payload["polls"]) == ("met", 3)


def test_one_that_takes_its_time_holds_up_nobody(ship, connected):
    ship({"status": "FINISH", "polls": 1})

    async def scenario(triggerer):
        (task,) = triggerer.start(shipment_wait(until=path(takes_its_time)))
        while not begun.is_set():
            await asyncio.sleep(0)
        may_end.set()
        return await task

    begun.clear()
    may_end.clear()
    payload = run(scenario)

    assert (payload["state"], payload["polls"]) == ("met", 1)


def test_one_that_fails_is_asked_after_and_the_value_is_the_workers(ship):
    ship({"status": "CANCEL", "polls": 1})
    failed = payload_of(shipment_wait(fail_if=path(is_finished), until="status == 'CANCEL'", value="id"))

    assert failed["state"] == "met"


def test_fail_if_may_be_one(ship):
    ship({"status": "FINISH", "polls": 1})
    failed = payload_of(shipment_wait(fail_if=path(is_finished), until="status == 'CANCEL'"))

    assert failed["error"]["type"] == "WaitFailedError"


@pytest.mark.parametrize("function", [raises, leaves], ids=["raises", "sys.exit"])
def test_where_one_raises_the_worker_looks(ship, function):
    ship({"status": "FINISH", "polls": 9})
    payload, other = payloads_of(shipment_wait(until=path(function)), shipment_wait(until=200))

    assert payload["state"] == "look"
    assert payload["why"].startswith("the triggerer could not judge the answer: ")
    assert "abcdefgh12345" not in payload["why"]
    assert other["state"] == "met"


@pytest.mark.parametrize(
    ("until", "why"),
    [
        ("no_such_module_of_anybody:f", "there is no module no_such_module_of_anybody"),
        (f"{__name__}:no_such_function", "there is no such function"),
        (path(wants_context), "missing a required argument: 'ti'"),
        ("module_that_raises:f", "LookupError: not here"),
        ("module_that_leaves:f", "SystemExit: 3"),
    ],
)
@pytest.mark.parametrize("argument", ["until", "fail_if", "value"])
def test_one_that_cannot_be_used_leaves_the_look_to_the_worker_when_it_is_due(
    connected, monkeypatch, tmp_path, until, why, argument
):
    """At once would be too early: where the worker finds it not there yet, it would be back at once."""
    (tmp_path / "module_that_raises.py").write_text("raise LookupError('not here')")
    (tmp_path / "module_that_leaves.py").write_text("import sys; sys.exit(3)")
    monkeypatch.syspath_prepend(tmp_path)

    async def scenario(triggerer, **options):
        # One at a time: the virtual clock does not wait for the import of another.
        (payload,) = await triggerer.payloads(shipment_wait(**{argument: until}, **options))
        return payload, triggerer.seconds

    unplanned, first = run(scenario)
    planned, second = run(partial(scenario, next_look=time.time() + 300, resume=7))

    assert [unplanned["state"], planned["state"]] == ["look", "look"]
    assert planned["resume"] == 7
    assert why in planned["why"]
    assert 58 <= first <= 90
    assert 290 <= second <= 330
    assert connected.stats()["api_requests"] == 0


def test_it_does_not_wait_beyond_the_deadline_for_that(connected):
    async def scenario(triggerer):
        now = time.time()
        trigger = shipment_wait(until="no_such_module_of_anybody:f", next_look=now + 300, deadline=now + 100)
        await triggerer.payloads(trigger)
        return triggerer.seconds

    assert 98 <= run(scenario) <= 130


def test_what_a_function_takes_by_name_may_have_a_default(ship):
    ship()

    assert payload_of(shipment_wait(until=path(wants_defaults)))["state"] == "met"


def test_a_value_that_the_worker_works_out_is_left_to_it(ship, connected):
    ship({"status": "FINISH", "polls": 2})
    payload, other = payloads_of(shipment_wait(value_by_worker=True, resume={"began": 1}), shipment_wait())

    assert payload == {
        "v": 1,
        "state": "look",
        "why": '200, status = "FINISH"; the worker works the value out',
        "polls": 2,
        "resume": {"began": 1},
    }
    assert other["value"]["status"] == "FINISH"
    assert len(looks(connected)) == 2


def test_a_value_that_is_too_large_for_an_event_is_left_to_the_worker(connected):
    from trigger_runs import API

    from airflow_provider_orgauth.triggers.org_api import OrgApiTrigger

    request = {"endpoint": f"{API}/devices", "params": {"size": 1000, "page": 0}}
    payload = payload_of(OrgApiTrigger(request, until=200))

    assert payload["state"] == "look"
    assert "bytes, too many for an event" in payload["why"]
