"""Hosts whose clocks are minutes off, or are set, on one token: no more token requests than without, but one each."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import cycle

import pytest
import requests
from machine import Machine
from token_stores import LeaseBeside, Memory, Store

from airflow_provider_orgauth.client.auth import BearerAuth
from airflow_provider_orgauth.client.origin import Origin
from airflow_provider_orgauth.client.renew_ahead import RenewalMoments
from airflow_provider_orgauth.client.retry_policy import RetryPolicy
from airflow_provider_orgauth.client.settings import HttpSettings
from airflow_provider_orgauth.client.token_endpoint import TokenEndpoint
from airflow_provider_orgauth.client.token_source import TokenSource
from airflow_provider_orgauth.emulator import running_emulator
from airflow_provider_orgauth.oauth.client import OAuthClient

LIFETIME, MARGIN = 60, 10
SECONDS, BETWEEN = 240, 4
"""For how long the fleet lives, and what passes between its rounds of calls."""


class Fleet:
    """Hosts with a process each that lives on, and one more for each call; they take turns in virtual time."""

    def __init__(self, *ahead: float, server_ahead: float = 0.0, **settings) -> None:
        self.hosts = [Machine(seconds) for seconds in ahead]
        self.settings = {"token_lifetime": LIFETIME, "rate_limit": 0, **settings}
        self.server_ahead = server_ahead
        self.shared = Store()
        self.shared.lease = LeaseBeside(self.shared)

    def server_time(self) -> float:
        return self.hosts[0].true() + self.server_ahead

    def pass_time(self, seconds: float) -> None:
        for host in self.hosts:
            host.up += seconds

    @contextmanager
    def running(self):
        with running_emulator(clock=self.server_time, **self.settings) as self.emulator:
            self.warm = [self.process(host) for host in self.hosts]
            yield

    def process(self, host):
        """Return a new process of a host, as the function that makes its calls."""
        client = OAuthClient(f"{self.emulator.url}/oauth2/token", self.emulator.client_id, self.emulator.client_secret)
        retry = RetryPolicy(5, clock=host.wall, timer=host.boot, sleep=self.pass_time, uniform=lambda low, _: low)
        source = TokenSource(
            client,
            TokenEndpoint(HttpSettings(), retry, clock=host.process()),
            memory=Memory(),
            shared=self.shared,
            margin=MARGIN,
            retry=retry,
            moments=RenewalMoments(),
        )
        session = requests.Session()
        session.auth = BearerAuth(source, Origin("http", "127.0.0.1", self.emulator.port))
        session.trust_env = False

        def call():
            with session:
                assert session.get(f"{self.emulator.url}/api/v1/organization/profile").status_code == 200

        return call

    def live(self, seconds: float) -> None:
        until = self.hosts[0].up + seconds
        while self.hosts[0].up < until:
            for host, running in zip(self.hosts, self.warm, strict=True):
                self.process(host)()
                running()
            self.pass_time(BETWEEN)

    @property
    def token_requests(self) -> int:
        return self.emulator.stats()["token_requests"]

    @property
    def unauthorized(self) -> int:
        return self.emulator.stats()["api_requests_by_status"].get("401", 0)


@pytest.fixture(scope="module")
def needed():
    """How many token requests a fleet makes whose clocks are right."""
    fleet = Fleet(0, 0, 0)
    with fleet.running():
        fleet.live(SECONDS)
        assert fleet.unauthorized == 0
        return fleet.token_requests


@pytest.mark.parametrize(
    ("ahead", "kills"),
    [((0, 300, -300), False), ((-300, 300, 0), True), ((0, 40, -40), False), ((-300, -300, -300), False)],
)
def test_hosts_that_are_off_cost_a_token_request_each_at_most(needed, ahead, kills):
    fleet = Fleet(*ahead, refresh_kills_access=kills)
    with fleet.running():
        fleet.live(SECONDS)

        assert fleet.token_requests <= needed + sum(1 for seconds in ahead if seconds)
        if not kills:
            # One that is behind learns it by its first 401, and each that runs takes that from no file.
            assert fleet.unauthorized <= 2 * sum(1 for seconds in ahead if seconds < 0)


def test_clocks_that_jump_there_and_back_cost_a_token_request_for_each_jump(needed):
    fleet, jumps = Fleet(0, 0, 0), cycle([300, 0])
    with fleet.running():
        for _ in range(6):
            fleet.hosts[1].ahead = next(jumps)
            fleet.hosts[2].ahead = -fleet.hosts[1].ahead
            fleet.live(SECONDS / 6)

        assert fleet.token_requests <= needed + 2 * 6
        assert fleet.unauthorized <= 2 * 2 * 6


@pytest.mark.parametrize("server_ahead", [-300, 80000])
def test_a_server_whose_own_clock_is_wrong_is_the_one_that_counts(needed, server_ahead):
    fleet = Fleet(0, 0, 0, server_ahead=server_ahead)
    with fleet.running():
        fleet.live(SECONDS)

        assert fleet.token_requests <= needed + len(fleet.hosts)


def test_a_server_whose_clock_is_years_off_costs_nothing(needed):
    fleet = Fleet(0, 0, 0, server_ahead=-10 * 365 * 86400.0)
    with fleet.running():
        fleet.live(SECONDS)

        assert fleet.token_requests == needed
        assert fleet.unauthorized == 0


def test_a_server_that_promises_twice_the_life_costs_each_process_one_401_per_token():
    fleet = Fleet(0, 0, 0, token_answer={"expires_in": 2 * LIFETIME})
    with fleet.running():
        fleet.live(SECONDS)

        lives = SECONDS / LIFETIME
        assert fleet.emulator.stats()["token_requests_by_outcome"]["issued"] <= lives + 1
        assert fleet.token_requests <= 2 * lives + 1, "a refresh token that died as early is refused once"
        # Its running processes, and the first of the new ones: the next find the token that this one got.
        assert fleet.unauthorized <= lives * (len(fleet.hosts) + 1)


def test_a_server_that_promises_half_the_life_is_asked_twice_as_often_and_no_more():
    fleet = Fleet(0, 0, 0, token_answer={"expires_in": LIFETIME // 2})
    with fleet.running():
        fleet.live(SECONDS)

        assert fleet.token_requests <= SECONDS / (LIFETIME / 2 - MARGIN - LIFETIME / 2 * 0.1 - BETWEEN) + 1
        assert fleet.unauthorized == 0
