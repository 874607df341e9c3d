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
from fault_server import Organization, Records
from placed import Reader, pem
from placements import PLACEMENTS
from secret_search import SecretSearch
from tls import Authority

from airflow_provider_orgauth.emulator.core import Core
from airflow_provider_orgauth.emulator.settings import Settings
from airflow_provider_orgauth.emulator.token_endpoint import TOKEN_PATH
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
_numbers = itertools.count(1)


class Rig:
    """One cell's servers, connection and call. ``waits`` moves the clock of client and servers.

    :ivar api: the server of the API, and of the token endpoint unless ``token_server`` is another one.
    :ivar server: the one that the fault is about.
    """

    def __init__(self, cell: Cell, mode: str) -> None:
        number = next(_numbers)
        self.cell = cell
        self.placement = PLACEMENTS[mode]
        self.waits = Waits()
        self.client_id = f"client é {number}"
        settings = Settings(
            client_id=self.client_id,
            client_secret=SECRET,
            seed=SEED,
            devices=5,
            token_lifetime=cell.fault.lifetime,
            revoke_family=True,
            grants_in=self.placement.extra["grant_params_in"],
        )
        self.reader = Reader(self.placement, self.client_id, SECRET)
        self.records = Records(Core(settings, self.waits.clock), self.reader)
        self.api = Organization(self.records, self._own_certificate())
        self.token_server = self.api
        if self.placement.token_elsewhere:
            self.token_server = Organization(self.records, self._own_certificate())
        self.server = self.token_server if cell.at_token_endpoint else self.api
        self.reader.audience = self._token_url()
        self._at_first = len(self.records.core.organization.devices)
        self.call = ENDPOINTS["GET" if cell.at_token_endpoint else cell.call]
        self.conn_id = f"matrix_{number}"
        self.variable = f"AIRFLOW_CONN_{self.conn_id.upper()}"
        os.environ[self.variable] = json.dumps(self._connection())
        self.hook = OrgAuthHook(self.conn_id)

    @property
    def is_over_tls(self) -> bool:
        """Whether the servers speak TLS."""
        return self.cell.fault.tls or self.placement.tls

    def _own_certificate(self) -> Any:
        return certificate("good", asks=self.placement.shows_certificate) if self.is_over_tls else None

    def _address(self, server: Organization) -> str:
        name = NAME if self.cell.fault.name == "DNS failure" and server is self.server else "127.0.0.1"
        return f"{'https' if self.is_over_tls else 'http'}://{name}:{server.port}"

    def _token_url(self) -> str:
        return f"{self._address(self.token_server)}{TOKEN_PATH}"

    def _connection(self) -> dict[str, Any]:
        fault = self.cell.fault
        extra = {
            "cache": "memory",
            "timeout": TIMEOUT if fault.slow else 30,
            "max_attempts": ATTEMPTS,
            "allow_http": True,
            **({"verify": str(_authority("good").bundle)} if self.is_over_tls else {}),
            **({"oauth_path": self._token_url()} if self.placement.token_elsewhere else {}),
            **({"client_cert": str(client_certificate())} if self.placement.shows_certificate else {}),
            **self.placement.extra,
        }
        return {
            "conn_type": "orgauth",
            "host": self._address(self.api),
            "login": self.client_id,
            "password": pem() if self.placement.signs else SECRET,
            "extra": extra,
        }

    def prepare(self) -> None:
        """Get to where the request of the cell is the next one that is sent."""
        if self.cell.call != "grant":
            self.hook.run(**ENDPOINTS["GET"])
        if self.cell.call == "refresh":
            # The access token is within the margin and used no more; the refresh token has a little time left.
            self.waits.pass_by(self.cell.fault.lifetime * 0.95)
        self.records.seen.clear()
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
                self.records.core.tokens.revoke(refresh_tokens=True)
                return
            case "token revoked, no new one":
                self.records.core.tokens.revoke()
                self.token_server.break_down(
                    ACTS["503 with Retry-After, nonsense"], at_token_endpoint=True, times=times
                )
                return
            case _:
                raise ValueError(name)
        self.server.hang_up()

    def lift(self) -> None:
        """Mend it."""
        self.waits.during = lambda number: None
        resolver.known.add(NAME)
        for server in self.servers:
            server.context = self._own_certificate()
            server.recover()

    @property
    def servers(self) -> set[Organization]:
        """The server, or both."""
        return {self.api, self.token_server}

    def stop(self) -> None:
        """End the servers."""
        self.hook.get_conn().close()  # a thousand cells would leave as many connections open
        for server in self.servers:
            server.stop()

    def forget(self) -> None:
        """Take the connection back."""
        del os.environ[self.variable]

    def operator(self) -> OrgApiOperator:
        """Return the cell's call as a task."""
        return OrgApiOperator(task_id="cell", org_conn_id=self.conn_id, **self.call)

    def requests(self, *, to_token_endpoint: bool) -> list[str]:
        """Return what the requests were that came there."""
        return [seen.what for seen in self.records.seen if seen.to_token_endpoint is to_token_endpoint]

    def misplaced(self) -> list[str]:
        """Return what came to a server that it was not for: a request, or a credential."""
        ports = {True: self.token_server.port, False: self.api.port}
        found = [
            f"{seen.what} at the other server"
            for seen in self.records.seen
            if seen.port != ports[seen.to_token_endpoint]
        ]
        for is_grant in ports:
            texts = "\n".join(seen.text for seen in self.records.seen if seen.to_token_endpoint is is_grant)
            search = SecretSearch()
            for token in self.records.access_tokens if is_grant else self.records.refresh_tokens:
                search.add("token", token)
            if not is_grant:
                self.add_client_secrets(search)
            found += search.found(texts)
        return found

    def add_client_secrets(self, search: SecretSearch) -> None:
        """Search for all that the client says to be known by."""
        search.add_client("client secret", self.client_id, SECRET)
        search.add("secret of oauth_params", self.placement.extra.get("oauth_params", {}).get("account_secret", ""))
        for line in pem().splitlines()[1:-1] if self.placement.signs else ():
            search.add("line of the private key", line)
        for assertion in self.reader.assertions:
            search.add("assertion", assertion)

    def created(self) -> int:
        """Return how many devices POSTs have made."""
        return len(self.records.core.organization.devices) - self._at_first


@cache
def _authority(which: str) -> Authority:
    return Authority(Path(tempfile.mkdtemp(dir=os.environ["AIRFLOW_HOME"], prefix=which)))


@cache
def client_certificate() -> Path:
    """Return the file with the client's certificate and key."""
    return _authority("good").client_file("the client")


@cache
def certificate(authority: str, name: str = "127.0.0.1", *, asks: bool = False) -> Any:
    """Return a server's side of TLS, with a certificate for ``name``; ``asks``: for the client's, too."""
    signed_by = _authority(authority)
    return signed_by.asking_context(name) if asks else signed_by.server_context(name)
