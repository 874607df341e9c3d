"""The whole emulator but its sockets: settings, clock, tokens, data, faults and counts, and one answer per request."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from airflow_provider_orgauth.emulator import api, jobs
from airflow_provider_orgauth.emulator.devices import Call
from airflow_provider_orgauth.emulator.faults import Fault, FaultQueue
from airflow_provider_orgauth.emulator.messages import API_PREFIX, Answer, Request, api_error, bearer_token
from airflow_provider_orgauth.emulator.organization import Organization
from airflow_provider_orgauth.emulator.rate_limit import RateLimit, too_many
from airflow_provider_orgauth.emulator.settings import Settings
from airflow_provider_orgauth.emulator.stats import Stats
from airflow_provider_orgauth.emulator.store import FILES_PREFIX, answer_file
from airflow_provider_orgauth.emulator.token_endpoint import TOKEN_PATH, answer_token_request, read_token_request
from airflow_provider_orgauth.emulator.tokens import Clock, TokenStore

_LAST_SECOND = 253_402_300_799  # of the year 9999


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a request that was carried out. ``name``: for the statistics of the token endpoint."""

    answer: Answer
    name: str = ""


@dataclass(slots=True)
class Core:
    """The state of an emulator.

    :param initial: the settings that ``reset`` goes back to.
    :param clock: epoch seconds; expiry, rate limits, shipments, jobs and scripts run on it, moved by ``advance``.
    """

    initial: Settings
    clock: Clock = time.time
    settings: Settings = field(init=False)
    tokens: TokenStore = field(init=False)
    organization: Organization = field(init=False)
    faults: FaultQueue = field(init=False)
    stats: Stats = field(init=False)
    _api_limit: RateLimit = field(init=False)
    _token_limit: RateLimit = field(init=False)
    _advanced: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Go back to the start state: settings, data, tokens, counts, clock; no faults."""
        self._advanced = 0.0
        self.settings = self.initial
        self.tokens = TokenStore(self.initial.seed, self.now)
        self.organization = Organization.seeded(self.initial)
        self.faults = FaultQueue()
        self.stats = Stats()
        self._api_limit, self._token_limit = RateLimit(self.now), RateLimit(self.now)

    def now(self) -> float:
        """Return epoch seconds of the emulator's clock."""
        return self.clock() + self._advanced

    def advance(self, seconds: float) -> None:
        """Move the clock. Tokens expire, rate limits end, and all that waits goes on, without anyone waiting.

        :raises ValueError: if no HTTP date could say the time then.
        """
        try:
            now = self.now() + seconds
        except OverflowError:  # a whole number that no float holds
            now = math.inf
        # Its answers are dated by this clock, and HTTP's dates have years of four digits.
        if not 0 <= now <= _LAST_SECOND:
            raise ValueError("seconds would move the clock out of the years 1970 to 9999")
        self._advanced += seconds

    def change(self, changes: Mapping[str, Any]) -> None:
        """Change settings.

        :raises ValueError: naming the setting; nothing is changed then.
        """
        self.settings = self.settings.changed(changes)
        self.organization.take_settings(self.settings)

    def counts(self) -> dict[str, Any]:
        """Return what was asked, and what was created by it."""
        made = self.organization
        return {**self.stats.shown(), "jobs_created": len(made.jobs), "shipments_created": made.last_shipment}

    def push_faults(self, faults: Iterable[Fault]) -> None:
        """Queue faults."""
        self.faults.push(faults)

    def take_fault(self, request: Request) -> Fault | None:
        """Return the fault that hits this request."""
        fault = self.faults.take(request.method, request.path, API_PREFIX)
        if fault is not None:
            self.stats.faults[fault.kind] += 1
        return fault

    def carry_out(self, request: Request) -> Outcome:
        """Do what a request asks, and return the answer."""
        if len(request.body) > self.settings.max_request_bytes:
            return Outcome(api_error(413, "The request is too large."), "too_large")
        if request.path == TOKEN_PATH:
            return self._token(request)
        if request.path.startswith(FILES_PREFIX):
            return Outcome(answer_file(request, self.settings, self.organization, self.now(), jobs.content))
        return Outcome(self._api(request))

    def count(self, request: Request, outcome: str, status: str, connection: int) -> None:
        """Count a request when its fate is known. ``status``: as sent, or the fault that sent none."""
        if request.path == TOKEN_PATH:
            self.stats.count_token_request(read_token_request(request), outcome, status)
        elif request.path.startswith(FILES_PREFIX):
            self.stats.file_statuses[status] += 1
        else:
            self.stats.count_api_request(api.route_name(request), bearer_token(request), status)
        self.stats.remember(request, status, connection)

    def _token(self, request: Request) -> Outcome:
        settings = self.settings
        if request.method != "POST":
            return Outcome(api_error(405, "Method is not allowed.", (("Allow", "POST"),)), "wrong_method")
        wait = self._token_limit.wait(settings.token_rate_limit, settings.rate_window)
        if wait is not None:
            return Outcome(too_many(wait, settings.retry_after, now=self.now()), "rate_limited")
        answer, name = answer_token_request(read_token_request(request), settings, self.tokens)
        return Outcome(answer, name)

    def _api(self, request: Request) -> Answer:
        settings = self.settings
        refused = api.refusal(request, settings, self.tokens)
        if refused is not None:
            return refused
        wait = self._api_limit.wait(settings.rate_limit, settings.rate_window)
        if wait is not None:
            return too_many(wait, settings.retry_after, now=self.now())
        return api.answer_call(Call(request, settings, self.organization, self.now()))
