"""One call of somebody else's client: sign it, and after a 401 renew the token and send it once more."""

from __future__ import annotations

from typing import TypeVar, cast

from airflow_provider_orgauth.client.exchange import UNAUTHORIZED, Answer, ObtainToken, Rule, Transmit, replayed
from airflow_provider_orgauth.client.retry_policy import RetryPolicy

R = TypeVar("R")


def signed_call(retry: RetryPolicy, *, can_rewind: bool) -> Rule[R, None]:
    """Say what to do, step by step, as :func:`~.exchange.exchange` does. The client has the answers already.

    :param retry: tells the time.
    :param can_rewind: the body can be sent a second time.
    """
    access_token = cast(str, (yield ObtainToken(sent_once=not can_rewind)))
    answer = cast("Answer[R]", (yield Transmit(access_token)))
    if answer.status == UNAUTHORIZED:
        yield from replayed(answer, access_token, retry, can_rewind=can_rewind)
