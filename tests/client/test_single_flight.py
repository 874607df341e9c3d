"""One flight at a time for each key; nobody waits for a flight that will never land."""

import os
import threading

import pytest

from airflow_provider_orgauth.client.single_flight import SingleFlight


def in_threads(count, work):
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


def test_callers_share_one_run_and_its_outcome():
    flights, runs, outcomes = SingleFlight(), [], []
    started, land = threading.Event(), threading.Event()

    def fly():
        runs.append(1)
        started.set()
        assert land.wait(10)
        return "outcome"

    leader = in_threads(1, lambda: outcomes.append(flights.do("k", fly)))
    assert started.wait(10)
    arrived = threading.Semaphore(0)

    def follow():
        arrived.release()
        outcomes.append(flights.do("k", fly))

    followers = in_threads(5, follow)
    for _ in followers:
        assert arrived.acquire(timeout=10)
    land.set()
    for thread in leader + followers:
        thread.join(10)
    assert [outcome for outcome, _ in outcomes] == ["outcome"] * 6
    assert sum(led for _, led in outcomes) == len(runs)


def test_a_leader_that_is_stopped_leaves_its_followers_free_to_try():
    flights, outcomes = SingleFlight(), []
    started, stop = threading.Event(), threading.Event()

    def stopped():
        started.set()
        assert stop.wait(10)
        raise SystemExit

    def lead():
        with pytest.raises(SystemExit):
            flights.do("k", stopped)

    leader = in_threads(1, lead)
    assert started.wait(10)
    waiting = threading.Event()

    def follow():
        waiting.set()
        outcomes.append(flights.do("k", lambda: "mine"))

    followers = in_threads(1, follow)
    assert waiting.wait(10)
    stop.set()
    for thread in leader + followers:
        thread.join(10)
    assert outcomes in ([(None, False)], [("mine", True)])
    assert flights.do("k", lambda: "again") == ("again", True)


def test_who_flies_already_does_not_wait_for_itself():
    """A signal handler, or a store that makes a call, asks in the thread that is on its way."""
    flights = SingleFlight()

    assert flights.do("k", lambda: flights.do("k", lambda: "inner")) == (("inner", True), True)
    assert flights.do("k", lambda: "after") == ("after", True)


def test_keys_do_not_wait_for_each_other():
    flights = SingleFlight()

    assert flights.do("a", lambda: flights.do("b", lambda: 1)) == ((1, True), True)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_does_not_wait_for_its_parents_flight():
    flights = SingleFlight()
    started, land = threading.Event(), threading.Event()

    def fly():
        started.set()
        land.wait(10)
        return 1

    thread = in_threads(1, lambda: flights.do("k", fly))[0]
    assert started.wait(10)
    child = os.fork()
    if child == 0:
        os._exit(0 if flights.do("k", lambda: 7) == (7, True) else 1)
    status = os.waitpid(child, 0)[1]
    land.set()
    thread.join(10)
    assert os.waitstatus_to_exitcode(status) == 0
