"""Which requests a redirect leads to: one rule, for requests and for aiohttp."""

from __future__ import annotations

from collections.abc import Callable, Generator

import requests

Legs = Generator[requests.PreparedRequest, requests.Response, requests.Response]


def legs(
    request: requests.PreparedRequest,
    follows: Callable[[requests.Response, requests.PreparedRequest], requests.PreparedRequest | None],
    *,
    most: int,
) -> Legs:
    """Yield each request to send, and be sent its answer; return the last answer, with the others as its history.

    Each leg is sent, and sent again, on its own: a leg that fails repeats no earlier one.

    :param follows: returns the request that an answer to another one leads to; None: it leads nowhere.
    :param most: redirects that are followed.
    :raises requests.TooManyRedirects: there are more.
    """
    response = yield request
    before: list[requests.Response] = []
    while (leg := follows(response, request)) is not None:
        if len(before) == most:
            raise requests.TooManyRedirects(f"Exceeded {most} redirects.", response=response)
        before.append(response)
        request = leg
        response = yield request
    response.history = [*before, *response.history]
    return response
