"""What is judged in a thread: a user's function, which may take its time, and an answer that is large.

These threads are none of those that ask for tokens: thirty functions that hang would stop every wait there is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from airflow_provider_orgauth.client.aio.threads import Threads
from airflow_provider_orgauth.triggers.look import Look
from airflow_provider_orgauth.triggers.subject import Looker
from airflow_provider_orgauth.waiting.condition import Condition

LARGE_BYTES = 64 * 1024
"""Of an answer: to parse it, and to find credentials in it, takes tens of milliseconds."""

LONGEST_SECONDS = 60.0
"""For a function, and for its turn. A worker may have more time."""

users_threads = Threads("orgauth-judging")


async def judge_large(look: Look, lookers: Iterable[Looker]) -> None:
    """Work out what a large answer means for those who have not seen it before."""
    if look.size > LARGE_BYTES:
        await users_threads.run(lambda: look.signature)
        await _judge(look, {one.condition for one in lookers if not (one.knows(look) or one.condition.has_function)})


async def judge_by_functions(look: Look, lookers: Iterable[Looker]) -> None:
    """Work out what an answer means for those who wait with a function."""
    await _judge(look, {one.condition for one in lookers if one.condition.has_function})


async def _judge(look: Look, conditions: set[Condition]) -> None:
    for condition in conditions:
        judging = asyncio.ensure_future(users_threads.run(look.verdict, condition))
        # Left alone and not cancelled when it takes too long: a thread that runs cannot be stopped.
        _, late = await asyncio.wait([judging], timeout=LONGEST_SECONDS)
        if late:
            look.settle(condition, TimeoutError())
