"""The server that the crowd calls, and what it saw: token requests with times, refusals, who is connected."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import requests
from workplace import BENCHMARKS  # noqa: F401  it puts scripts/ on the path

# isort: split
from emulator_process import EmulatorProcess

# The hardest server that there is: a refresh token works once, and a second use takes the whole family down. Refresh
# tokens outlive access tokens, and the server says so, else nobody would send one after expiry.
OPTIONS = ("--rotation", "new", "--revoke-family", "--refresh-lifetime", "3600", "--rate-limit", "0")
OPTIONS += ("--token-answer", '{"refresh_expires_in": 3600}')


class Server(EmulatorProcess):
    """The emulator with single-use refresh tokens and family revocation.

    Args:
        log: the file that receives its output.
        lifetime: seconds of an access token.
    """

    def __init__(self, log: Path, *, lifetime: int) -> None:
        super().__init__(log, *OPTIONS, "--token-lifetime", str(lifetime))
        self.asked: list[float] = []
        """When token requests were seen, in epoch seconds, up to a fifth of a second late."""

    def look(self) -> int:
        """Note new token requests; return how many there have been."""
        count = int(self.stats()["token_requests"])
        self.asked += [time.time()] * (count - len(self.asked))
        return count

    def replayed(self) -> int:
        """Return how many spent refresh tokens came again: each has revoked a family."""
        return int(self.stats()["token_requests_by_outcome"].get("invalid_grant", 0))

    def refreshed(self) -> int:
        """Return how many token requests sent a refresh token."""
        return int(self.stats()["token_requests_by_grant"].get("refresh_token", 0))

    def delay_token(self, kind: str, seconds: float) -> None:
        """Let the next token request be carried out, and its answer be `slow` or `stall`, for so many seconds."""
        fault = {"kind": kind, "path": "/oauth2/token", "delay": seconds}
        with requests.Session() as http:
            http.trust_env = False
            http.post(f"{self.url}/_faults", json=fault, timeout=10).raise_for_status()

    def callers(self) -> set[int]:
        """Return the ids of the processes that have a connection to the server."""
        port = urlsplit(self.url).port
        found = psutil.net_connections("tcp4")
        return {one.pid for one in found if one.raddr and one.raddr.port == port and one.status == "ESTABLISHED"}
