"""A running emulator in the hands of a test: start it in a thread, ask it, change it, break it."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode

from airflow_provider_orgauth.emulator import scripting
from airflow_provider_orgauth.emulator.faults import Fault, fault_from_json
from airflow_provider_orgauth.emulator.messages import ApiError
from airflow_provider_orgauth.emulator.missing import require_aiohttp
from airflow_provider_orgauth.emulator.settings import Settings

if TYPE_CHECKING:
    import asyncio
    import ssl

    from airflow_provider_orgauth.emulator.core import Core

HOST = "127.0.0.1"
CONN_ID = "orgauth_default"
START_SECONDS = 30

Result = TypeVar("Result")


class Emulator:
    """A running emulator. Every method may be called from any thread.

    >>> with running_emulator(devices=20) as emulator:
    ...     emulator.fault("status", "/devices", status=503, times=2)
    ...     emulator.settings(token_lifetime=60).devices
    20

    :param url: ``http://127.0.0.1:PORT``, without a slash at the end.
    """

    def __init__(self, core: Core, loop: asyncio.AbstractEventLoop, scheme: str, host: str, port: int) -> None:
        self._core = core
        self._loop = loop
        self.scheme = scheme
        self.host = host
        self.port = port
        self.url = f"{scheme}://{url_host(host)}:{port}"

    def __repr__(self) -> str:
        return f"Emulator({self.url!r})"

    @property
    def client_id(self) -> str:
        """The client that may have tokens now."""
        return self._core.settings.client_id

    @property
    def client_secret(self) -> str:
        """Its secret."""
        return self._core.settings.client_secret

    def stats(self) -> dict[str, Any]:
        """Return the counts: the JSON of ``GET /_stats``."""
        return self._run(self._core.counts)

    def requests(self) -> list[dict[str, Any]]:
        """Return the last 1000 requests, oldest first: the JSON of ``GET /_requests``. Nothing secret is in them."""
        return self._run(lambda: list(self._core.stats.recent))

    def fault(self, kind: str, path: str = "/", **details: Any) -> None:
        """Queue one fault: ``emulator.fault("status", "/devices", status=503, times=2)``. See ``Fault``."""
        self.faults({"kind": kind, "path": path, **details})

    def faults(self, *faults: Fault | Mapping[str, Any]) -> None:
        """Queue faults, as ``Fault`` or as the objects of ``POST /_faults``.

        :raises ValueError: naming what is wrong.
        """
        ready = [fault if isinstance(fault, Fault) else fault_from_json(fault) for fault in faults]
        self._run(lambda: self._core.push_faults(ready))

    def clear_faults(self) -> None:
        """Drop the faults that have not hit."""
        self._run(self._core.faults.clear)

    def script_shipments(self, *steps: Mapping[str, Any], shipment_id: int | None = None, times: int = 1) -> None:
        """Say what becomes of a shipment: ``emulator.script_shipments({"status": "PAUSE", "polls": 2})``.

        :param steps: the objects of ``POST /_shipments``; without any, it runs for ever.
        :param shipment_id: a shipment; without, the next one that is created.
        :param times: how many of the next ones; 0: all.
        :raises ValueError: naming what is wrong.
        """
        given = _script(steps, "shipmentId", shipment_id, times)
        self._script(lambda core: scripting.script_shipments(core.organization, given, core.now()))

    def script_jobs(self, *steps: Mapping[str, Any], job_id: int | None = None, times: int = 1) -> None:
        """Say what becomes of a job: ``emulator.script_jobs({"status": "FAILED", "seconds": 5})``.

        :param steps: the objects of ``POST /_jobs``; without any, it runs for ever.
        :param job_id: a job; without, the next one that is created.
        :param times: how many of the next ones; 0: all.
        :raises ValueError: naming what is wrong.
        """
        given = _script(steps, "jobId", job_id, times)
        self._script(lambda core: scripting.script_jobs(core.organization, given, core.now()))

    def script_device(self, device_id: int, *steps: Mapping[str, Any]) -> None:
        """Say when a device is connected: ``emulator.script_device(7, {"connected": False, "seconds": 60})``.

        :param steps: the objects of ``POST /_devices``; without any, it stays as it is.
        :raises ValueError: naming what is wrong.
        """
        given = {"deviceId": device_id, "script": list(steps)}
        self._script(lambda core: scripting.script_devices(core.organization, given, core.now()))

    def shipments(self) -> list[dict[str, Any]]:
        """Return where each shipment stands: the JSON of ``GET /_shipments``. This is no poll."""
        return self._run(lambda: scripting.shown_shipments(self._core.organization, self._core.now()))

    def jobs(self) -> list[dict[str, Any]]:
        """Return where each job stands: the JSON of ``GET /_jobs``. This is no poll."""
        return self._run(lambda: scripting.shown_jobs(self._core.organization, self._core.now()))

    def devices(self) -> list[dict[str, Any]]:
        """Return where each device with a script stands: the JSON of ``GET /_devices``. This is no poll."""
        return self._run(lambda: scripting.shown_devices(self._core.organization, self._core.now()))

    def settings(self, **changes: Any) -> Settings:
        """Change settings, and return all of them.

        :raises ValueError: naming the setting; nothing is changed then.
        """

        def change() -> Settings:
            self._core.change(changes)
            return self._core.settings

        return self._run(change)

    def revoke(self, access_token: str | None = None, *, refresh_tokens: bool = False) -> int:
        """Revoke an access token, or all of them; on demand all refresh tokens too. Return how many it took."""
        return self._run(lambda: self._core.tokens.revoke(access_token, refresh_tokens=refresh_tokens))

    def issued(self) -> list[tuple[str, float]]:
        """Return all access tokens in the order of issue, each with the epoch second at which its life ends."""
        return self._run(self._core.tokens.issued)

    def advance(self, seconds: float) -> None:
        """Move the emulator's clock. The client's clock stays: use it to make tokens expire early for the client.

        :raises ValueError: if no HTTP date could say the time then.
        """
        self._run(lambda: self._core.advance(seconds))

    def reset(self) -> None:
        """Go back to the start state."""
        self._run(self._core.reset)

    def connection_json(self, **extra: Any) -> str:
        """Return an Airflow connection in JSON; ``extra`` are fields of the connection's extra."""
        connection: dict[str, Any] = {
            "conn_type": "orgauth",
            "host": self.host,
            "port": self.port,
            "schema": self.scheme,
            "login": self.client_id,
            "password": self.client_secret,
        }
        return json.dumps({**connection, "extra": extra} if extra else connection)

    def connection_uri(self, **extra: Any) -> str:
        """Return the same connection as a URI."""
        login, password = (quote(part, safe="") for part in (self.client_id, self.client_secret))
        uri = f"orgauth://{login}:{password}@{url_host(self.host)}:{self.port}/{self.scheme}"
        # Airflow reads __extra__ as JSON, which keeps numbers and objects what they are.
        return f"{uri}?{urlencode({'__extra__': json.dumps(extra)})}" if extra else uri

    def set_connection(self, monkeypatch: Any, conn_id: str = CONN_ID, **extra: Any) -> str:
        """Let Airflow find this emulator as ``conn_id`` until the test ends, and return ``conn_id``.

        :param monkeypatch: pytest's fixture of that name.
        """
        monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", self.connection_json(**extra))
        return conn_id

    def _script(self, give: Callable[[Core], int]) -> None:
        try:
            self._run(lambda: give(self._core))
        except ApiError as error:
            raise ValueError(error.message) from None

    def _run(self, action: Callable[[], Result]) -> Result:
        """Run ``action`` in the emulator's thread, so that it never meets a request halfway."""
        future: Future[Result] = Future()

        def run() -> None:
            try:
                future.set_result(action())
            except BaseException as error:  # it is raised where the caller is
                future.set_exception(error)

        self._loop.call_soon_threadsafe(run)
        return future.result(START_SECONDS)


