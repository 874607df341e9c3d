"""Fixtures that run OAuth servers from the registry: see ``foreign_oauth.py`` for what each one does."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from foreign_oauth import CLIENTS, SERVERS, SPECIAL_CLIENTS, Client, ForeignServer, interpreter, running


@pytest.fixture(scope="session")
def start_foreign_server() -> Iterator[Callable[[ForeignServer], ForeignServer]]:
    """Start a server at its first use; the same process then serves the whole session."""
    if not interpreter().exists():
        reason = f"no {interpreter()}: run `make setup`, or set ORGAUTH_FOREIGN_PYTHON"
        # A green CI that skipped them would say that foreign servers are fine, and nobody asked them.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    started: dict[str, ForeignServer] = {}
    with ExitStack() as processes:

        def start(server: ForeignServer) -> ForeignServer:
            if server.name not in started:
                started[server.name] = processes.enter_context(running(server))
            return started[server.name]

        yield start


@pytest.fixture(params=SERVERS, ids=lambda server: server.name, scope="session")
def foreign_server(
    request: pytest.FixtureRequest, start_foreign_server: Callable[[ForeignServer], ForeignServer]
) -> ForeignServer:
    """Each server in turn, running."""
    return start_foreign_server(request.param)


@pytest.fixture(scope="session")
def unused_clients() -> dict[str, Iterator[Client]]:
    return defaultdict(lambda: iter(CLIENTS[1:]))


@pytest.fixture(scope="session")
def unused_special_clients() -> dict[str, Iterator[Client]]:
    return defaultdict(lambda: iter(SPECIAL_CLIENTS))


@pytest.fixture
def client(foreign_server: ForeignServer, unused_clients: dict[str, Iterator[Client]]) -> Client:
    """A client whose id and secret need no encoding, and that no other test of this server uses."""
    return next(unused_clients[foreign_server.name])


@pytest.fixture
def special_client(foreign_server: ForeignServer, unused_special_clients: dict[str, Iterator[Client]]) -> Client:
    """A client with a space, ``%``, ``+``, ``:``, ``/`` and non-ASCII letters, that no other test uses."""
    return next(unused_special_clients[foreign_server.name])
