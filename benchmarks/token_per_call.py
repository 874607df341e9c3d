"""What people do today: an auth class for HttpHook that fetches a token for each call."""

from __future__ import annotations

import os

import requests
from requests.auth import AuthBase

TOKEN_URL_VARIABLE = "BENCH_TOKEN_URL"  # an auth class of HttpHook is given login and password and nothing else


class TokenPerCall(AuthBase):
    """Asks for a token with the connection's login and password, and puts it on the one request."""

    def __init__(self, client_id: str, client_secret: str) -> None:
        self._client = (client_id, client_secret)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign the request."""
        request.headers["Authorization"] = f"Bearer {fetch_token(os.environ[TOKEN_URL_VARIABLE], self._client)}"
        return request


def fetch_token(url: str, client: tuple[str, str]) -> str:
    """Return a new access token, as the documents of the Organization API say."""
    answer = requests.post(url, params={"grant_type": "client_credentials"}, auth=client, timeout=30)
    answer.raise_for_status()
    return str(answer.json()["access_token"])
