"""Emulators that each fail in one way, and every secret that they know or hand out."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

from secret_search import SecretSearch

from airflow_provider_orgauth.emulator import Emulator, running_emulator
from airflow_provider_orgauth.emulator.data import device_token
from airflow_provider_orgauth.emulator.tokens import TokenStore

API = "/api/v1/organization/"
TOKEN = "/oauth2/token"
DEVICES = 20
WRONG_SECRET = "Wr0ng+Secret/Nobody=Knows & %never:gives 'away'"


@dataclass(frozen=True)
class Broken:
    """How a server fails: the fault that hits every request to ``path``, settings, and the connection's own part."""

    path: str = ""
    fault: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    password: str | None = None
    refuses: bool = False


# {secret}, {encoded}, {access} and {refresh} become the server's own: it says back what it was sent.
ECHO = "{secret} {encoded} client_secret={encoded}&x=1 refresh_token={refresh} Bearer {access}"
BROKEN: Mapping[str, Broken] = {
    "refused": Broken(refuses=True),
    "wrong_secret": Broken(password=WRONG_SECRET),
    "wrong_field": Broken(extra={"timeout": "soon"}),
    "no_api_scope": Broken(settings={"api_scope_enabled": False}),
    "api_401": Broken(
        API, {"kind": "status", "status": 401, "body": '{"error": {"message": "no Bearer {access}, Bearer {access2}"}}'}
    ),
    "api_400_echo": Broken(API, {"kind": "status", "status": 400, "body": '{"error": {"message": "{access} is odd"}}'}),
    "api_503": Broken(API, {"kind": "status", "status": 503}),
    "api_429": Broken(API, {"kind": "status", "status": 429, "headers": {"Retry-After": "0"}}),
    "api_reset": Broken(API, {"kind": "reset"}),
    "api_truncate": Broken(API, {"kind": "truncate"}),
    "api_html": Broken(API, {"kind": "html", "status": 500}),
    "api_stall": Broken(API, {"kind": "stall", "delay": 1}),
    "api_redirect": Broken(
        API, {"kind": "redirect", "headers": {"Location": "https://{access}@other.invalid/x?access_token={access}"}}
    ),
    "token_400_echo": Broken(
        TOKEN, {"kind": "status", "status": 400, "body": f'{{"error": "x", "message": "{ECHO}"}}'}
    ),
    "token_code_echo": Broken(TOKEN, {"kind": "status", "status": 400, "body": '{"error": "{secret}"}'}),
    "token_503": Broken(TOKEN, {"kind": "status", "status": 503, "body": ECHO}),
    "token_reset": Broken(TOKEN, {"kind": "reset"}),
    "token_lost": Broken(TOKEN, {"kind": "reset_after"}),
    "token_truncate": Broken(TOKEN, {"kind": "truncate"}),
    "token_html": Broken(TOKEN, {"kind": "html", "body": f"<html>{ECHO}</html>"}),
    "token_empty": Broken(TOKEN, {"kind": "empty"}),
    "token_stall": Broken(TOKEN, {"kind": "stall", "delay": 1}),
    "token_redirect": Broken(
        TOKEN, {"kind": "redirect", "headers": {"Location": "https://other.invalid/{encoded}?client_secret={encoded}"}}
    ),
    "token_large": Broken(TOKEN, {"kind": "html", "body": '{"access_token": "{access}' + 70_000 * "a" + '"}'}),
    "token_unprintable": Broken(settings={"token_answer": {"refresh_token": "{refresh}\n"}}),
    "token_no_bearer": Broken(settings={"token_answer": {"token_type": "mac"}}),
    "token_repeated": Broken(
        TOKEN, {"kind": "status", "status": 200, "body": '{"access_token": "{access}", "access_token": "{access2}"}'}
    ),
}


