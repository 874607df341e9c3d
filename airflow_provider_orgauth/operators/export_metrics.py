"""What an export tells of its records, pages and bytes while they come, and of its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_orgauth.exports.increments import Increments

if TYPE_CHECKING:
    from airflow_provider_orgauth.client.observer import Observer


class ExportMetrics:
    """Tells an observer what came, each thing once.

    :param observer: None: nobody wants to know.
    :param is_converted: the records are written twice. The bytes are those of the file that is made of them, at its
        end.
    """

    def __init__(self, observer: Observer | None, *, is_converted: bool) -> None:
        self._observer = observer
        self._is_converted = is_converted
        self.increments = Increments(None if observer is None else self._tell)

    def complete(self, size: int) -> None:
        """Tell of the file.

        :param size: its bytes.
        """
        if self._observer is not None:
            self._observer.exported(files=1, size=size if self._is_converted else 0)

    def _tell(self, *, records: int, pages: int, size: int) -> None:
        if self._observer is not None:
            self._observer.exported(records=records, pages=pages, size=0 if self._is_converted else size)
