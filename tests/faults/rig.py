"""The server of a cell, what is wrong with it, and the two faces that call it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from acts import ACTS
from cells import ATTEMPTS, Cell
from fault_server import Organization

from airflow_provider_orgauth.emulator.settings import Settings
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

SEED = 4711
LIFETIME = 300
TIMEOUT = 0.6
"""Seconds, for faults that use up the client's; all others get far more than they need."""

CLIENT_ID = "client é of the matrix"
SECRET = "K7tq-Zp4v +/&=%:'\"é~Xw92LmRb5sHd8fNyQc3JgT6k"
API = "/api/v1/organization"
ENDPOINTS: dict[str, dict[str, Any]] = {
    "GET": {"endpoint": f"{API}/devices", "params": {"size": 3}},
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


class Waits:
    """The client's and the server's clock; the client's waits are written down, and something may happen in one."""

    def __init__(self, clockwork: Any) -> None:
        self._clockwork = clockwork
        self.clock: Callable[[], float] = clockwork.clock
        self.taken: list[float] = []
        self.during: Callable[[int], None] = lambda number: None

    def sleep(self, seconds: float) -> None:
        self._clockwork.advance(seconds)
        self.taken.append(seconds)
        self.during(len(self.taken))

    def pass_by(self, seconds: float) -> None:
        self._clockwork.advance(seconds)


class Rig:
    """One cell's server, connection and call."""

    def __init__(self, cell: Cell, mode: str, waits: Waits, monkeypatch: Any) -> None:
        self.cell = cell
        self.waits = waits
        settings = Settings(
            client_id=CLIENT_ID, client_secret=SECRET, seed=SEED, devices=5, token_lifetime=LIFETIME, revoke_family=True
        )
        self.server = Organization(settings, waits.clock)
        self._at_first = len(self.server.core.organization.devices)
        self.call = ENDPOINTS[cell.call if not cell.at_token_endpoint else "GET"]
        about = {
            "conn_type": "orgauth",
            "host": "127.0.0.1",
            "port": self.server.port,
            "schema": "http",
            "login": CLIENT_ID,
            "password": SECRET,
            "extra": {
                "cache": "memory",
                "timeout": TIMEOUT if cell.fault.slow else 20,
                "max_attempts": ATTEMPTS,
                **MODES[mode],
            },
        }
        monkeypatch.setenv("AIRFLOW_CONN_MATRIX", json.dumps(about))
        # The operator makes its hook itself: only its time is ours.
        monkeypatch.setitem(OrgAuthHook.__init__.__kwdefaults__, "clock", waits.clock)
        monkeypatch.setitem(OrgAuthHook.__init__.__kwdefaults__, "sleep", waits.sleep)
        self.hook = OrgAuthHook("matrix")

    def prepare(self) -> None:
        """Get to where the request of the cell is the next one that is sent."""
        if self.cell.call != "grant":
            self.hook.run(**ENDPOINTS["GET"])
        if self.cell.call == "refresh":
            self.waits.pass_by(LIFETIME - 20)  # within the margin: the access token is used no more, the other may be
        self.server.seen.clear()

    def hit(self) -> None:
        """Break the server."""
        times = 1 if self.cell.span == "once" else float("inf")
        act = ACTS.get(self.cell.fault.name)
        if act is not None:
            self.server.break_down(act, at_token_endpoint=self.cell.at_token_endpoint, times=times)
        else:
            self.server.refuse()
            self.waits.during = lambda number: self.server.accept_again() if number >= times else None

    def lift(self) -> None:
        """Mend it."""
        self.waits.during = lambda number: None
        self.server.recover()

    def operator(self) -> OrgApiOperator:
        return OrgApiOperator(task_id="cell", org_conn_id="matrix", **self.call)

    def requests(self, *, to_token_endpoint: bool) -> list[str]:
        return [seen.what for seen in self.server.seen if seen.to_token_endpoint is to_token_endpoint]

    def created(self) -> int:
        """Return how many devices POSTs have made."""
        return len(self.server.core.organization.devices) - self._at_first
