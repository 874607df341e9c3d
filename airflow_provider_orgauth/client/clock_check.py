"""Say once that this machine's clock disagrees with the server's: hosts that share a token live by their clocks."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from airflow_provider_orgauth.client.http_date import http_date

log = logging.getLogger(__name__)

TOLERANCE = 60.0
"""Seconds. A token for five minutes survives that; less would blame the network."""

_said: set[str] = set()


def check(server: str, headers: Mapping[str, str], *, sent_at: float, now: float) -> None:
    """Compare the answer's ``Date`` (RFC 9110 section 6.6.1) with the time in which it must have been made.

    :param server: whose answer it is.
    :param headers: with names in lower case.
    :param sent_at: epoch seconds, before the request was sent.
    :param now: epoch seconds.
    """
    made_at = http_date(headers.get("date", ""))
    if made_at is None:
        return
    behind = max(made_at - now, 0.0) - max(sent_at - made_at, 0.0)
    if abs(behind) > TOLERANCE and server not in _said:
        _said.add(server)
        log.warning(
            "This machine's clock is %.0f s %s that of %s. Work goes on; but where hosts share a token, clocks that "
            "differ make some of them renew it too early and others too late. Set the clocks by NTP.",
            abs(behind),
            "behind" if behind > 0 else "ahead of",
            server,
        )
