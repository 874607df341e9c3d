"""Mask what a process with a supervisor (Airflow 3) lets out, before it does.

Three streams lead to the supervisor, which writes the task's log: one for log lines in JSON, standard output, standard
error. Neither the loggers nor the text files can be replaced, others hold them already; so they are changed in place.
The supervisor's child has two text files for each of the last two: ``sys.stdout``, and ``sys.__stdout__`` of before.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

from airflow_provider_orgauth import forks
from airflow_provider_orgauth.hooks.known_secrets import KnownSecrets, replaced
from airflow_provider_orgauth.oauth.text_redaction import MASK

MAX_UNFLUSHED_BYTES = 64 * 1024
"""Bytes without a flush, such as a newline brings about, after which they are passed on."""

_TASK_RUNNER = "airflow.sdk.execution_time.task_runner"


def masked_with(known: KnownSecrets) -> bool:
    """Return whether nothing that is known can leave this process in its output; bring it about.

    True where there is no supervisor, too: the process's own masker then masks all that is written.

    :raises Exception: the logging is not what it is in the Airflow that is known; of any kind.
    """
    if getattr(sys.modules.get(_TASK_RUNNER), "SUPERVISOR_COMMS", None) is None:
        return True
    import structlog

    # One list for all loggers, those that were made long ago as well: structlog's own tests change it in place.
    renderers = [structlog.get_config()["processors"], *(one.processors for one in _formatters())]
    streams = {1: sys.stdout, 2: sys.stderr}
    if len(renderers) < 2 or any(stream.fileno() != number for number, stream in streams.items()):
        return False  # redirected just now: the next time, perhaps
    for processors in renderers:
        if not isinstance(processors[-1], _MaskedRenderer):
            processors[-1] = _MaskedRenderer(processors[-1], known)
    for stream in (*streams.values(), *filter(None, (sys.__stdout__, sys.__stderr__))):
        if not isinstance(getattr(stream.buffer.write, "__self__", None), _MaskedWriter):
            _MaskedWriter(stream.buffer, known)
    return True


def _formatters() -> Iterator[Any]:
    """Yield the formatters that render for the supervisor what comes through the standard library's logging."""
    import structlog

    loggers = [logging.getLogger(), *logging.Logger.manager.loggerDict.values()]
    for logger in loggers:
        for handler in getattr(logger, "handlers", ()):
            if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter):
                yield handler.formatter


class _MaskedRenderer:
    """A structlog processor that masks what the last one, which renders, returns."""

    def __init__(self, renderer: Any, known: KnownSecrets) -> None:
        self._renderer = renderer
        self._known = known

    def __call__(self, logger: Any, method_name: str, event: Any) -> Any:
        line = self._renderer(logger, method_name, event)
        if isinstance(line, str):
            return replaced(line, self._known.spans(line), MASK)
        if isinstance(line, bytes | bytearray):
            return _masked(bytes(line), self._known)
        return line


class _MaskedWriter:
    """Stands before a binary file's ``write`` and ``flush``, and passes on, masked, what was written up to a flush.

    A text file flushes at the end of each line, and the supervisor reads by lines: what a program writes bit by bit is
    masked as a whole.
    """

    def __init__(self, file: Any, known: KnownSecrets) -> None:
        self._known = known
        self._held = bytearray()
        self._write, self._flush = file.write, file.flush
        self.after_fork()
        forks.watch(self)
        file.write, file.flush = self.write, self.flush

    def after_fork(self) -> None:
        """Leave to the parent what it has written."""
        self._lock = threading.RLock()
        self._held.clear()

    def write(self, data: Any) -> int:
        """Take ``data``; return how many bytes these are."""
        with self._lock, memoryview(data) as view:
            self._held += view
            size = view.nbytes
            if len(self._held) > MAX_UNFLUSHED_BYTES:
                self._pass_on(self._held.rfind(b"\n") + 1 or len(self._held))
        return size

    def flush(self) -> None:
        """Pass on what was taken."""
        with self._lock:
            self._pass_on(len(self._held))
            self._flush()

    def _pass_on(self, size: int) -> None:
        data = bytes(self._held[:size])
        del self._held[:size]
        if data:
            self._write(_masked(data, self._known))


def _masked(data: bytes, known: KnownSecrets) -> bytes:
    # A token is ASCII, whatever stands around it.
    text = data.decode("latin-1")
    spans = known.spans(text)
    return replaced(text, spans, MASK).encode("latin-1") if spans else data
