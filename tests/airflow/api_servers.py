"""An Airflow of which only the API server runs, with users who may do different things."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import requests
from harness import AirflowServer, free_port, poll_until

AUTH_MANAGERS = Path(__file__).resolve().parent / "auth_managers"
PASSWORD = "only-for-tests"
USERS = {"admin": "admin", "op": "op", "viewer": "viewer", "picky": "op"}
"""By name, their role; ``picky`` may see one connection."""


class ApiServer(AirflowServer):
    """Started with `start_api`; `as_user` gives a session that is logged in.

    Args:
        root: as AirflowServer's, whose other arguments are taken, too.
        env: further environment variables.
        path: below which people see this Airflow, such as ``/some/path``.
        users: by name, their role; with a colon after it, teams.
    """

    def __init__(
        self,
        root: Path,
        *,
        env: Mapping[str, str] | None = None,
        path: str = "",
        users: Mapping[str, str] = USERS,
        **arguments: Any,
    ) -> None:
        passwords = root / "passwords.json"
        passwords.write_text(json.dumps(dict.fromkeys(users, PASSWORD)))
        port = free_port()
        own = {
            "PYTHONPATH": str(AUTH_MANAGERS),
            "AIRFLOW__CORE__AUTH_MANAGER": "picky_auth_manager.PickyAuthManager",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{name}:{role}" for name, role in users.items()),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
            "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}{path}",
        }
        super().__init__(root, env={**own, **(env or {})}, port=port, **arguments)
        self.url += path

    def start_api(self, timeout: float = 180) -> Self:
        """Start the API server and wait until it answers."""
        self._start_one("api-server", ("api-server",))
        for _ in poll_until("the API server does not answer", timeout):
            self.check_running()
            try:
                if requests.get(f"{self.url}/api/v2/version", timeout=5).ok:
                    break
            except requests.RequestException:
                continue
        self._http.headers["Authorization"] = f"Bearer {self.token('admin')}"
        return self

    def token(self, user: str) -> str:
        """Log in and return the token of Airflow's own API."""
        answer = requests.post(
            f"{self.url}/auth/token", json={"username": user, "password": PASSWORD}, timeout=30, allow_redirects=False
        )
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def as_user(self, user: str | None) -> requests.Session:
        """Return a session that is logged in by the cookie, as a browser is; for None, one of nobody."""
        session = requests.Session()
        session.trust_env = False
        if user is not None:
            session.cookies.set("_token", self.token(user))
        return session
