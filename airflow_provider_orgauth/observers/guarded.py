"""Observers that fail no task: what one of them raises is logged once, and the request goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable, MutableMapping, Sequence
from typing import Any, Literal

from airflow_provider_orgauth.client.observer import Observer, TokenRequestEnd, Wait

log = logging.getLogger(__name__)

WARNED: set[str] = set()
"""The observers of which this process has warned."""


class GuardedObservers(Observer):
    """Tells several observers, whatever becomes of it."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = tuple(observers)

    def sending(self, method: str, url: str, headers: MutableMapping[str, Any], *, resends: int) -> list[Any]:
        """Tell all; return what each wants back."""
        return [_guarded(one, one.sending, method, url, headers, resends=resends) for one in self._observers]

    def sent(
        self,
        began: list[Any],
        headers: MutableMapping[str, Any],
        *,
        status: int | None,
        error: type[BaseException] | None,
    ) -> None:
        """Tell those that noted the beginning."""
        for one, its in zip(self._observers, began, strict=True):
            if its is not None:
                _guarded(one, one.sent, its, headers, status=status, error=error)

    def token_requested(self, end: TokenRequestEnd) -> None:
        """Tell all."""
        for one in self._observers:
            _guarded(one, one.token_requested, end)

    def retrying(self, of: Literal["api", "token"], *, status: int | None, wait: Wait | None, seconds: float) -> None:
        """Tell all."""
        for one in self._observers:
            _guarded(one, one.retrying, of, status=status, wait=wait, seconds=seconds)

    def waiting(self, wait: Wait, seconds: float) -> None:
        """Tell all."""
        for one in self._observers:
            _guarded(one, one.waiting, wait, seconds)

    def replaying(self) -> None:
        """Tell all."""
        for one in self._observers:
            _guarded(one, one.replaying)

    def token_looked_for(self, *, found: bool) -> None:
        """Tell all."""
        for one in self._observers:
            _guarded(one, one.token_looked_for, found=found)

    def lease_sought(self, entry: str) -> None:
        """Tell all."""
        for one in self._observers:
            _guarded(one, one.lease_sought, entry)

    def exported(self, *, files: int = 0, records: int = 0, pages: int = 0, size: int = 0) -> None:
        """Tell all."""
        for one in self._observers:
            _guarded(one, one.exported, files=files, records=records, pages=pages, size=size)

    def waits(self, number: int) -> None:
        """Tell all."""
        for one in self._observers:
            _guarded(one, one.waits, number)


def _guarded(observer: Observer, tell: Callable[..., Any], *facts: Any, **more: Any) -> Any:
    try:
        return tell(*facts, **more)
    except Exception as error:  # whatever a metrics client or an exporter raises
        name = type(observer).__name__
        if name not in WARNED:
            WARNED.add(name)
            log.warning("%s are incomplete: %s. Requests go on.", name, type(error).__name__)
        return None
