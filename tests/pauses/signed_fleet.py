"""Hosts whose connection signs its token requests with a private key, and a server that takes an assertion once."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hosts import STRICT, Fleet

from airflow_provider_orgauth.emulator import running_emulator
from airflow_provider_orgauth.emulator.handle import Emulator

sys.path.append(str(Path(__file__).parents[1] / "secrets"))

from signing_front import SigningFront, signing_front

TIMEOUT = 30.0
"""Seconds, of the connection: not to be short of processors is no part of the test."""


class SignedFleet(Fleet):
    """The processes of a test, all with one private key."""

    def __init__(self, root: Path, emulator: Emulator, front: SigningFront, **about: Any) -> None:
        self._front = front
        super().__init__(root, emulator, **about)

    def connection(self, **fields: Any) -> str:
        """Return the connection in JSON, with fields of it that are other ones."""
        own = self._front.connection(expiry_margin=self._margin, timeout=TIMEOUT)
        return json.dumps({"port": None, "schema": None, **own, **fields})


@contextmanager
def signed_fleet(root: Path, *, hosts: int) -> Iterator[tuple[SignedFleet, SigningFront]]:
    """Run a server for tokens, one for the API, and hosts whose client signs."""
    with (
        running_emulator(**STRICT, token_lifetime=600, grants_in="body") as emulator,
        signing_front(emulator) as front,
        SignedFleet(root, emulator, front, hosts=hosts, lease={}) as fleet,
    ):
        yield fleet, front
