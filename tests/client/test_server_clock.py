"""The time at a server, by a host's clock that is off, is set, and is shared by processes."""

from __future__ import annotations

import json
import os
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from machine import NOW, Machine

from airflow_provider_orgauth.cache.host_clock import clock_file
from airflow_provider_orgauth.client.server_clock import ServerClock, server_clock
from airflow_provider_orgauth.oauth.server_time import MAX_CORRECTION_SECONDS


@pytest.mark.parametrize("ahead", [0, 300, -300, 15, -15, 86000, -86000])
def test_one_process_learns_for_all_of_its_host(ahead):
    host = Machine(ahead)
    one, running = host.process(), host.process()
    one.learn(int(host.true()), took=0.25)
    running.reread()

    for clock in (one, running, host.process()):
        assert clock.now() == pytest.approx(host.true(), abs=1.25)
    host.up += 5000
    assert one() == one.now() == pytest.approx(host.true(), abs=1.25)


def test_a_clock_that_is_right_costs_nothing_and_leaves_nothing_behind():
    host = Machine()
    clock = host.process()
    clock.learn(int(host.true()), took=0.1)

    assert clock.now == host.wall
    assert host.written == 0


@pytest.mark.parametrize("step", [300, -300, 1.5, -1.5])
def test_a_clock_that_is_set_is_believed_until_the_next_answer(step):
    host = Machine(-300)
    clock = host.process()
    clock.learn(host.true(), took=0.0)
    host.ahead += step

    assert clock.now() == host.wall() == host.process().now()
    clock.learn(host.true(), took=0.0)
    assert clock.now() == pytest.approx(host.true(), abs=1)


def test_set_there_and_back_it_is_known_again():
    """The very clock that was learned: nothing has to be asked to know what it shows."""
    host = Machine(-300)
    host.process().learn(host.true(), took=0.0)
    host.ahead = 0
    assert host.process().now() == host.true()
    host.ahead = -300
    assert host.process().now() == host.true()


def test_what_slews_or_sleeps_is_not_set():
    host = Machine(-300)
    clock = host.process()
    clock.learn(host.true(), took=0.0)
    host.ahead += 0.9
    host.up += 86400

    assert clock.now() == pytest.approx(host.true(), abs=1)


def test_after_a_boot_nothing_is_known():
    host = Machine(-300)
    host.process().learn(host.true(), took=0.0)
    host.up, now = 10.0, host.wall()
    clock = ServerClock(lambda: now + 60, boot=host.boot, file=host)
    clock.reread()

    assert clock.now() == now + 60


def test_another_process_has_learned_what_the_step_was():
    host = Machine(-300)
    clock = host.process()
    clock.learn(host.true(), took=0.0)
    host.ahead = 200
    host.process().learn(host.true(), took=0.0)

    assert clock.now() == pytest.approx(host.true(), abs=1)


def test_a_clock_that_turned_right_is_told_to_the_others():
    """Not this host's was off, but the server's."""
    host = Machine()
    clock = host.process()
    clock.learn(host.true() + 300, took=0.0)
    assert host.process().now() == host.true() + 300
    clock.learn(host.true(), took=0.0)

    assert clock.now() == host.process().now() == host.true()


def test_a_clock_that_is_set_while_the_answer_is_under_way():
    host = Machine()
    clock = host.process()
    began, date = clock.timer(), host.true()
    host.up += 2
    host.ahead = -300
    clock.learn(date, took=clock.timer() - began)

    assert clock.now() == pytest.approx(host.true(), abs=3)


def test_a_machine_that_was_stopped_with_its_clocks_does_not_take_a_token_for_younger_than_it_is():
    """A virtual machine in a snapshot: only its wall clock, once it was set, knows how long the answer took."""
    host = Machine()
    clock = host.process()
    sent, date = clock.reading(), int(host.true())
    host.up += 60.25
    host.stood = 60.0
    took = clock.since(sent)
    clock.learn(date, took=took)

    assert took == 60.25
    assert clock.now() == host.true()


@pytest.mark.parametrize("off", [MAX_CORRECTION_SECONDS + 5, -MAX_CORRECTION_SECONDS - 5, 56 * 365 * 86400.0])
def test_a_date_that_no_clock_shows_is_not_believed(off):
    host = Machine(-300)
    clock = host.process()
    clock.learn(host.wall() + off, took=0.0)
    assert clock.now() == host.wall()
    clock.learn(host.true(), took=0.0)
    clock.learn(host.wall() + off, took=0.0)

    assert clock.now() == pytest.approx(host.true(), abs=1), "what was known stands"


def test_a_host_without_files_knows_per_process():
    host = Machine(300)
    host.process().learn(host.true(), took=0.0)  # before the disk was full
    host.full, clock = True, host.process()
    clock.learn(host.true() + 40, took=0.0)
    clock.reread()  # the file is older than that

    assert clock.now() == pytest.approx(host.true() + 40, abs=1)


def test_real_clocks_and_a_real_file():
    file = clock_file("https://one.example")
    known = server_clock("https://one.example", time.time, file)
    assert server_clock("https://one.example", time.time, file) is known
    assert server_clock("https://two.example", time.time, file) is not known
    known.learn(time.time() + 300, took=0.0)
    other = ServerClock(time.time, boot=known.timer, file=clock_file("https://one.example"))
    other.reread()

    assert other.now() == pytest.approx(time.time() + 300, abs=2)
    assert clock_file("https://two.example").read() is None
    child = os.fork()
    if not child:
        os._exit(0 if abs(known.now() - time.time() - 300) < 2 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_clock_that_a_test_gave_says_nothing_of_the_host():
    file = clock_file("https://three.example")
    clock = server_clock("https://three.example", lambda: NOW, file)
    clock.learn(NOW + 300, took=0.0)

    assert clock.now() == NOW + 300
    assert file.read() is None


@given(text=st.text() | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(json.dumps))
@example("")
@example("[" * 100_000)
@example('{"seconds": 1e999, "booted_at": 0}')
@example('{"seconds": NaN, "booted_at": 1765999000}')
@example('{"seconds": 86401, "booted_at": 1765999000}')
@example('{"seconds": 300, "booted_at": Infinity}')
@example('{"seconds": 300, "booted_at": ' + "9" * 400 + "}")
@example('{"seconds": null, "booted_at": 1765999000}')
@example('{"seconds": 300}')
def test_what_is_no_correction_corrects_nothing(text):
    host = Machine()
    host.text = text

    assert host.process().now() == host.wall()
