"""Workers that call an API again and again, on hosts that share only Variables, and whoever meddles with these."""

from __future__ import annotations

from airflow_provider_orgauth.oauth.client import OAuthClient
from simulation.host import Host
from simulation.meddler import meddle
from simulation.plan import Plan, Result
from simulation.registered_clients import client
from simulation.virtual_time import Process
from simulation.worker import MOMENTS, Killed, Worker
from simulation.world import World


class Fleet(World):
    """A world with workers in it."""

    def __init__(self, plan: Plan, *, seed: int) -> None:
        super().__init__(plan, seed=seed)
        self._clients = [client(plan, number) for number in range(plan.secrets)]
        MOMENTS.forget()

    def run(self, seconds: float) -> Result:
        """Let the fleet work."""
        plan = self.plan
        number = 0
        for _ in range(plan.hosts):
            host = Host(self.time, clock_error=plan.clock_error(self.random), stale=plan.stale_on_host(self.random))
            for _ in range(plan.workers_per_host):
                place = self._place(host, self._clients[number % plan.secrets])
                self.time.start(host.run(place), at=self.random.uniform(0, plan.start_within))
                number += 1
            if plan.jumps_every:
                self.time.start(self._clock_jumps(host))
        if plan.meddles_every:
            self.time.start(meddle(self))
        self.time.run(seconds)
        return self.result

    def _place(self, host: Host, client: OAuthClient) -> Process:
        """One worker after the other: who is killed is replaced."""
        while True:
            worker = Worker(self, host, client)
            try:
                alive = True
                while alive:
                    yield from worker.call()
                    yield self.random.expovariate(1 / self.plan.call_every)
                    alive = not self.plan.process_per_call
            except Killed:
                self.result.counts["killed"] += 1
                yield 1.0

    def _clock_jumps(self, host: Host) -> Process:
        while True:
            yield self.random.expovariate(1 / self.plan.jumps_every)
            self.result.counts["jumps"] += 1
            host.clock_error = self.plan.jump(self.random)
