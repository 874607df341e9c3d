"""Make a token request; what keeps it from being signed is said in the words of the connection form.

What is signed is good at one time only, by the server's clock. Before its first token, a host knows nothing of that but
its own clock, which may be minutes off. A refusal says what the time is: then it is signed once more, by that.
"""

from __future__ import annotations

from collections.abc import Callable

from airflow_provider_orgauth.client.http_date import http_date
from airflow_provider_orgauth.client.server_clock import ServerClock
from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.oauth.answers import Reason, Refusal
from airflow_provider_orgauth.oauth.grants import TokenRequest
from airflow_provider_orgauth.oauth.private_key import AlgorithmError, PrivateKeyError
from airflow_provider_orgauth.oauth.server_time import MAX_CORRECTION_SECONDS

TOLERANCE_SECONDS = 2.0
"""Seconds. A smaller difference may be due to the date, which has whole ones."""

_OF_THE_TIME = (Reason.INVALID_CLIENT, Reason.INVALID_GRANT)
"""The refusals of an assertion that is not valid yet, or not any more: of one about the client, and of a grant."""


def signed(make: Callable[[float], TokenRequest], *, now: float) -> TokenRequest:
    """Return the request.

    :param now: epoch seconds by the server's clock.
    :raises ConfigurationError: the password holds no key that can sign, or ``oauth_jwt`` does not fit it.
    """
    try:
        return make(now)
    except PrivateKeyError as error:
        problem = ConfigurationError("password (Client secret)", error.problem, advice=error.advice)
    except AlgorithmError as error:
        problem = ConfigurationError(
            "oauth_jwt (Signed assertion)",
            f"names the algorithm {error.alg}, which is not for this kind of key",
            advice=f"Write one of {', '.join(error.allowed)}, or none.",
        )
    raise problem  # out here: what it was made of has the key in its frames


def time_of_refusal(outcome: object, clock: ServerClock, *, took: float) -> float | None:
    """Return the time at which to sign again; None: nothing says that it was signed at a wrong one.

    :param took: seconds since the request was sent.
    """
    if not isinstance(outcome, Refusal) or outcome.reason not in _OF_THE_TIME:
        return None
    date = http_date(outcome.headers.get("date", ""))
    if date is None:
        return None
    off = clock.time_by(date, took=took) - clock.now()
    return date if TOLERANCE_SECONDS < abs(off) <= MAX_CORRECTION_SECONDS else None
