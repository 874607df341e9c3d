"""What all workers share, and by what chance it goes wrong."""

from __future__ import annotations

from random import Random
from typing import TypeVar

from airflow_provider_orgauth.cache.shared_name import shared_name
from airflow_provider_orgauth.oauth.client import OAuthClient
from simulation.plan import Plan, Result
from simulation.registered_clients import Assertions, client
from simulation.server import Server
from simulation.variable import Shared, Variable
from simulation.virtual_time import Process, VirtualTime

T = TypeVar("T")


class World:
    """The server, the Variables, the time, and what happened so far."""

    def __init__(self, plan: Plan, *, seed: int) -> None:
        self.plan = plan
        self.random = Random(seed)  # noqa: S311 - it has to be repeatable
        self.time = VirtualTime()
        self.server = Server(lifetime=plan.lifetime, refresh_kills_access=plan.refresh_kills_access)
        self.assertions = Assertions(client(plan, 0))
        self.result = Result()
        self.turns: dict[str, float] = {}
        """When the turn began in which each access token was asked for: with its claim, or with the last look."""
        self._shared: dict[str, Shared] = {}

    def shared_by(self, one: OAuthClient) -> Shared:
        """Return the Variables that the client's processes use."""
        return self._shared.setdefault(shared_name(one), Shared())

    def all_shared(self) -> list[Shared]:
        """Return the Variables that there are."""
        return list(self._shared.values())

    def happens(self, probability: float) -> bool:
        """Tell whether something that has a probability happens this time."""
        return probability > 0 and self.random.random() < probability

    def are_variables_away(self) -> bool:
        """Tell whether none can be read or written."""
        return self.plan.away[0] <= self.time.now < self.plan.away[1]

    def write(self, variable: Variable[T], value: T) -> None:
        """Let a process write to a Variable: once, or so it thinks."""
        variable.write(value, self.time.now)
        if self.happens(self.plan.repeats):
            self.time.start(
                self._lands_again(variable, value), at=self.time.now + self.plan.repeated_after(self.random)
            )

    def _lands_again(self, variable: Variable[T], value: T) -> Process:
        self.result.counts["writes that landed twice"] += 1
        variable.put(value, self.time.now)
        yield from ()
