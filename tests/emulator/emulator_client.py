"""A plain client of the emulator, on requests: it knows nothing of the provider."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from urllib.parse import quote

import requests

from airflow_provider_orgauth.emulator import Emulator

TOKEN = "/oauth2/token"
API = "/api/v1/organization"


def basic(client_id: str, client_secret: str, *, percent: bool = False) -> str:
    """Return the value of a Basic header, from UTF-8 bytes."""
    if percent:
        client_id, client_secret = quote(client_id, safe=""), quote(client_secret, safe="")
    return "Basic " + b64encode(f"{client_id}:{client_secret}".encode()).decode()


class Client:
    """Calls an emulator and follows no redirect."""

    def __init__(self, emulator: Emulator, verify: str | bool = True) -> None:
        self.emulator = emulator
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = verify

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        options = {"timeout": 10, "allow_redirects": False, **options}
        return self.http.request(method, self.emulator.url + path, **options)

    def token(
        self, *, header: str | None = "", data: Any = None, json_text: str = "", **query: Any
    ) -> requests.Response:
        """Ask for a token as the vendor documents it; ``header=None`` leaves the Basic header out."""
        if header == "":
            header = basic(self.emulator.client_id, self.emulator.client_secret)
        headers = {"Authorization": header} if header else {}
        if json_text:
            data, headers["Content-Type"] = json_text, "application/json"
        if not query and data is None:
            query = {"grant_type": "client_credentials"}
        return self.send("POST", TOKEN, params=query, data=data, headers=headers)

    def tokens(self) -> tuple[str, str]:
        """Return a new access token and its refresh token."""
        answer = self.token()
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"], answer.json()["refresh_token"]

    def refresh(self, refresh_token: str, **more: Any) -> requests.Response:
        return self.token(grant_type="refresh_token", refresh_token=refresh_token, **more)

    def login(self) -> Client:
        """Send a new access token from now on."""
        self.http.headers["Authorization"] = f"Bearer {self.tokens()[0]}"
        return self

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.send("GET", API + path, params=params)

    def profile_with(self, access_token: str) -> requests.Response:
        return self.send("GET", f"{API}/profile", headers={"Authorization": f"Bearer {access_token}"})

    def control(self, method: str, path: str, json: Any = None) -> Any:
        answer = self.send(method, path, json=json)
        assert answer.status_code == 200, answer.text
        return answer.json()


def message(answer: requests.Response) -> str:
    """Return the message of an API error, which must have exactly the documented shape."""
    body = answer.json()
    assert list(body) == ["error"]
    assert list(body["error"]) == ["message"]
    return body["error"]["message"]
