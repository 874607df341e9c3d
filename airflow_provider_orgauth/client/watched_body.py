"""A body that is read while it is sent: what reading it raises is its owner's error, and not the network's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any


class BodyError(Exception):
    """Reading a body failed.

    :param error: what its owner's code raised.
    :param frames: of that code.
    """

    def __init__(self, error: Exception, frames: TracebackType | None) -> None:
        super().__init__()
        self._error, self._frames = error, frames

    @property
    def error(self) -> Exception:
        """The error without the frames through which it came: their variables hold the token."""
        return self._error.with_traceback(self._frames)


class WatchedBody:
    """A file or an iterable, and what reading it raised.

    An HTTP library takes an ``OSError`` from a body for one of the connection's, and a ``requests`` exception from it
    for one of the request's own. The body's owner needs to see it as it was raised.

    :param body: read piece by piece. Whatever else it can do, such as ``seek``, is done by it.
    """

    def __init__(self, body: Any) -> None:
        self._body = body
        self.failure: BodyError | None = None
        """What reading it raised."""

    @classmethod
    def of(cls, body: Any) -> WatchedBody | None:
        """Return ``body``, watched; None: no code of its owner runs to get its bytes."""
        if body is None or isinstance(body, bytes | str | cls) or _is_buffer(body):
            return None
        return cls(body) if hasattr(body, "read") or hasattr(body, "__iter__") else None

    def __getattr__(self, name: str) -> Any:
        """Return what the body has: an HTTP client looks whether it can ``read``."""
        if name == "_body":  # of a copy that is being made
            raise AttributeError(name)
        found = getattr(self._body, name)
        return self._watched(found) if name == "read" else found

    def __iter__(self) -> Iterator[Any]:
        """Yield its pieces."""
        with self.watching():
            pieces = iter(self._body)
        while True:
            with self.watching():
                try:
                    piece = next(pieces)
                except StopIteration:
                    return
            yield piece

    def _watched(self, read: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*size: int) -> Any:
            with self.watching():
                return read(*size)

        return watched

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Keep what is raised in here: the body's own code runs in it."""
        try:
            yield
        except Exception as error:
            frames = error.__traceback__
            while frames is not None and frames.tb_frame.f_globals is globals():
                frames = frames.tb_next
            self.failure = BodyError(error, frames)
            raise


def _is_buffer(body: Any) -> bool:
    """Tell whether ``body`` is bytes as they are, such as a ``bytearray``."""
    if hasattr(body, "read"):
        return False
    try:
        memoryview(body)
    except TypeError:
        return False
    return True
