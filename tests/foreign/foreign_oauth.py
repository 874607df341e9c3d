"""OAuth servers from the registry, as facts and as processes.

Every field of `ForeignServer` that says how a server behaves was measured with plain requests, and
``test_servers_themselves.py`` measures it again: a new version of a server that behaves otherwise is noticed there,
not in a puzzling failure of the hook's tests.
"""

from __future__ import annotations

import base64
import json
import os
import selectors
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import requests

# Where client credentials go, then where grant parameters go.
PLACEMENTS = ("header+query", "header+body", "params+query", "params+body")
REPOSITORY = Path(__file__).parents[2]
LAUNCHERS = Path(__file__).parent / "servers"
START_DEADLINE_S = 60


class Client(NamedTuple):
    """One confidential client, registered at every server."""

    id: str
    secret: str


# Many of each, because tokens are cached by client: a test with a client of its own starts with a cold cache.
CLIENTS = tuple(Client(f"oa2-client-id_plain-{n:02}", f"plain-secret-{n:02}_9fK2mQ7x") for n in range(40))
# Every character here is altered by at least one wrong way to build, or to read, a Basic header.
SPECIAL_CLIENTS = tuple(Client(f"clé/ent 100%20+{n:02}", f"s:é cr/et%20+% {n:02} ü9fK2mQ7x") for n in range(20))


@dataclass(frozen=True)
class ForeignServer:
    """One server and what it does.

    :param name: for test ids.
    :param launcher: script beside this file, with its arguments.
    :param token_path, revoke_path: RFC 6749 and RFC 7009 endpoints.
    :param resource: path of the one resource that wants a bearer, below `api_url`.
    :param accepts: the placements that give a token for client credentials.
    :param refusals: status of each other placement.
    :param refresh_accepts: the placements in which a refresh is understood.
    :param wrong_secret: status for a wrong secret in an accepted placement.
    :param basic_decodes: whether id and secret of a Basic header are percent-decoded (RFC 6749 2.3.1).
    :param issues_refresh: whether client credentials bring a refresh token.
    :param rotates_refresh: whether a refresh brings a new refresh token and spends the old one.
    :param refresh_ends_access: whether a refresh ends the access token it replaces.
    :param revoke_ends_refresh: whether a revoked access token takes its refresh token along (RFC 7009 section 2.1).
    :param bad_bearer: status for an unknown or revoked bearer.
    :param checks_scope: whether an unknown scope is refused; else it is ignored.
    """

    name: str
    launcher: tuple[str, ...]
    token_path: str
    revoke_path: str
    accepts: frozenset[str]
    refusals: dict[str, int]
    basic_decodes: bool
    issues_refresh: bool = False
    refresh_accepts: frozenset[str] = frozenset()
    rotates_refresh: bool = False
    refresh_ends_access: bool = False
    revoke_ends_refresh: bool = False
    wrong_secret: int = 401
    bad_bearer: int = 401
    checks_scope: bool = True
    resource: str = "/api/profile"
    client_id: str = CLIENTS[0].id
    client_secret: str = CLIENTS[0].secret
    api_url: str = ""

    @property
    def token_url(self) -> str:
        return self.api_url + self.token_path

    @property
    def port(self) -> int:
        return int(self.api_url.rpartition(":")[2])

    def token_requests(self) -> list[dict[str, Any]]:
        """What the token endpoint was sent so far: see ``servers/loopback.py``."""
        return list(requests.get(f"{self.api_url}/_token_requests", timeout=10).json())

    def revoke(self, client: Client, token: str) -> None:
        """End an access token as RFC 7009 says, by the server's own endpoint."""
        headers = basic(client, encoded=self.basic_decodes)
        url = self.api_url + self.revoke_path
        requests.post(url, data={"token": token}, headers=headers, timeout=10).raise_for_status()


