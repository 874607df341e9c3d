"""Warn once where this machine's clock and the server's disagree: only tokens are judged by the server's clock."""

from __future__ import annotations

import logging

from airflow_provider_orgauth.oauth.server_time import MAX_CORRECTION_SECONDS

log = logging.getLogger(__name__)

TOLERANCE_SECONDS = 60.0
"""Seconds. A smaller difference may be due to the network."""

SAID: set[str] = set()
"""The servers for which there was a warning."""


def check_clock(server: str, correction: float) -> None:
    """Warn where this machine's clock is minutes off.

    :param server: whose answer had the ``Date``.
    :param correction: seconds that have to be added to this machine's clock for the answer's ``Date`` to be right.
    """
    if abs(correction) <= TOLERANCE_SECONDS or server in SAID:
        return
    SAID.add(server)
    if abs(correction) > MAX_CORRECTION_SECONDS:
        log.warning(
            "The Date of %s is %.1f days %s this machine's clock. That is not believed: tokens are judged by this "
            "machine's clock. Correct whichever of the two is wrong.",
            server,
            abs(correction) / 86400,
            "ahead of" if correction > 0 else "behind",
        )
        return
    log.warning(
        "This machine's clock is %.0f s %s that of %s. Tokens are judged by the server's time, so work goes on, with "
        "one more token request at most each time that this clock is set. Set it by NTP.",
        abs(correction),
        "behind" if correction > 0 else "ahead of",
        server,
    )
