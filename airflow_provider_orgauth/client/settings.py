"""How requests are sent: the part of a connection that is about HTTP and not about OAuth.

Airflow imports this whenever it starts, for the connection's form: it imports next to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DEFAULT_CONCURRENCY = 8
"""Pages of one list that are fetched at once, unless said otherwise."""

MAX_CONCURRENCY = 64
"""The highest ``max_concurrency``. As many connections stay open, for threads that share a hook."""


def check_max_concurrency(value: Any) -> None:
    """Refuse what is no number of pages at once.

    :raises ConfigurationError: naming ``max_concurrency``.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_CONCURRENCY:
        from airflow_provider_orgauth.exceptions import ConfigurationError

        raise ConfigurationError(
            "max_concurrency", f"is not a whole number from 1 to {MAX_CONCURRENCY}", advice="Write one such as 8."
        )


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """Settings of every request, to the token endpoint and to the API.

    The connection's form asks here what an empty field means.

    :param timeout: seconds to connect, and seconds without a byte of the answer.
    :param max_attempts: how often one request is sent at most, the first time included.
    :param retry_statuses: answers that are repeated besides those of the table in :mod:`~.retryable`.
    :param rate_limit: API requests per minute, of all tasks of a host together; None: no limit.
    :param verify: check the server's certificate; or the path of a CA bundle to check it with.
    :param client_cert: path of a PEM with certificate and private key, by which servers that ask know this client.
    :param api_header: where the API looks for the token: a header's name and the scheme, or the name alone.
    :param headers: default headers of API requests.
    :param send_traceparent: send the API the id of the request's span (W3C Trace Context).
    """

    timeout: float = 30
    max_attempts: int = 5
    retry_statuses: frozenset[int] = frozenset()
    rate_limit: float | None = None
    verify: bool | str = True
    client_cert: str | None = None
    api_header: str = "Authorization: Bearer"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    send_traceparent: bool = False
