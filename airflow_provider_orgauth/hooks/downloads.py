"""``OrgAuthHook.download``: one answer's bytes, from the server to a file."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.client.content_coding import compressions_left, is_undone
from airflow_provider_orgauth.client.download_session import NotTakenError
from airflow_provider_orgauth.client.response_content import content_of, is_read
from airflow_provider_orgauth.exceptions import ConfigurationError, OrgAuthError, ResponseError
from airflow_provider_orgauth.exports.checkpoints import Checkpoints
from airflow_provider_orgauth.exports.download import AnswerHead, Download, TakeBytes
from airflow_provider_orgauth.exports.sink_choice import sink_of
from airflow_provider_orgauth.hooks.downloaded_page import watched
from airflow_provider_orgauth.oauth.text_redaction import one_line

if TYPE_CHECKING:
    import requests

    from airflow_provider_orgauth.client.download_session import TakeAnswer
    from airflow_provider_orgauth.compat import ObjectStoragePath

log = logging.getLogger(__name__)

Running = Callable[["TakeAnswer"], Callable[..., "requests.Response"]]
"""Called with what takes an answer and the pieces of its body: gives what sends the request."""

WHOLE = frozenset({200, 201, 203})
"""Statuses whose body is what was asked for (RFC 9110 section 15.3); 206 is, where a part was asked for."""


def _warn(response: requests.Response, sign: str) -> None:
    log.warning("The answer that was downloaded is one page of a list: %s.", sign)


@dataclass(frozen=True, slots=True)
class DownloadRequest:
    """What to send; as :meth:`OrgAuthHook.run` takes it."""

    endpoint: str
    method: str = "GET"
    params: Any = None
    json: Any = None
    data: Any = None
    headers: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        if isinstance(self.method, str) and self.method.upper() == "HEAD":
            raise ConfigurationError("method", "is HEAD, whose answers have no body", advice="Write GET.")

    def to(
        self,
        path: ObjectStoragePath,
        running: Running,
        *,
        key: str,
        checkpoints: Checkpoints,
        see: Callable[[requests.Response], None] = lambda _: None,
        see_sign: Callable[[requests.Response, str], None] = _warn,
    ) -> dict[str, Any]:
        """Send it, write the body of its answer to ``path`` and return the manifest.

        :param key: tells this task's unfinished file from another's; the same for each of its attempts.
        :param checkpoints: what is kept for a next attempt.
        :param see: called with each good answer before its body is read.
        :param see_sign: called, when all its bytes came, with what says that the answer is one page of a list.
        """

        def take_it(response: requests.Response, pieces: Iterator[bytes], take: TakeBytes) -> None:
            head = self._look_at(response, see)
            take(head, watched(_of(response, pieces), response, see_sign))

        def fetch(take: TakeBytes) -> None:
            self._send(running(lambda response, pieces: take_it(response, pieces, take)))

        return Download(str(path), sink_of(path, key=key), checkpoints).run(fetch)

    def _send(self, run: Callable[..., requests.Response]) -> None:
        failure: Exception
        try:
            response = run(
                self.endpoint,
                method=self.method,
                params=self.params,
                json=self.json,
                data=self.data,
                headers=self.headers,
            )
        except NotTakenError as wrapped:
            failure = wrapped.error
        else:
            if 200 <= response.status_code < 300:
                return
            failure = _no_file(response)  # 304
        raise failure  # raised out here, it has no context: its frames would hold a token

    def _look_at(self, response: requests.Response, see: Callable[[requests.Response], None]) -> AnswerHead:
        """Return what the answer says of its bytes, if it is one that can be kept."""
        status = response.status_code
        if status not in WHOLE and not (status == 206 and self._asks_for_a_part):
            raise _no_file(response)
        if left := compressions_left(response.headers.get("Content-Encoding")):
            raise _still_compressed(response, left[0])
        see(response)
        return _head_of(response)

    @property
    def _asks_for_a_part(self) -> bool:
        return any(name.lower() == "range" for name in self.headers or ())


def _head_of(response: requests.Response) -> AnswerHead:
    headers = response.headers
    length = headers.get("Content-Length", "")
    is_counted = length.isascii() and length.isdigit() and len(length) < 20
    is_compressed = is_undone(headers.get("Content-Encoding"))
    is_chunked = "chunked" in headers.get("Transfer-Encoding", "").lower()
    return AnswerHead(
        status=response.status_code,
        content_type=_said(headers.get("Content-Type")),
        etag=_said(headers.get("ETag")),
        last_modified=_said(headers.get("Last-Modified")),
        length=int(length) if is_counted and not is_compressed else None,
        end_is_marked=is_counted or is_chunked or is_compressed,
    )


def _of(response: requests.Response, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Return the body, of which ``see`` may have read something."""
    if is_read(response):
        content = content_of(response)
        if content is None:  # piece by piece, by ``iter_content``
            raise _partly_read()
        return iter((content,) if content else ())
    if response.raw is not None and response.raw.tell():
        raise _partly_read()
    return pieces


def _partly_read() -> OrgAuthError:
    return ConfigurationError(
        "response_check",
        "has read some of the body, which is missing in the file then",
        advice="Look at status and headers, or at all of it with response.content.",
    )


def _said(value: str | None) -> str | None:
    return None if value is None else one_line(value)


def _still_compressed(response: requests.Response, coding: str) -> ResponseError:
    where = f"{response.request.method} {(response.request.url or '').partition('?')[0]}"
    return ResponseError(
        f"{where} answered with Content-Encoding: {coding}, which cannot be undone here: the file would be {coding}.",
        advice="Ask with headers={'Accept-Encoding': 'gzip, identity'}, or install the package that undoes it "
        "(brotli, zstandard).",
        status=response.status_code,
    )


def _no_file(response: requests.Response) -> ResponseError:
    status = response.status_code
    match status:
        case 202:
            advice = "The server has only begun: the task's retries ask again."
        case 204 | 205 | 304:
            advice = (
                "There is nothing to write: check the endpoint and its parameters, and headers such as If-None-Match."
            )
        case 206:
            advice = "It is a part of what was asked for; ask for a part with a Range header, or check what answers."
        case _:
            advice = "Check what answers at this endpoint."
    where = f"{response.request.method} {(response.request.url or '').partition('?')[0]}"
    return ResponseError(f"{where} answered {status}, which has no file in it.", advice=advice, status=status)
