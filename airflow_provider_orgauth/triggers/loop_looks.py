"""All looks of one event loop: its connections, its servers, and what is looked at on them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from airflow_provider_orgauth.triggers.begin_turns import BeginTurns
from airflow_provider_orgauth.triggers.loop_connection import LoopConnection
from airflow_provider_orgauth.triggers.request_payload import key_of, request_of
from airflow_provider_orgauth.triggers.server_looks import ServerLooks
from airflow_provider_orgauth.triggers.subject import Looker, Subject
from airflow_provider_orgauth.waiting.first_look import first_look

_LOOPS: dict[asyncio.AbstractEventLoop, LoopLooks] = {}


def looks_of_loop() -> LoopLooks:
    """Return those of the running loop. A forked child, and each ``asyncio.run``, has a loop of its own."""
    loop = asyncio.get_running_loop()
    looks = _LOOPS.get(loop)
    if looks is None:
        for closed in [one for one in _LOOPS if one.is_closed()]:
            del _LOOPS[closed]
        looks = _LOOPS[loop] = LoopLooks(loop)
    return looks


class LoopLooks:
    """Brings together who waits for the same."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._connections: dict[str, LoopConnection] = {}
        self._servers: dict[str, ServerLooks] = {}
        self.begin_turns = BeginTurns(loop)
        self._subjects: dict[tuple[str, str], Subject] = {}

    def join(self, org_conn_id: str, payload: Mapping[str, Any], looker: Looker, *, due_in: float | None) -> Subject:
        """Look for somebody; return what is looked at, for :meth:`leave`.

        :param payload: the request; see :mod:`~.request_payload`.
        :param due_in: seconds until the next look that was planned before; None: none was.
        :raises ConfigurationError: the request cannot work.
        """
        key = (org_conn_id, key_of(payload))
        subject = self._subjects.get(key)
        if subject is None:
            request = request_of(payload)
            subject = self._subjects[key] = Subject(key, request, self._connection(org_conn_id))
        subject.lookers.append(looker)
        connection = subject.connection
        connection.lookers += 1
        connection.gauge.changed(connection.lookers)
        connection.subjects.add(subject)
        looker.due = self._loop.time() + first_look(looker.interval, waits=connection.lookers, due_in=due_in)
        if looker.due < subject.due:  # else a look for all is planned before
            connection.when_open(subject)
        return subject

    async def leave(self, subject: Subject, looker: Looker) -> None:
        """Look for somebody no more. With the last on a connection, what is open to its server is closed."""
        subject.lookers.remove(looker)
        connection = subject.connection
        connection.lookers -= 1
        connection.gauge.changed(connection.lookers)
        if not subject.lookers:
            connection.subjects.discard(subject)
            if self._subjects.get(subject.key) is subject:
                del self._subjects[subject.key]
            if subject.looking is not None:
                subject.looking.cancel()
        if not connection.lookers:
            await connection.close()

    def _connection(self, org_conn_id: str) -> LoopConnection:
        connection = self._connections.get(org_conn_id)
        if connection is None:
            connection = self._connections[org_conn_id] = LoopConnection(org_conn_id, self._loop, self._server)
        return connection

    def _server(self, origin: str) -> ServerLooks:
        server = self._servers.get(origin)
        if server is None:
            server = self._servers[origin] = ServerLooks(self._loop)
        return server
