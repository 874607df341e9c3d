"""One call through a hook, by threads and ``requests`` or by an event loop and ``aiohttp``, and all that came of it."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest
import requests
from hostile_server import Came

from airflow_provider_orgauth.exceptions import OrgAuthError
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

About = Mapping[str, Any] | Callable[[], Mapping[str, Any]]


@dataclass(frozen=True)
class Ask:
    """A call.

    :param way: ``run``, ``session`` or ``paginate``.
    :param about: the arguments; a function makes them anew, for bodies that are read once.
    :param of: what is wanted of an answer.
    """

    way: str
    endpoint: str = "/x"
    about: About = field(default_factory=dict)
    of: Callable[[requests.Response], object] = lambda response: response.text

    @property
    def arguments(self) -> Mapping[str, Any]:
        return self.about() if callable(self.about) else self.about


class LoggingHook(OrgAuthHook):
    """A hook whose log is Python's own, whatever Airflow's is."""

    @property
    def log(self) -> logging.Logger:
        return logging.getLogger("tests.drivers")


class Service(Protocol):
    """What is called, while a row is tried.

    :ivar url: the connection's server.
    :ivar extra: fields of the connection's extra.
    :ivar environ: variables of the environment, set when ``Row.first`` is done.
    """

    url: str
    extra: Mapping[str, Any]
    environ: Mapping[str, str]

    def requests(self) -> list[str]:
        """Return the lines of the requests to the API, in order."""

    def sent(self) -> list[Came]:
        """Return these requests whole, where the server keeps them."""

    def tokens(self) -> int:
        """Return how many requests the token endpoint got."""

    def anonymous(self, text: str) -> str:
        """Return a text without what differs from server to server."""


@dataclass(frozen=True)
class Row:
    """A line of the table.

    :param serves: runs the server; given a folder for files.
    :param asks: the calls, one after the other.
    :param came: for each, a pattern of what came of it: ``200 text``, ``ErrorClass: text`` or a list.
    :param requests: to the API, as the server saw them; ``None``: as many as the other driver sends.
    :param tokens: requests to the token endpoint.
    :param waits: the least and most seconds of each.
    :param said: a pattern of each line of the log, from WARNING on.
    :param first: done with the hook before the calls.
    :param meanwhile: done with the hook while it waits.
    :param absent: texts that may stand nowhere, whatever happens.
    :param is_sent_alike: False where it is left to chance how much of a request that breaks off gets to the server.
    """

    name: str
    serves: Callable[[Path], AbstractContextManager[Service]]
    asks: tuple[Ask, ...]
    came: tuple[str, ...]
    requests: int | None = 1
    tokens: int = 1
    waits: tuple[tuple[float, float], ...] = ()
    said: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    first: Callable[[OrgAuthHook], object] = lambda hook: None
    meanwhile: Callable[[OrgAuthHook], object] = lambda hook: None
    absent: tuple[str, ...] = ()
    is_sent_alike: bool = True


@dataclass(frozen=True)
class Observed:
    """What came of a row's calls."""

    came: list[str]
    requests: list[str]
    sent: list[tuple[str, dict[str, str], bytes]]
    tokens: int
    waits: list[float]
    said: list[str]


def observed(row: Row, driver: str, folder: Path, time: Any) -> Observed:
    """Make the calls of a row; the same chance gives both drivers the same waits.

    :param time: clock and sleep, as the fixture ``clockwork`` has them.
    """
    with row.serves(folder) as service, pytest.MonkeyPatch.context() as patch, _log() as said:
        for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
            patch.delenv(name, raising=False)
            patch.delenv(name.upper(), raising=False)
        extra = {"cache": "memory", "timeout": 10, "max_attempts": 3, **service.extra, **row.extra}
        login = {"login": "id", "password": "s3cr3t-part", **extra.pop("login", {})}
        connection = {"conn_type": "orgauth", "host": service.url, **login, "extra": extra}
        patch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", json.dumps(connection))
        hook = LoggingHook(clock=time.clock, sleep=time.sleep)
        time.meanwhile = lambda: row.meanwhile(hook)
        random.seed(11)
        row.first(hook)
        for name, value in service.environ.items():
            patch.setenv(name, value)
        came = _in_thread(hook, row) if driver == "requests" else asyncio.run(_on_loop(hook, row))
        return Observed(
            [service.anonymous(text) for text in came],
            [service.anonymous(line) for line in service.requests()],
            [_comparable(came, service) for came in service.sent()],
            service.tokens(),
            time.slept,
            [service.anonymous(line) for line in said],
        )


def _in_thread(hook: OrgAuthHook, row: Row) -> list[str]:
    came = []
    for ask in row.asks:
        try:
            if ask.way == "paginate":
                came.append(str([record.get("id") for record in hook.paginate(ask.endpoint, **ask.arguments)]))
            elif ask.way == "run":
                came.append(_answer(hook.run(ask.endpoint, **ask.arguments), ask))
            else:
                about = {"method": "GET", **ask.arguments}
                came.append(_answer(hook.get_conn().request(url=ask.endpoint, **about), ask))
        except Exception as error:
            came.append(_error(error))
    return came


async def _on_loop(hook: OrgAuthHook, row: Row) -> list[str]:
    came = []
    async with hook.async_session() as session:
        for ask in row.asks:
            try:
                if ask.way == "paginate":
                    records = hook.paginate_async(ask.endpoint, **ask.arguments)
                    came.append(str([record.get("id") async for record in records]))
                elif ask.way == "run":
                    came.append(_answer(await hook.run_async(ask.endpoint, **ask.arguments), ask))
                else:
                    about = {"method": "GET", **ask.arguments}
                    came.append(_answer(await session.request(url=ask.endpoint, **about), ask))
            except Exception as error:
                came.append(_error(error))
    return came


def _answer(response: requests.Response, ask: Ask) -> str:
    before = "".join(f"{one.status_code} > " for one in response.history)
    return f"{before}{response.status_code} {ask.of(response)}"


def _error(error: Exception) -> str:
    about = ""
    if isinstance(error, OrgAuthError):
        about = f" | {error.status} | {error.error} | {error.server_message} | "
        about += "None" if error.retry_after is None else f"{error.retry_after:.0f}"
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "TIME UTC", str(error))  # one driver runs after the other
    return f"{type(error).__name__}: {text}{about}"


def _comparable(came: Came, service: Service) -> tuple[str, dict[str, str], bytes]:
    headers, body = dict(came.headers), came.body
    if boundary := re.search("boundary=(.+)", headers.get("content-type", "")):
        body = body.replace(boundary[1].encode(), b"BOUNDARY")
        headers["content-type"] = headers["content-type"].replace(boundary[1], "BOUNDARY")
    return came.line, {name: service.anonymous(value) for name, value in headers.items()}, body


@contextmanager
def _log() -> Iterator[list[str]]:
    said: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "aiohttp/web_" in record.getMessage():
                return  # a server of another test that was ended in mid-answer, collected just now
            said.append(f"{record.levelname} {record.getMessage()}")

    handler, root = Handler(logging.WARNING), logging.getLogger()
    root.addHandler(handler)
    try:
        yield said
    finally:
        root.removeHandler(handler)
