"""A task that is stopped says so, whatever it was about to do, and gives no advice about the network."""

import json
import pickle
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

PROFILE = "/api/v1/organization/profile"
TOKEN = "/oauth2/token"


@pytest.fixture
def stop(orgauth_emulator, monkeypatch):
    """Return a function that makes a hook whose waits are real, and one that stops it and waits until it knows."""

    def make(**extra):
        hook = OrgAuthHook(orgauth_emulator.set_connection(monkeypatch, **{"cache": "memory", **extra}))

        def stop():
            hook.cancel()
            assert hook._cancelled.wait(10)

        return hook, stop

    return make


def said(caught) -> str:
    text = str(caught.value)
    assert text.startswith("The task was stopped (marked as failed or success, cleared, timed out, or its worker shut")
    assert not caught.value.advice
    assert "reach" not in text
    return text


def until_it_faults(emulator, running):
    while not emulator.stats()["faults"] and not running.done():
        wait([running], 0.01)


def test_a_call_is_not_sent_again(stop, orgauth_emulator):
    hook, stop = stop()
    hook.get_access_token()
    orgauth_emulator.fault("status", PROFILE, status=503, headers={"Retry-After": "60"}, times=9)
    stop()

    with pytest.raises(errors.TaskStoppedError) as caught:
        hook.run(PROFILE, params={"key": "s3cr3t"})
    assert said(caught).endswith(f"GET {orgauth_emulator.url}{PROFILE} was not sent again after status 503.")
    assert caught.value.status == 503
    assert orgauth_emulator.stats()["faults"] == {"status": 1}
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.status) == (str(caught.value), 503)


@pytest.mark.parametrize("kind", ["reset_after", "truncate"])
def test_nor_is_one_whose_answer_did_not_come(stop, orgauth_emulator, kind):
    hook, stop = stop()
    hook.get_access_token()
    orgauth_emulator.fault(kind, PROFILE, times=9)
    stop()

    with pytest.raises(errors.TaskStoppedError) as caught:
        hook.run(PROFILE)
    assert "was not sent again after this: " in said(caught)


def test_a_wait_for_another_attempt_ends(stop, orgauth_emulator):
    hook, stop = stop()
    hook.get_access_token()
    orgauth_emulator.fault("status", PROFILE, status=429, headers={"Retry-After": "60"}, times=9)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(hook.run, PROFILE)
        until_it_faults(orgauth_emulator, running)
        stop()
        with pytest.raises(errors.TaskStoppedError, match="not sent again after status 429"):
            running.result(30)


def test_a_wait_for_its_time_ends(stop, orgauth_emulator):
    """Of one request a minute."""
    hook, stop = stop(rate_limit=1)
    hook.get_access_token()
    hook.run(PROFILE)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(hook.run, PROFILE)
        wait([running], 0.05)
        stop()
        with pytest.raises(errors.TaskStoppedError) as caught:
            running.result(30)
    assert said(caught).endswith(f"GET {orgauth_emulator.url}{PROFILE} was not sent.")
    assert orgauth_emulator.stats()["api_requests"] == 1


@pytest.mark.parametrize(("status", "kind"), [(404, errors.ApiError), (403, errors.ApiForbiddenError)])
def test_an_answer_that_is_final_stays(stop, orgauth_emulator, status, kind):
    hook, stop = stop()
    hook.get_access_token()
    orgauth_emulator.fault("status", PROFILE, status=status)
    stop()

    with pytest.raises(kind) as caught:
        hook.run(PROFILE)
    assert caught.value.status == status


def test_what_is_not_repeated_stays_what_it_was(stop, orgauth_emulator):
    """A POST that may have been acted on: whoever reads the log must know of it."""
    hook, stop = stop()
    hook.get_access_token()
    orgauth_emulator.fault("status", PROFILE, status=503)
    stop()

    with pytest.raises(errors.ApiServerError):
        hook.run(PROFILE, method="POST", json={})


def test_a_token_that_does_not_come(stop, orgauth_emulator):
    hook, stop = stop()
    orgauth_emulator.fault("status", TOKEN, status=503, headers={"Retry-After": "60"}, times=9)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(hook.run, PROFILE)
        until_it_faults(orgauth_emulator, running)
        stop()
        with pytest.raises(errors.TaskStoppedError) as caught:
            running.result(30)
    assert said(caught).endswith(f"no token was got from {orgauth_emulator.url}{TOKEN} (status 503).")
    assert orgauth_emulator.stats()["faults"] == {"status": 1}


def test_a_token_that_is_not_asked_for(stop, orgauth_emulator):
    hook, stop = stop()
    stop()

    with pytest.raises(errors.TaskStoppedError) as caught:
        hook.get_access_token()
    assert said(caught).endswith(f"no token was got from {orgauth_emulator.url}{TOKEN} (it was not asked).")
    assert orgauth_emulator.stats()["token_requests"] == 0


def test_a_token_that_is_refused_stays_refused(stop, orgauth_emulator, monkeypatch):
    hook, stop = stop()
    wrong = json.loads(orgauth_emulator.connection_json(cache="memory")) | {"password": "wrong"}
    monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps(wrong))
    orgauth_emulator.fault("slow", TOKEN, delay=0.5)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(hook.run, PROFILE)
        until_it_faults(orgauth_emulator, running)
        stop()
        with pytest.raises(errors.InvalidClientError):
            running.result(30)


def test_an_export_says_how_far_it_was(orgauth_emulator, monkeypatch, tmp_path):
    from airflow_provider_orgauth.operators.org_api import OrgApiOperator

    def stop_at(response):
        if "page=3" in response.url:
            operator.on_kill()
            assert operator._hook._cancelled.wait(10)
        return True

    path = tmp_path / "devices.jsonl"
    operator = OrgApiOperator(
        task_id="export",
        org_conn_id=orgauth_emulator.set_connection(monkeypatch, cache="memory"),
        endpoint="/api/v1/organization/devices",
        pagination={"size": 10},
        output_path=str(path),
        max_concurrency=1,
        response_check=stop_at,
    )

    with pytest.raises(
        errors.TaskStoppedError, match=r"/devices was not sent\. The export stopped after page 4"
    ) as caught:
        operator.execute({})
    assert "(40 records, " in str(caught.value)
    assert str(caught.value).endswith(" read). The next attempt starts from the first page.")
    assert not path.exists()
