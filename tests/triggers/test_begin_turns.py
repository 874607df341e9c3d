"""Many that begin in one turn of the loop are let through a few at a time, in their order."""

from __future__ import annotations

import asyncio

from airflow_provider_orgauth.triggers.begin_turns import BeginTurns


def begun_in_turns(many, *, most, cancelled=()):
    """Return who began in each turn of the loop."""

    async def scenario():
        loop, turns = asyncio.get_running_loop(), [[]]
        gate = BeginTurns(loop, most)

        async def begin(number):
            await gate.take()
            turns[-1].append(number)

        def count():
            turns.append([])
            if len(turns) < 100:
                loop.call_soon(count)

        tasks = [asyncio.create_task(begin(number)) for number in range(many)]
        await asyncio.sleep(0)
        for number in cancelled:
            tasks[number].cancel()
        count()
        await asyncio.gather(*tasks, return_exceptions=True)
        return [turn for turn in turns if turn]

    return asyncio.run(scenario())


def test_a_few_begin_in_each_turn_in_the_order_in_which_they_came():
    turns = begun_in_turns(23, most=5)

    assert [number for turn in turns for number in turn] == list(range(23))
    assert max(map(len, turns)) <= 5
    assert len(turns) >= 5


def test_one_that_is_cancelled_takes_nobodys_turn():
    turns = begun_in_turns(12, most=4, cancelled=[5, 6])

    assert [number for turn in turns for number in turn] == [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]


def test_who_comes_later_begins_at_once():
    async def scenario():
        gate = BeginTurns(asyncio.get_running_loop(), 2)
        await asyncio.gather(*(gate.take() for _ in range(7)))
        await asyncio.sleep(0.01)
        later = asyncio.create_task(gate.take())
        await asyncio.sleep(0)
        return later.done()

    assert asyncio.run(scenario())