SERVERS = (
    ForeignServer(
        name="django-oauth-toolkit",
        launcher=("django_oauth_toolkit.py",),
        token_path="/o/token/",
        revoke_path="/o/revoke_token/",
        accepts=frozenset({"header+body", "params+body"}),
        refusals={"header+query": 400, "params+query": 400},
        basic_decodes=True,
        # Its `protected_resource` says Forbidden, with an empty body, where RFC 6750 says Unauthorized.
        bad_bearer=403,
    ),
    ForeignServer(
        name="authlib-rotate",
        launcher=("authlib_flask.py", "rotate"),
        token_path="/oauth/token",
        revoke_path="/oauth/revoke",
        accepts=frozenset({"header+query", "header+body", "params+body"}),
        refusals={"params+query": 401},
        basic_decodes=True,
        issues_refresh=True,
        refresh_accepts=frozenset({"header+body", "params+body"}),
        rotates_refresh=True,
        refresh_ends_access=True,
        revoke_ends_refresh=True,
    ),
    ForeignServer(
        name="authlib-keep",
        launcher=("authlib_flask.py", "keep"),
        token_path="/oauth/token",
        revoke_path="/oauth/revoke",
        accepts=frozenset(PLACEMENTS),
        refusals={},
        basic_decodes=True,
        issues_refresh=True,
        refresh_accepts=frozenset({"header+body", "params+body"}),
    ),
    ForeignServer(
        name="idpy-oidc",
        launcher=("idpy_oidc.py", "bearer"),
        token_path="/token",
        revoke_path="/revoke",
        accepts=frozenset(PLACEMENTS),
        refusals={},
        basic_decodes=False,
        checks_scope=False,
    ),
)
# Not one of them: a server whose token no client may use (RFC 6749 section 7.1).
OTHER_TOKEN_TYPE = replace(SERVERS[-1], name="idpy-oidc-as-is", launcher=("idpy_oidc.py", "as-is"))


def interpreter() -> Path:
    """Return the Python that has the servers: ``ORGAUTH_FOREIGN_PYTHON``, or the one in ``.venv-foreign``."""
    return Path(os.environ.get("ORGAUTH_FOREIGN_PYTHON") or REPOSITORY / ".venv-foreign/bin/python")


@contextmanager
def running(server: ForeignServer) -> Iterator[ForeignServer]:
    """Run one server as a process; yield it with its address.

    :raises RuntimeError: it did not say READY within a minute; the text has its error output.
    """
    script, *arguments = server.launcher
    known = [client._asdict() for client in CLIENTS + SPECIAL_CLIENTS]
    environment = {**os.environ, "FOREIGN_CLIENTS": json.dumps(known)}
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [interpreter(), LAUNCHERS / script, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
            text=True,
            start_new_session=True,
        )
        with process:
            try:
                yield replace(server, api_url=ready(process, errors)[0])
            finally:
                process.terminate()


def ready(process: subprocess.Popen[str], errors: Any) -> list[str]:
    """Return the addresses that a launcher says after READY.

    :raises RuntimeError: it did not say that within a minute; the text has its error output.
    """
    assert process.stdout is not None
    # Not select.select: it knows no descriptor above 1023, and a long run may have that many.
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        readable = selector.select(START_DEADLINE_S)
    line = process.stdout.readline() if readable else ""
    if not line.startswith("READY "):
        process.kill()
        errors.seek(0)
        raise RuntimeError(f"no READY but {line!r} from {process.args!r}:\n{errors.read()[-2000:]}")
    return line.split()[1:]


def basic(client: Client, *, encoded: bool) -> dict[str, str]:
    """Return a Basic header, built here from the RFCs and not by the code under test."""
    parts = [quote(part, safe="") if encoded else part for part in client]
    return {"Authorization": "Basic " + base64.b64encode(":".join(parts).encode()).decode()}


def ask(
    server: ForeignServer,
    placement: str,
    client: Client,
    *,
    encoded: bool | None = None,
    **grant: str,
) -> requests.Response:
    """Make one token request in one placement, by default for client credentials.

    :param encoded: percent-encode a Basic header; by default as the server likes it.
    """
    client_auth, grant_params_in = placement.split("+")
    parameters = {"grant_type": "client_credentials", **grant}
    headers = {}
    if client_auth == "header":
        headers = basic(client, encoded=server.basic_decodes if encoded is None else encoded)
    else:
        parameters |= {"client_id": client.id, "client_secret": client.secret}
    kind = "params" if grant_params_in == "query" else "data"
    return requests.post(server.token_url, headers=headers, timeout=10, **{kind: parameters})  # type: ignore[arg-type]
