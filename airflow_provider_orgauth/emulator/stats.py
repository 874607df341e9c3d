"""What the emulator was asked: counts, and the last requests without anything secret."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from airflow_provider_orgauth.emulator.messages import Request, bearer_token
from airflow_provider_orgauth.emulator.token_endpoint import TokenRequest

MAX_REMEMBERED = 1000


@dataclass(slots=True)
class Stats:
    """Counters; ``shown`` is the JSON of ``GET /_stats``."""

    token_requests: int = 0
    by_grant: Counter[str] = field(default_factory=Counter)
    by_outcome: Counter[str] = field(default_factory=Counter)
    credentials_in: Counter[str] = field(default_factory=Counter)
    grant_params_in: Counter[str] = field(default_factory=Counter)
    api_requests: int = 0
    by_route: Counter[str] = field(default_factory=Counter)
    by_status: Counter[str] = field(default_factory=Counter)
    token_statuses: Counter[str] = field(default_factory=Counter)
    file_statuses: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    connections: int = 0
    access_tokens: dict[str, int] = field(default_factory=dict, repr=False)
    recent: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=MAX_REMEMBERED), repr=False)

    def count_token_request(self, asked: TokenRequest, outcome: str, status: str) -> None:
        """Count a request to the token endpoint: ``outcome`` is ``issued``, an OAuth code, or why there is neither."""
        self.token_requests += 1
        self.by_grant[asked.grant] += 1
        self.by_outcome[outcome] += 1
        self.token_statuses[status] += 1
        self.credentials_in[_place(asked.credentials_in)] += 1
        self.grant_params_in[_place(asked.grant_params_in)] += 1

    def count_api_request(self, route: str, access_token: str, status: str) -> None:
        """Count a request to the API."""
        self.api_requests += 1
        self.by_route[route] += 1
        self.by_status[status] += 1
        if access_token:
            self.access_tokens.setdefault(access_token, len(self.access_tokens) + 1)

    def remember(self, request: Request, status: str, connection: int) -> None:
        """Keep a request's outline: names of query parameters and headers, never their values.

        ``access_token`` is a number: the first one that the API saw is 1, and so on.
        """
        self.recent.append(
            {
                "method": request.method,
                "path": request.path,
                "query": [name for name, _ in request.query],
                "headers": sorted(request.headers),
                "auth_scheme": _scheme(request),
                "access_token": self.access_tokens.get(bearer_token(request)),
                "body_bytes": len(request.body),
                "status": int(status) if status.isdigit() else status,
                "connection": connection,
            }
        )

    def shown(self) -> dict[str, Any]:
        """Return the counts as JSON values."""
        return {
            "token_requests": self.token_requests,
            "token_requests_by_grant": dict(self.by_grant),
            "token_requests_by_outcome": dict(self.by_outcome),
            "token_requests_by_status": dict(self.token_statuses),
            "token_requests_refused": self.token_requests - self.by_outcome["issued"],
            "credentials_in": dict(self.credentials_in),
            "grant_params_in": dict(self.grant_params_in),
            "api_requests": self.api_requests,
            "api_requests_by_route": dict(self.by_route),
            "api_requests_by_status": dict(self.by_status),
            "file_requests_by_status": dict(self.file_statuses),
            "faults": dict(self.faults),
            "connections": self.connections,
            "access_tokens_seen": len(self.access_tokens),
        }


def _scheme(request: Request) -> str | None:
    """Return ``Basic`` or ``Bearer`` as it was spelled, ``other``, or None without the header."""
    header = request.headers.get("authorization")
    scheme = header.partition(" ")[0] if header is not None else None
    return scheme if scheme is None or scheme.lower() in ("basic", "bearer") else "other"


def _place(places: list[str]) -> str:
    """Return ``header``, ``query``, ``body``, ``none``, or several joined by ``+``."""
    return "+".join(places) or "none"
