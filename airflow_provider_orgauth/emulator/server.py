"""The sockets, on aiohttp: read a request, ask the core, and deliver the answer or the fault."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
import traceback
from collections.abc import AsyncIterator
from email.utils import formatdate
from typing import Any
from weakref import WeakKeyDictionary

from aiohttp import web
from multidict import CIMultiDict

from airflow_provider_orgauth.emulator import wire
from airflow_provider_orgauth.emulator.control import CONTROL_PREFIX, answer_control
from airflow_provider_orgauth.emulator.core import Core
from airflow_provider_orgauth.emulator.fault_answers import made_up_answer
from airflow_provider_orgauth.emulator.faults import Fault
from airflow_provider_orgauth.emulator.messages import Answer, Request, api_error, form_pairs
from airflow_provider_orgauth.emulator.stats import Stats

SHUTDOWN_SECONDS = 0.2

log = logging.getLogger(__name__)
_SILENT = logging.getLogger(f"{__name__}.aiohttp")
_SILENT.disabled = True


class Server:
    """One listening socket in front of a core. Everything runs in the event loop that it was started in."""

    def __init__(self, core: Core) -> None:
        self.core = core
        # A connection is counted when its first request comes, so that a look at /_stats does not count itself.
        self._connections: WeakKeyDictionary[Any, tuple[Stats, int]] = WeakKeyDictionary()

    @contextlib.asynccontextmanager
    async def listening(self, host: str, port: int, ssl_context: ssl.SSLContext | None) -> AsyncIterator[int]:
        """Listen while the context lasts; yields the port, which the system chose if ``port`` is 0.

        :raises OSError: if the address is taken or not this machine's.
        """
        application = web.Application()
        application.router.add_route("*", "/{tail:.*}", self._handle)
        # No access log, and no word about broken requests: query strings carry credentials here.
        runner = web.AppRunner(application, access_log=None, logger=_SILENT, shutdown_timeout=SHUTDOWN_SECONDS)
        await runner.setup()
        try:
            site = web.TCPSite(runner, host, port, ssl_context=ssl_context)
            await site.start()
            yield runner.addresses[0][1]
        finally:
            await runner.cleanup()

    async def _handle(self, incoming: web.Request) -> web.StreamResponse:
        try:
            return await self._answer(incoming)
        except ConnectionError:  # the client left in the middle
            raise
        except web.RequestPayloadError:
            return self._response(api_error(400, "The request body cannot be read."))
        except Exception as error:
            # Where it broke, but not the message, which may quote the request.
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error(  # noqa: TRY400
                "%s %s broke the emulator: %s at\n%s", incoming.method, incoming.path, type(error).__name__, where
            )
            return self._response(api_error(500, "The emulator broke."))

    async def _answer(self, incoming: web.Request) -> web.StreamResponse:
        request = await self._read(incoming)
        if request.path.startswith(CONTROL_PREFIX):
            return self._response(answer_control(self.core, request))
        transport = incoming.transport
        if transport is None:  # the client is gone already
            return web.Response()
        connection = self._connection(transport)
        fault = self.core.take_fault(request)
        if self.core.settings.latency:
            await asyncio.sleep(self.core.settings.latency)
        if fault is None:
            outcome = self.core.carry_out(request)
            self.core.count(request, outcome.name, str(outcome.answer.status), connection)
            return self._response(outcome.answer)
        return await self._fault(request, fault, transport, connection)

    async def _fault(
        self, request: Request, fault: Fault, transport: asyncio.Transport, connection: int
    ) -> web.StreamResponse:
        name, acted = "fault", Answer(200)
        if fault.act:
            outcome = self.core.carry_out(request)
            name, acted = outcome.name, outcome.answer
        kind = fault.kind
        sent = acted if kind in ("slow", "truncate", "stall") else made_up_answer(fault, request)
        silent = kind in ("reset", "reset_after", "truncate", "stall")
        self.core.count(request, name, kind if silent else str(sent.status), connection)
        if kind != "stall" and fault.delay:
            await asyncio.sleep(fault.delay)
        if kind in ("reset", "reset_after"):
            wire.reset(transport)
        elif kind in ("truncate", "stall"):
            wire.send_half(transport, sent)
            if kind == "stall":
                await wire.wait_closed(transport, fault.delay)
            transport.close()
        elif kind == "raw":
            wire.send_raw(transport, fault)
            transport.close()
        else:
            return self._response(sent)
        return web.Response()  # aiohttp finds the connection closed and sends nothing

    async def _read(self, incoming: web.Request) -> Request:
        """Read a request to its end, even if it is too large: a client that still sends would not see the answer."""
        limit = self.core.settings.max_request_bytes
        body = bytearray()
        async for chunk in incoming.content.iter_any():
            body += chunk[: limit + 1 - len(body)]
        return Request(
            method=incoming.method,
            path=incoming.path,
            query=form_pairs(incoming.rel_url.raw_query_string),
            headers={name.lower(): value for name, value in incoming.headers.items()},
            body=bytes(body),
            scheme=incoming.scheme,
        )

    def _response(self, answer: Answer) -> web.Response:
        headers = CIMultiDict(answer.headers)
        # aiohttp would take the machine's time.
        headers.setdefault("Date", formatdate(self.core.now(), usegmt=True))
        response = web.Response(status=answer.status, body=answer.body, headers=headers)
        if self.core.settings.chunked and answer.body:
            response.enable_chunked_encoding()
        return response

    def _connection(self, transport: asyncio.Transport) -> int:
        """Return the number of a connection, counting it when it is new since the last reset."""
        stats = self.core.stats
        counted_by, number = self._connections.get(transport, (None, 0))
        if counted_by is not stats:
            stats.connections += 1
            number = stats.connections
            self._connections[transport] = (stats, number)
        return number