@dataclass(frozen=True)
class Servers:
    """Running emulators by name: ``good``, ``life`` and the broken ones."""

    running: Mapping[str, Emulator]
    seeds: Mapping[str, int]
    closed_port: int

    def address(self, name: str) -> str:
        """Return the URL of a server, or one where nobody listens."""
        refuses = name in BROKEN and BROKEN[name].refuses
        return f"http://127.0.0.1:{self.closed_port}" if refuses else self.running[name].url

    def password(self, name: str) -> str:
        """Return the secret that the connection to a server holds."""
        return (BROKEN[name].password if name in BROKEN else None) or self.running[name].client_secret

    def extra(self, name: str) -> dict[str, Any]:
        """Return the fields of the connection to a server that fails as it should, and soon."""
        patience = {"timeout": 0.2, "max_attempts": 1} if "stall" in name else {"timeout": 5, "max_attempts": 2}
        return {**patience, **BROKEN[name].extra}

    def restart(self, name: str) -> Emulator:
        """Let a server issue its first tokens again: those that it says back are then those that were sent."""
        emulator = self.running[name]
        emulator.reset()
        _break(emulator, name, self.seeds[name])
        return emulator

    def secrets(self, *names: str) -> SecretSearch:
        """Return what must never be seen of these servers, or of all: clients' secrets, tokens, devices' tokens."""
        search = SecretSearch()
        search.add_client("wrong secret", self.running["wrong_secret"].client_id, WRONG_SECRET)
        for name in names or self.running:
            emulator = self.running[name]
            search.add_client(f"{name} client secret", emulator.client_id, emulator.client_secret)
            for kind, value in self.issued(name):
                search.add(f"{name} {kind} token", value)
            for number in range(1, DEVICES + DEVICES // 10 + 1):
                search.add(f"{name} device token", device_token(self.seeds[name], number))
        return search

    def issued(self, name: str) -> list[tuple[str, str]]:
        """Return the tokens that a server has issued, and the four that it says back in its faults."""
        emulator = self.running[name]
        issued = emulator._run(
            lambda: (
                [("access", one) for one in emulator._core.tokens._access]
                + [("refresh", one) for one in emulator._core.tokens._refresh]
            )
        )
        first = _first_tokens(self.seeds[name])
        return issued + [("access" if "access" in kind else "refresh", value) for kind, value in first.items()]


@contextmanager
def running_servers() -> Iterator[Servers]:
    """Run one emulator per way to fail, and two that do not; each with secrets of its own."""
    running: dict[str, Emulator] = {}
    seeds: dict[str, int] = {}
    # bound and not listening: refused, and nobody else can have the port
    with ExitStack() as stack, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        for seed, name in enumerate(["good", "life", *BROKEN], start=7001):
            # Characters that each spelling writes in its own way; hashes make every piece unmistakable.
            unlike = device_token(seed, 999_999)
            secret = f"{unlike[:9]} +/&=%:'\"é{unlike[9:]}"
            settings = BROKEN[name].settings if name in BROKEN else {}
            emulator = stack.enter_context(
                running_emulator(
                    seed=seed,
                    devices=DEVICES,
                    grants_in="both",
                    client_id=f"client {name} é",
                    client_secret=secret,
                    **_filled(settings, _known(seed, secret)),
                )
            )
            _break(emulator, name, seed)
            running[name], seeds[name] = emulator, seed
        yield Servers(running, seeds, closed.getsockname()[1])


def _break(emulator: Emulator, name: str, seed: int) -> None:
    if name in BROKEN and (path := BROKEN[name].path):
        fault = _filled(BROKEN[name].fault, _known(seed, emulator.client_secret))
        emulator.fault(fault.pop("kind"), path, times=0, **fault)


def _known(seed: int, secret: str) -> dict[str, str]:
    return {**_first_tokens(seed), "secret": secret, "encoded": quote_plus(secret)}


def _first_tokens(seed: int) -> dict[str, str]:
    store = TokenStore(seed, lambda: 0.0)
    return {
        "access": store._value("access"),
        "refresh": store._value("refresh"),
        "access2": store._value("access"),
        "refresh2": store._value("refresh"),
    }


def _filled(template: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    """Return ``template`` with the server's secrets filled in; inside a JSON body they are escaped."""

    def fill(value: Any, *, escape: bool = False) -> Any:
        if isinstance(value, Mapping):
            return {key: fill(inner) for key, inner in value.items()}
        if not isinstance(value, str):
            return value
        for key, secret in known.items():
            value = value.replace(f"{{{key}}}", json.dumps(secret)[1:-1] if escape else secret)
        return value

    return {key: fill(value, escape=key == "body") for key, value in template.items()}
