"""Whoever puts old texts back into the Variables, or deletes them: a retrying proxy, a restored backup, a person."""

from __future__ import annotations

from typing import TypeVar

from simulation.variable import Variable
from simulation.virtual_time import Process
from simulation.world import World

T = TypeVar("T")


def meddle(world: World) -> Process:
    """Do it for ever."""
    while True:
        yield world.random.expovariate(1 / world.plan.meddles_every)
        world.result.counts["meddled"] += 1
        shared = world.random.choice(world.all_shared())
        match world.random.choice(world.plan.meddling):
            case "token":
                _put_back(world, shared.token)
            case "lease":
                _put_back(world, shared.lease)
            case "either":
                _put_back(world, shared.token)
                _put_back(world, shared.lease)
            case "backup":
                of = world.random.uniform(0.0, world.time.now)
                shared.token.put(shared.token.read(of), world.time.now)
                shared.lease.put(shared.lease.read(of), world.time.now)
            case "delete token":
                shared.token.put(None, world.time.now)
            case "delete lease":
                shared.lease.put(None, world.time.now)
            case "delete both":
                shared.token.put(None, world.time.now)
                shared.lease.put(None, world.time.now)


def _put_back(world: World, variable: Variable[T]) -> None:
    if variable.written:
        variable.put(world.random.choice(variable.written), world.time.now)
