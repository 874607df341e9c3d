"""The server of a cell, its connection and its call; what breaks it, and what mends it."""

from __future__ import annotations

import itertools
import json
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from acts import ACTS
from cell_time import Waits, resolver
from cells import ATTEMPTS, Cell
from fault_server import Organization
from tls import Authority

from airflow_provider_orgauth.emulator.settings import Settings
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

SEED = 4711
TIMEOUT = 1.5
"""Seconds, for faults that use up the client's, and for a busy machine; all others get far more than they need."""

SECRET = "K7tq-Zp4v +/&=%:'\"é~Xw92LmRb5sHd8fNyQc3JgT6k"
NAME = "orgauth-matrix.test"
API = "/api/v1/organization"
ENDPOINTS: dict[str, dict[str, Any]] = {
    "GET": {"endpoint": f"{API}/devices", "params": {"page": 0, "size": 3}},
    "POST": {
        "endpoint": f"{API}/device/create",
        "method": "POST",
        "json": {"templateId": 353, "name": "one more", "ownerId": 879, "orgId": 578},
    },
}
MODES = {
    "header": {"client_auth": "header", "grant_params_in": "query"},
    "query": {"client_auth": "params", "grant_params_in": "query"},
}
_numbers = itertools.count(1)


class Rig:
    """One cell's server, connection and call. ``waits`` moves the clock of client and server."""

    def __init__(self, cell: Cell, mode: str) -> None:
        number = next(_numbers)
        self.cell = cell
        self.waits = Waits()
        self.client_id = f"client é {number}"
        settings = Settings(
            client_id=self.client_id,
            client_secret=SECRET,
            seed=SEED,
            devices=5,
            token_lifetime=cell.fault.lifetime,
            revoke_family=True,
        )
        self.server = Organization(settings, self.waits.clock, certificate("good") if cell.fault.tls else None)
        self._at_first = len(self.server.core.organization.devices)
        self.call = ENDPOINTS["GET" if cell.at_token_endpoint else cell.call]
        self.conn_id = f"matrix_{number}"
        self.variable = f"AIRFLOW_CONN_{self.conn_id.upper()}"
        os.environ[self.variable] = json.dumps(self._connection(mode))
        self.hook = OrgAuthHook(self.conn_id)

    def _connection(self, mode: str) -> dict[str, Any]:
        fault = self.cell.fault
        extra = {
            "cache": "memory",
            "timeout": TIMEOUT if fault.slow else 30,
            "max_attempts": ATTEMPTS,
            "allow_http": True,
            **({"verify": str(_authority("good").bundle)} if fault.tls else {}),
            **MODES[mode],
        }
        return {
            "conn_type": "orgauth",
            "host": NAME if fault.name == "DNS failure" else "127.0.0.1",
            "port": self.server.port,
            "schema": "https" if fault.tls else "http",
            "login": self.client_id,
            "password": SECRET,
            "extra": extra,
        }

    def prepare(self) -> None:
        """Get to where the request of the cell is the next one that is sent."""
        if self.cell.call != "grant":
            self.hook.run(**ENDPOINTS["GET"])
        if self.cell.call == "refresh":
            # The access token is within the margin and used no more; the refresh token has a little time left.
            self.waits.pass_by(self.cell.fault.lifetime * 0.95)
        self.server.seen.clear()
        self.waits.taken.clear()

    def hit(self) -> None:
        """Break the server."""
        name = self.cell.fault.name
        times = 1 if self.cell.span == "once" else float("inf")
        if name in ACTS:
            self.server.break_down(ACTS[name], at_token_endpoint=self.cell.at_token_endpoint, times=times)
            return
        self.waits.during = lambda number: self.lift() if number >= times else None
        match name:
            case "connection refused":
                self.server.refuse()
            case "DNS failure":
                resolver.known.discard(NAME)
            case "certificate not trusted":
                self.server.context = certificate("unknown")
            case "wrong host name":
                self.server.context = certificate("good", "other.example")
            case "TLS handshake broken off":
                self.server.slam = times
            case "token family revoked":
                self.server.core.tokens.revoke(refresh_tokens=True)
                return
            case "token revoked, no new one":
                self.server.core.tokens.revoke()
                self.server.break_down(ACTS["503 with Retry-After, nonsense"], at_token_endpoint=True, times=times)
                return
            case _:
                raise ValueError(name)
        self.server.hang_up()

    def lift(self) -> None:
        """Mend it."""
        self.waits.during = lambda number: None
        resolver.known.add(NAME)
        if self.server.context is not None:
            self.server.context = certificate("good")
        self.server.recover()

    def stop(self) -> None:
        """End the server."""
        self.hook.get_conn().close()  # a thousand cells would leave as many connections open
        self.server.stop()

    def forget(self) -> None:
        """Take the connection back."""
        del os.environ[self.variable]

    def operator(self) -> OrgApiOperator:
        """Return the cell's call as a task."""
        return OrgApiOperator(task_id="cell", org_conn_id=self.conn_id, **self.call)

    def requests(self, *, to_token_endpoint: bool) -> list[str]:
        """Return what the requests were that came there."""
        return [seen.what for seen in self.server.seen if seen.to_token_endpoint is to_token_endpoint]

    def created(self) -> int:
        """Return how many devices POSTs have made."""
        return len(self.server.core.organization.devices) - self._at_first


@cache
def _authority(which: str) -> Authority:
    return Authority(Path(tempfile.mkdtemp(dir=os.environ["AIRFLOW_HOME"], prefix=which)))


@cache
def certificate(authority: str, name: str = "127.0.0.1") -> Any:
    """Return a server's side of TLS, with a certificate for ``name``."""
    return _authority(authority).server_context(name)
