"""A refresh token is sent once, whatever comes of it: strict servers take a second use for theft."""

from __future__ import annotations

import os
import threading
import time

import pytest

from airflow_provider_orgauth.cache.memory import MemoryStore
from airflow_provider_orgauth.exceptions import TaskStoppedError, TokenUnavailableError
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook


@pytest.fixture
def make_hook(orgauth_emulator, monkeypatch, clockwork):
    orgauth_emulator.set_connection(monkeypatch, cache="memory", max_attempts=1)
    orgauth_emulator.settings(revoke_family=True)
    return lambda: OrgAuthHook(clock=clockwork.clock, sleep=clockwork.sleep)


@pytest.fixture
def hook(make_hook):
    return make_hook()


def grants(emulator):
    return emulator.stats()["token_requests_by_grant"]


def test_not_even_when_its_answer_and_the_next_are_lost(hook, orgauth_emulator, clockwork):
    hook.get_access_token()
    clockwork.advance(275)
    orgauth_emulator.fault("reset", "/oauth2/token", times=4)
    for _ in range(2):
        with pytest.raises(TokenUnavailableError):
            hook.get_access_token()
    orgauth_emulator.clear_faults()
    hook.get_access_token()

    assert grants(orgauth_emulator)["refresh_token"] <= 1


def test_a_forked_child_leaves_it_to_its_parent(hook, orgauth_emulator, clockwork):
    hook.get_access_token()
    clockwork.advance(275)
    for _ in range(2):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                hook.get_access_token()
                status = 0
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    hook.get_access_token()

    assert grants(orgauth_emulator) == {"client_credentials": 3, "refresh_token": 1}
    assert orgauth_emulator.stats()["token_requests_refused"] == 0


def test_a_task_that_is_stopped_does_not_fail_another_that_waits_for_its_token(make_hook, orgauth_emulator):
    """Two hooks in one process share a renewal; only one of them is cancelled."""
    stopped, other = make_hook(), make_hook()
    outcomes = {}

    def ask(name, hook):
        try:
            outcomes[name] = hook.get_access_token()
        except TaskStoppedError as error:
            outcomes[name] = error

    orgauth_emulator.fault("status", "/oauth2/token", status=503, delay=0.5)
    threads = [threading.Thread(target=ask, args=("stopped", stopped))]
    threads[0].start()
    # The server has its request, whose answer is the fault: the other one asks anew.
    while not orgauth_emulator.stats()["token_requests"]:
        time.sleep(0.005)
    stopped.cancel()
    assert stopped._cancelled.wait(10)
    threads.append(threading.Thread(target=ask, args=("other", other)))
    threads[1].start()
    for thread in threads:
        thread.join()

    assert isinstance(outcomes["stopped"], TaskStoppedError)
    assert isinstance(outcomes["other"], str)


def test_a_signal_handler_in_the_middle_of_a_renewal_gets_a_token_of_its_own(hook, orgauth_emulator, monkeypatch):
    """It must not wait for the thread that it interrupted."""
    got = []
    save = MemoryStore.save

    def interrupted(store, token):
        if not got:
            got.append(None)
            got.append(hook._tokens.token())
        save(store, token)

    monkeypatch.setattr(MemoryStore, "save", interrupted)
    hook.get_access_token()

    assert got[1] is not None
    assert grants(orgauth_emulator) == {"client_credentials": 2}
