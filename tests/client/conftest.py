"""An emulator whose time goes with that of the processes, and processes that share one store of tokens."""

from __future__ import annotations

from contextlib import closing

import pytest
from token_stores import DrawnMoments, Memory, Store, Wire

from airflow_provider_orgauth.client.retry_policy import RetryPolicy
from airflow_provider_orgauth.client.settings import HttpSettings
from airflow_provider_orgauth.client.token_endpoint import TokenEndpoint
from airflow_provider_orgauth.client.token_source import TokenSource
from airflow_provider_orgauth.emulator import running_emulator
from airflow_provider_orgauth.oauth.client import OAuthClient


@pytest.fixture
def orgauth_emulator(clockwork):
    """Who lets the time of a process pass lets the emulator's pass, too."""
    with running_emulator(clock=clockwork.clock) as emulator:
        yield emulator


@pytest.fixture
def shared():
    """The store that all processes see."""
    return Store()


@pytest.fixture
def moments():
    """When the processes renew ahead of time: not unless a test wants it."""
    return DrawnMoments()


@pytest.fixture
def wire():
    """What the processes' token requests go over."""
    with closing(Wire()) as wire:
        yield wire


@pytest.fixture
def process(orgauth_emulator, clockwork, shared, moments, wire):
    """Return a function that makes the token source of another process, with a memory of its own."""
    client = OAuthClient(
        f"{orgauth_emulator.url}/oauth2/token", orgauth_emulator.client_id, orgauth_emulator.client_secret
    )
    # Each moment is the last that there is.
    retry = RetryPolicy(
        5, clock=clockwork.clock, timer=clockwork.clock, sleep=clockwork.sleep, uniform=lambda low, high: high
    )
    endpoint = TokenEndpoint(HttpSettings(), retry, adapter=wire)

    def make(learned=None, *, memory=None, shared=shared, on_renewal=lambda _: None):
        return TokenSource(
            client,
            endpoint,
            memory=memory or Memory(),
            shared=shared,
            margin=30,
            retry=retry,
            on_token=(learned if learned is not None else []).append,
            on_renewal=on_renewal,
            moments=moments,
        )

    return make
