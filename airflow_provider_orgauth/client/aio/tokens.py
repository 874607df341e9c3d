"""Tokens for the tasks of an event loop, from the one source that threads have: none is asked for on the loop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import requests

from airflow_provider_orgauth.client.aio.threads import in_thread
from airflow_provider_orgauth.client.auth import BearerAuth
from airflow_provider_orgauth.client.exchange import MayReplay, ObtainToken


@dataclass(frozen=True)
class _Obtained:
    """The result of a task, which asyncio writes to its debug log."""

    access_token: str = field(repr=False)


class AsyncTokens:
    """Obtains tokens in a thread, of any number of tasks once for all that want the same.

    :param bearer: what threads obtain theirs from.
    """

    def __init__(self, bearer: BearerAuth) -> None:
        self._bearer = bearer
        self._under_way: dict[tuple[str | None, bool], asyncio.Task[_Obtained]] = {}

    async def obtain(self, step: ObtainToken[Any]) -> str:
        """Return an access token that may be sent now."""
        wanted = step.rejected, step.sent_once
        is_plain = wanted == (None, False)
        if is_plain and (ready := self._bearer.ready(is_being_renewed=wanted in self._under_way)) is not None:
            return ready
        task = self._under_way.get(wanted)
        if task is None:
            task = self._under_way[wanted] = asyncio.create_task(in_thread(self._obtained, step))
            task.add_done_callback(lambda ended: self._ended(wanted, ended))
        # Whoever is cancelled leaves it to the others: a token that was asked for is saved in any case.
        return (await asyncio.shield(task)).access_token

    def sign(self, request: requests.PreparedRequest, access_token: str) -> None:
        """Put this token on ``request``."""
        self._bearer.sign(request, access_token)

    def _ended(self, wanted: tuple[str | None, bool], task: asyncio.Task[_Obtained]) -> None:
        del self._under_way[wanted]
        if not task.cancelled():
            task.exception()  # it is seen, also where all who waited were cancelled

    def _obtained(self, step: ObtainToken[Any]) -> _Obtained:
        return _Obtained(self._bearer.obtain(step))

    async def may_replay(self, step: MayReplay) -> bool:
        """Tell whether to replay a request that was answered 401 again."""
        return await in_thread(self._bearer.may_replay, step)
