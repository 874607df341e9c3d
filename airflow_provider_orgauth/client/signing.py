"""Make a token request; what keeps it from being signed is said in the words of the connection form."""

from __future__ import annotations

from collections.abc import Callable

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.oauth.grants import TokenRequest
from airflow_provider_orgauth.oauth.private_key import AlgorithmError, PrivateKeyError


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
