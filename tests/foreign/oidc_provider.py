"""oidc-provider as a process: an OAuth server for Node.js, over TLS, with an API on another origin."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from foreign_oauth import LAUNCHERS, REPOSITORY, ready


@dataclass(frozen=True)
class OidcProvider:
    """A running server.

    :param url, api_url: two origins.
    :param bundle: what to verify both with.
    """

    url: str
    api_url: str
    bundle: Path

    def token_requests(self) -> list[dict[str, Any]]:
        """What the token endpoint was sent so far: ``status``, ``jti`` of a client assertion, names of ``params``."""
        return list(requests.get(f"{self.url}/_token_requests", verify=str(self.bundle), timeout=10).json())

    def lose_next_answer(self) -> None:
        """Let the token endpoint do what it is asked next, and cut the connection in place of its answer."""
        requests.post(f"{self.url}/_lose_next", verify=str(self.bundle), timeout=10).raise_for_status()


def node_modules() -> Path:
    """Return the folder in which the server was installed: ``ORGAUTH_FOREIGN_NODE``, or ``.venv-node``."""
    return Path(os.environ.get("ORGAUTH_FOREIGN_NODE") or REPOSITORY / ".venv-node")


def missing() -> str | None:
    """Return what is missing to run it, or None."""
    if shutil.which("node") is None:
        return "no Node.js"
    if not (node_modules() / "node_modules/oidc-provider").exists():
        return f"no oidc-provider in {node_modules()}: run `make setup`, or set ORGAUTH_FOREIGN_NODE"
    return None


@contextmanager
def running(server_file: Path, bundle: Path, clients: list[dict[str, Any]]) -> Iterator[OidcProvider]:
    """Run it as a process.

    :param server_file: a PEM with a certificate for 127.0.0.1 and its key.
    :param clients: as OpenID Connect registers them.
    :raises RuntimeError: it did not say READY within a minute.
    """
    pem = server_file.read_text()
    settings = {"cert": pem, "key": pem, "ca": bundle.read_text(), "clients": clients}
    environment = {
        **os.environ,
        "FOREIGN_NODE": str(node_modules().resolve()),
        "FOREIGN_SETTINGS": json.dumps(settings),
    }
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            ["node", LAUNCHERS / "oidc_provider.mjs"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
            text=True,
            start_new_session=True,
        )
        with process:
            try:
                url, api_url = ready(process, errors)
                yield OidcProvider(url, api_url, bundle)
            finally:
                process.terminate()
