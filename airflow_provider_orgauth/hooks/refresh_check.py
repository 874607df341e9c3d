"""What Test says of a connection with a refresh token to begin with.

A Test must not spend what tasks need. So it goes their way: a token that is shared is enough, and where there is none,
the refresh token is sent by who holds the lease, and what comes back is kept for all hosts. Where Variables cannot be
read and written, as in Airflow 3's API server, nothing is sent.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_provider_orgauth.hooks.connection_check import remarks

if TYPE_CHECKING:
    from airflow_provider_orgauth.client.retry_policy import RetryPolicy
    from airflow_provider_orgauth.hooks.connection import ConnectionSettings

LONGEST_WAIT_SECONDS = 20.0
"""Seconds for which a Test waits while another process renews the token: somebody sits in front of it."""

ONE_ATTEMPT = 1

WAITED = (
    "Nothing was asked: another process is about to renew the token, or has died at it. Press Test again in a few "
    "minutes."
)
NOT_HERE = "A Test does not send it from here; the first task does, and shows whether the connection works."


def checked_by_refresh(settings: ConnectionSettings, retry: RetryPolicy) -> tuple[bool, str]:
    """Return whether there is a token, asked for at most once, and what to tell the user."""
    from airflow_provider_orgauth.cache.store_choice import shared_store
    from airflow_provider_orgauth.client.token_endpoint import TokenEndpoint
    from airflow_provider_orgauth.exceptions import OrgAuthError, TaskStoppedError, TokenUnavailableError
    from airflow_provider_orgauth.hooks.token_sources import clock_of, token_source
    from airflow_provider_orgauth.oauth.answers import HttpAnswer
    from airflow_provider_orgauth.oauth.grants import client_secrets

    once = replace(retry, max_attempts=ONE_ATTEMPT, cancelled=threading.Event())
    answers = list[HttpAnswer]()
    endpoint = TokenEndpoint(settings.http, once, observe=answers.append, clock=clock_of(settings, retry.clock))
    patience = threading.Timer(LONGEST_WAIT_SECONDS, once.cancelled.set)
    patience.daemon = True
    patience.start()
    try:
        shared = shared_store(settings.cache, settings.client)
        token = token_source(settings, endpoint, once, shared).token()
    except TaskStoppedError:
        return False, WAITED
    except TokenUnavailableError as error:
        return False, str(error) if answers or error.status else f"{error.message} {NOT_HERE}"
    except OrgAuthError as error:
        return False, str(error)
    finally:
        patience.cancel()
    where = f"{settings.client.grant_type} grant works at {settings.client.token_url}"
    if not answers:
        left = max(0.0, token.expires_at - endpoint.clock.now())
        return True, f"{where}: tasks share a token, good for another {left:.0f} s. Nothing was asked now."
    kept = "It is kept for all tasks, and so is the refresh token that came with it, if one did."
    secrets = frozenset(client_secrets(settings.client))
    return True, " ".join(
        [f"{where}: a token for {token.lifetime:g} s. {kept}", *remarks(answers[-1], secrets, settings)]
    )
