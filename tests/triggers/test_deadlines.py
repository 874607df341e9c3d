"""A wait ends when its time is over, whatever is under way, and says what was last seen."""

from __future__ import annotations

import asyncio
import time

import pytest
from trigger_runs import API, SHIPMENT, looks, payload_of, run, shipment_wait

from airflow_provider_orgauth.triggers.org_api import OrgApiTrigger
from airflow_provider_orgauth.triggers.wait import TIMEOUT_GRACE_SECONDS


async def ended(triggerer, trigger):
    (payload,) = await triggerer.payloads(trigger)
    return payload, triggerer.seconds


def ended_of(trigger):
    return run(lambda triggerer: ended(triggerer, trigger))


def test_it_says_what_was_last_seen_and_the_last_look_is_at_the_deadline(ship, connected):
    ship()
    payload, seconds = ended_of(shipment_wait(deadline=time.time() + 150, resume={"began": 1}))

    assert payload == {
        "v": 1,
        "state": "timeout",
        "last": 'The last answer was: 200, status = "RUN".',
        "polls": 4,
        "resume": {"began": 1},
    }
    assert len(looks(connected)) == 4  # at 0, 60 and 120 s, more or less, and at the end
    assert 145 <= seconds <= 165


def test_what_is_there_at_the_last_look_is_not_too_late(ship):
    ship({"status": "FINISH", "polls": 4})

    assert payload_of(shipment_wait(deadline=time.time() + 150))["state"] == "met"


def test_it_says_both_the_last_answer_and_the_error_since(ship, connected):
    ship()
    connected.fault("status", SHIPMENT, status=503, skip=1, times=0)
    payload = payload_of(shipment_wait(deadline=time.time() + 100))

    assert payload["state"] == "timeout"
    assert payload["last"].startswith('The last answer was: 200, status = "RUN". The last look brought an error: ')
    assert "503" in payload["last"]


def test_a_look_that_hangs_ends_with_the_time(connected):
    connected.fault("slow", SHIPMENT, delay=30)

    async def scenario(triggerer):
        # The clock of a loop that has a request under way is the real one.
        (task,) = triggerer.start(shipment_wait(deadline=time.time() + 0.3 - TIMEOUT_GRACE_SECONDS))
        began = time.monotonic()
        return await task, time.monotonic() - began

    payload, seconds = run(scenario)

    assert payload["state"] == "timeout"
    assert payload["last"] == ""
    assert TIMEOUT_GRACE_SECONDS - 1 <= seconds <= TIMEOUT_GRACE_SECONDS + 10


def test_a_deadline_that_is_past_leaves_one_look(ship, connected):
    """A triggerer that was away for long: it may be there by now, and else the text says what is."""
    ship({"status": "FINISH", "polls": 2})
    past = {"deadline": time.time() - 3600, "next_look": time.time() - 3600}

    assert payload_of(shipment_wait(**past))["last"] == 'The last answer was: 200, status = "RUN".'
    assert payload_of(shipment_wait(**past))["state"] == "met"
    assert len(looks(connected)) == 2


def test_a_pause_of_the_server_beyond_the_deadline(connected):
    connected.fault("status", f"{API}/profile", status=429, headers={"Retry-After": "3600"})
    trigger = OrgApiTrigger({"endpoint": f"{API}/profile"}, until="id", poke_interval=10, deadline=time.time() + 120)
    payload, seconds = ended_of(trigger)

    assert payload["state"] == "timeout"
    assert "429" in payload["last"]
    assert 115 <= seconds <= 120 + TIMEOUT_GRACE_SECONDS + 10
    assert connected.stats()["api_requests"] == 1


def test_retry_after_of_an_answer_ends_at_the_deadline(connected):
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

    connected.settings(job_status="202", job_retry_after=3600, job_polls=2, job_seconds=0)
    OrgAuthHook().run(f"{API}/job/create", method="POST", json={})
    request = {"endpoint": f"{API}/job", "params": {"jobId": 1}}
    payload, seconds = ended_of(OrgApiTrigger(request, until=200, poke_interval=10, deadline=time.time() + 120))

    assert payload["state"] == "met"
    assert 115 <= seconds <= 130


def test_retry_after_of_an_answer_is_the_interval(connected):
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

    connected.settings(job_status="202", job_retry_after=300, job_polls=3, job_seconds=0)
    OrgAuthHook().run(f"{API}/job/create", method="POST", json={})
    request = {"endpoint": f"{API}/job", "params": {"jobId": 1}}
    payload, seconds = ended_of(OrgApiTrigger(request, until=200, poke_interval=10))

    assert payload["polls"] == 3
    assert 600 <= seconds <= 680


def test_the_first_look_is_when_it_was_planned(ship, connected):
    ship({"status": "FINISH", "polls": 1})
    payload, seconds = ended_of(shipment_wait(next_look=time.time() + 500))

    assert payload["polls"] == 1
    assert 495 <= seconds <= 520


def test_intervals_double_from_where_the_worker_was(ship):
    ship({"status": "FINISH", "polls": 3})
    payload, seconds = ended_of(shipment_wait(exponential_backoff=True, looks=2))

    assert payload["polls"] == 3
    assert 60 * (4 + 8) * 0.9 <= seconds <= 60 * (4 + 8) * 1.1 + 15


def test_intervals_are_never_longer_than_max_wait(ship):
    ship({"status": "FINISH", "polls": 3})
    _, seconds = ended_of(shipment_wait(exponential_backoff=True, looks=10, max_wait=100))

    assert 2 * 90 <= seconds <= 2 * 100 + 15


def test_without_backoff_max_wait_means_nothing(ship):
    ship({"status": "FINISH", "polls": 2})
    _, seconds = ended_of(shipment_wait(max_wait=5))

    assert 54 <= seconds <= 80


@pytest.mark.parametrize("waits", [400])
def test_a_triggerer_that_starts_again_spreads_what_is_late(connected, monkeypatch, waits):
    from airflow_provider_orgauth.triggers import server_looks

    began_at = []
    begin = server_looks.ServerLooks.begin
    monkeypatch.setattr(
        server_looks.ServerLooks,
        "begin",
        lambda looks, subject: began_at.append(asyncio.get_running_loop().time()) or begin(looks, subject),
    )
    late = time.time() - 3600

    async def scenario(triggerer):
        await triggerer.payloads(
            *(
                OrgApiTrigger({"endpoint": f"{API}/profile", "params": {"n": n}}, until="id", next_look=late)
                for n in range(waits)
            )
        )
        return triggerer.began

    start = run(scenario)

    seconds = sorted(moment - start for moment in began_at)
    assert len(seconds) == waits
    assert seconds[-1] - seconds[0] > 1.0, "they came at once"


def test_what_goes_on_is_in_the_log_once_per_change(ship, connected, caplog):
    ship({"status": "PAUSE", "polls": 3}, {"status": "FINISH", "polls": 3})
    with caplog.at_level("INFO", logger="airflow_provider_orgauth.answers.seen"):
        payload = payload_of(shipment_wait())

    said = [record.getMessage() for record in caplog.records if record.name.endswith("answers.seen")]
    assert payload["polls"] == 6
    assert [text.partition(". The next")[0] for text in said] == [
        'Not yet: 200, status = "RUN"',
        'Not yet: 200, status = "PAUSE"',
    ]
    assert "shipment" not in said[0]
