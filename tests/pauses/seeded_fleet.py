"""Hosts whose connection has a refresh token to begin with, and a server that knows no other grant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from hosts import STRICT, Findings, Fleet
from pauses_scale import LEASE, WHOLE

from airflow_provider_orgauth.emulator import running_emulator
from airflow_provider_orgauth.emulator.handle import Emulator

OF_REFRESH = (
    {} if WHOLE else {**LEASE, "ANNOUNCE_WITHIN_SECONDS": 1.0, "SEND_WITHIN_SECONDS": 4.0, "SPARE_SECONDS": 3.0}
)
"""Constants of ``oauth/lease.py`` and ``oauth/sending.py``."""

TIMEOUT = 5.0 if WHOLE else 2.0
"""Seconds, of the connection: a third of the time for which a refresh token that may be on its way is left alone."""


def first_refresh_token(emulator: Emulator) -> str:
    """Return a refresh token as an administrator would get it, and count nothing of that."""
    answer = requests.post(
        f"{emulator.url}/oauth2/token",
        params={"grant_type": "client_credentials"},
        auth=(emulator.client_id, emulator.client_secret),
        timeout=10,
    )
    refresh_token: str = answer.json()["refresh_token"]
    return refresh_token


class SeededFleet(Fleet):
    """The processes of a test, all with one refresh token to begin with."""

    def __init__(self, root: Path, emulator: Emulator, *, hosts: int, timeout: float = TIMEOUT, **place: Any) -> None:
        self._timeout = timeout
        self.refresh_token = first_refresh_token(emulator)
        super().__init__(root, emulator, hosts=hosts, **{"lease": OF_REFRESH, **place})

    def connection(self, **fields: Any) -> str:
        """Return the connection in JSON, with fields of it that are other ones."""
        about = json.loads(super().connection(**fields))
        extra = {"refresh_token": self.refresh_token, "timeout": self._timeout, **about["extra"]}
        return json.dumps({**about, "extra": extra})

    def bury(self, pid: int) -> None:
        """Forget a process that was killed, with what it had to report."""
        (dead,) = [person for person in self.people if person.pid == pid]
        dead.kill()
        self.people.remove(dead)

    def collect(self) -> Findings:
        """End the loops, and return what came of everything; the administrator's request is not counted."""
        found = super().collect()
        found.token_requests -= 1
        assert self.emulator.stats()["token_requests_by_grant"]["client_credentials"] == 1
        return found


@contextmanager
def seeded_fleet(root: Path, *, hosts: int, lifetime: int, margin: float, **more: Any) -> Iterator[SeededFleet]:
    """Run a server that ends the family of a refresh token that comes twice, and hosts that have the first one.

    :param lifetime: seconds of an access token.
    :param more: ``timeout`` of the connection, and fields of each process's ``Place``.
    """
    with (
        running_emulator(**STRICT, token_lifetime=lifetime) as emulator,
        SeededFleet(root, emulator, hosts=hosts, margin=margin, **more) as fleet,
    ):
        yield fleet