def _script(steps: tuple[Mapping[str, Any], ...], id_field: str, number: int | None, times: int) -> dict[str, Any]:
    """Return the object that a control request would have."""
    return {"script": list(steps), **({"times": times} if number is None else {id_field: number})}


def url_host(host: str) -> str:
    """Return a host as a URL wants it: IPv6 addresses in brackets."""
    return f"[{host}]" if ":" in host else host


@contextlib.contextmanager
def running_emulator(
    *,
    host: str = HOST,
    port: int = 0,
    ssl_context: ssl.SSLContext | None = None,
    clock: Callable[[], float] = time.time,
    **settings: Any,
) -> Iterator[Emulator]:
    """Run an emulator in a thread of its own while the context lasts.

    :param port: 0 lets the system choose a free one.
    :param ssl_context: a server-side context with its certificate loaded: then it speaks HTTPS only.
    :param clock: epoch seconds.
    :param settings: the fields of ``Settings``.
    :raises EmulatorExtraMissing: if aiohttp is not installed.
    :raises ValueError: if a setting is wrong.
    :raises OSError: if the port is taken.
    """
    require_aiohttp()
    from airflow_provider_orgauth.emulator.core import Core

    core = Core(_settings(settings), clock)
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]] = Future()
    thread = threading.Thread(
        target=_serve, args=(core, host, port, ssl_context, started), name="orgauth-emulator", daemon=True
    )
    thread.start()
    loop, stop, bound = started.result(START_SECONDS)
    try:
        yield Emulator(core, loop, "https" if ssl_context else "http", host, bound)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(START_SECONDS)


def _settings(given: Mapping[str, Any]) -> Settings:
    try:
        return Settings(**given)
    except TypeError:
        unknown = sorted(set(given) - set(Settings.__dataclass_fields__))
        raise ValueError(
            f"no setting {', '.join(unknown)}; known: {', '.join(Settings.__dataclass_fields__)}"
        ) from None


def _serve(
    core: Core,
    host: str,
    port: int,
    ssl_context: ssl.SSLContext | None,
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]],
) -> None:
    import asyncio

    from airflow_provider_orgauth.emulator.server import Server

    async def serve() -> None:
        stop = asyncio.Event()
        async with Server(core).listening(host, port, ssl_context) as bound:
            started.set_result((asyncio.get_running_loop(), stop, bound))
            await stop.wait()

    try:
        asyncio.run(serve())
    except Exception as error:
        if started.done():
            raise
        started.set_exception(error)
