"""Answers of the API with an error status: the typed error for it, in one line, without the token or the query."""

from __future__ import annotations

import io
import pickle

import requests
from requests.structures import CaseInsensitiveDict

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.client.api_errors import api_error_of
from fuzz import reading
from fuzz.targets.redaction import assert_hidden

TOKEN = "t0k3n/+~41=="
QUERY_VALUE = "in-the-query-only"
_REQUEST = requests.Request("GET", f"https://fra1.example/api/v1/x?q={QUERY_VALUE}").prepare()
TYPES = {
    401: errors.ApiUnauthorizedError,
    403: errors.ApiForbiddenError,
    429: errors.ApiRateLimitedError,
}


def answer(status: int, content_type: str, body: bytes, *, token: str = TOKEN) -> requests.Response:
    """Return an answer as ``requests`` would, of a request that carried ``token``."""
    request = _REQUEST.copy()
    request.headers["Authorization"] = f"Bearer {token}"
    response = requests.Response()
    response.status_code = status
    response.headers = CaseInsensitiveDict({"Content-Type": content_type} if content_type else {})
    response.encoding = requests.utils.get_encoding_from_headers(response.headers)
    response.raw = io.BytesIO(body)
    response.request = request
    response.url = request.url or ""
    return response


def check(status: int, body: bytes, *, token: str = TOKEN) -> None:
    """Assert what must hold of one answer."""
    error = api_error_of(answer(status, "application/json", body, token=token))
    if error is None:
        assert 200 <= status < 300 or status == 304
        return
    assert not (200 <= status < 300 or status == 304)
    if status == 407:
        assert isinstance(error, errors.ProxyRefusedError)
        return
    assert isinstance(error, errors.ApiError)
    assert isinstance(error, TYPES.get(status, errors.ApiServerError if status >= 500 else errors.ApiError))
    assert error.status == status
    assert error.advice
    for text in (str(error), error.server_message):
        assert not any(char < " " for char in text)
        assert_hidden(text, [token])
        assert len(text) < 1000
    assert QUERY_VALUE not in str(error) or QUERY_VALUE.encode() in body
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert type(copy) is type(error)
    assert (str(copy), copy.status, copy.response) == (str(error), status, None)


def one(data: bytes) -> None:
    """A line with the status; then the body, in which ``{token}`` stands for the token that was sent."""
    (status,), body = reading.lines(data, 1)
    check(reading.number(status, low=100, high=999), body.replace(b"{token}", TOKEN.encode()))
