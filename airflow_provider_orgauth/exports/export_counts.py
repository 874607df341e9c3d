"""Count pages and records, and compare them with the total that the server gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from airflow_provider_orgauth.exceptions import IncompleteListError
from airflow_provider_orgauth.paging.paginator import Page


@dataclass(slots=True)
class ExportCounts:
    """Counts of one export, kept from attempt to attempt.

    :param records: lines in the file.
    :param duplicates: records that were left out, because their key had come before.
    :param total: how many records the server said there are, on the last page that said so.
    :param total_at_start: on the first one.
    :param total_changes: how often that number changed from one page to the next.
    """

    pages: int = 0
    records: int = 0
    duplicates: int = 0
    total: int | None = None
    total_at_start: int | None = None
    total_changes: int = 0

    def observe(self, page: Page, *, kept: int) -> None:
        """Count a page, of whose records so many were kept."""
        self.pages += 1
        self.records += kept
        self.duplicates += len(page.records) - kept
        if page.total is None or (page.total == 0 < self.records + self.duplicates):
            return  # some servers write 0 where they have not counted
        if self.total is None:
            self.total_at_start = page.total
        elif page.total != self.total:
            self.total_changes += 1
        self.total = page.total

    @property
    def missing(self) -> int:
        """How many records fewer came than the server said there are; more than that is negative."""
        return 0 if self.total is None else self.total - self.records - self.duplicates

    def problems(self) -> list[str]:
        """Return the signs that the list changed while it was read."""
        found = []
        if self.total_changes:
            moved = f"from {self.total_at_start:,} to" if self.total != self.total_at_start else "and is back at"
            found.append(f"the total moved {moved} {self.total:,} while it was read")
        if self.duplicates:
            found.append(f"{self.duplicates:,} records came twice")
        if self.missing > 0:
            found.append(f"{self.missing:,} of {self.total:,} records did not come")
        elif self.missing < 0:
            found.append(f"{-self.missing:,} records more came than the total of {self.total:,}")
        return found

    def require_complete(self, warning: str | None = None) -> None:
        """Refuse a list that changed while it was read, or that may not be complete.

        :param warning: what makes that doubtful.
        :raises IncompleteListError: saying in which way.
        """
        if warning is not None:
            raise IncompleteListError(
                f"strict: the first page was taken for all there is, though {warning}.", advice="Check pagination."
            )
        problems = self.problems()
        if problems:
            raise IncompleteListError(
                f"strict: the list changed while it was read: {'; '.join(problems)}.",
                advice="Read it when it is quiet, or in an order that does not move; or without strict.",
            )

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        """Return what :meth:`to_dict` wrote."""
        return cls(**saved)
