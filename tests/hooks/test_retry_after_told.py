"""Where a server asks to wait, each error that comes of it says for how long, in another process too."""

from __future__ import annotations

import asyncio
import pickle

import pytest

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.operators.org_api import OrgApiOperator
from airflow_provider_orgauth.paging import PageNumberPagination

DEVICES = "/api/v1/organization/devices"
TOKEN = "/oauth2/token"
PAGES = PageNumberPagination(size=100)


def run(hook, folder):
    hook.run(DEVICES)


def run_async(hook, folder):
    asyncio.run(hook.run_async(DEVICES))


def paginate(hook, folder):
    list(hook.paginate(DEVICES, pagination=PAGES))


def paginate_async(hook, folder):
    async def walk():
        async for _ in hook.paginate_async(DEVICES, pagination=PAGES):
            pass

    asyncio.run(walk())


def download(hook, folder):
    hook.download(DEVICES, folder / "devices.json")


def export(hook, folder):
    OrgApiOperator(
        task_id="t", endpoint=DEVICES, pagination=PAGES, output_path=str(folder / "devices.jsonl.gz")
    ).execute({})


def call(hook, folder):
    OrgApiOperator(task_id="t", endpoint=DEVICES).execute({})


WAYS = pytest.mark.parametrize("way", [run, run_async, paginate, paginate_async, download, export, call])


@pytest.fixture
def error_of(orgauth_emulator, monkeypatch, tmp_path):
    """Return a function that gives the error that a call ends with, as another process gets it."""

    def find(way):
        orgauth_emulator.set_connection(monkeypatch, cache="memory", max_attempts=1)
        with pytest.raises(errors.OrgAuthError) as caught:
            way(OrgAuthHook(), tmp_path)
        again = pickle.loads(pickle.dumps(caught.value))
        assert (type(again), again.retry_after) == (type(caught.value), caught.value.retry_after)
        return again

    return find


@WAYS
@pytest.mark.parametrize("status", [403, 413, 425, 429, 500, 501, 503])
def test_of_the_api(error_of, orgauth_emulator, way, status):
    orgauth_emulator.fault("status", DEVICES, status=status, headers={"Retry-After": "900"}, times=0)

    error = error_of(way)

    assert (error.status, error.retry_after) == (status, 900)
    assert "It asks to wait until 20" in str(error)


@WAYS
@pytest.mark.parametrize("status", [403, 408, 425, 429, 500, 503])
def test_of_the_token_endpoint(error_of, orgauth_emulator, way, status):
    orgauth_emulator.fault("status", TOKEN, status=status, headers={"Retry-After": "900"}, times=0)

    error = error_of(way)

    assert (type(error), error.status, error.retry_after) == (errors.TokenUnavailableError, status, 900)


@pytest.mark.parametrize("way", [paginate, paginate_async, export])
def test_of_a_later_page(error_of, orgauth_emulator, way):
    orgauth_emulator.fault("status", DEVICES, status=429, headers={"Retry-After": "900"}, skip=3, times=0)

    assert error_of(way).retry_after == 900


def test_what_does_not_ask_says_nothing(error_of, orgauth_emulator):
    orgauth_emulator.fault("status", DEVICES, status=500, headers={"X-RateLimit-Reset": "900"}, times=0)

    assert error_of(run).retry_after is None
