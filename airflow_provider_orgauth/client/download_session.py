"""The session of one download: a good answer's body is handed on piece by piece, and never held as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import requests

from airflow_provider_orgauth.client import errors_from_requests, response_body
from airflow_provider_orgauth.client.session import OrgSession

TakeAnswer = Callable[[requests.Response, Iterator[bytes]], None]
"""Takes an answer and the pieces of its body; called again, from the beginning, for an attempt that follows."""


class NotTakenError(Exception):
    """What took the body failed, and not the network: no reason to send the request again.

    :param error: what it raised, without the frames of this session, whose variables hold the token.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class DownloadSession(OrgSession):
    """The same session, its connections, headers and cookies included; a body that breaks off is a failed attempt.

    Answers without a good status, and redirects, are read as ever.
    """

    def __init__(self, session: OrgSession, take: TakeAnswer) -> None:
        vars(self).update(vars(session))
        self._take = take

    def _receive(self, response: requests.Response, seconds: float | None) -> None:
        if not 200 <= response.status_code < 300:
            return super()._receive(response, seconds)
        body = _Body(response_body.body_pieces(response, timeout=seconds))
        try:
            self._take(response, body)
        except BaseException as error:
            response.close()  # with the rest of an answer in it, the connection must not be used again
            if error is body.broken or not isinstance(error, Exception):
                raise
            traceback = error.__traceback__
            raise NotTakenError(error.with_traceback(traceback and traceback.tb_next)) from None
        return None


class _Body(Iterator[bytes]):
    """The pieces of a body, and what broke them off: the code that takes them may raise the same class."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.broken: BaseException | None = None

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except errors_from_requests.NETWORK_ERRORS as error:
            self.broken = error
            raise
