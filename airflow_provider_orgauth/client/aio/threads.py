"""Run what may block in a thread, while the event loop goes on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from asgiref.sync import sync_to_async

from airflow_provider_orgauth import forks

T = TypeVar("T")

MAX_THREADS = 32
"""At once, in this process. They wait, for a lease or a file: they take no CPU."""


class Threads:
    """Threads of our own: those of ``asyncio.to_thread`` are the caller's, who may have filled them with calls.

    :param name: what each thread's begins with.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        """Have new ones: a forked child has none of its parent's."""
        self.executor = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix=self._name)

    async def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """Return what ``function`` returns. It goes on to its end where the caller is cancelled.

        By asgiref, and in no thread that others share: from there, and only from there, Airflow's triggerer answers.
        """
        result: T = await sync_to_async(function, thread_sensitive=False, executor=self.executor)(*arguments)
        return result


_threads = Threads("orgauth-aio")


async def in_thread(function: Callable[..., T], *arguments: Any) -> T:
    """Return what ``function`` returns, of the threads that look up, lock and ask for tokens: none of a user's."""
    return await _threads.run(function, *arguments)
