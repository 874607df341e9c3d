"""No pages: the answer is all there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from airflow_provider_orgauth.paging.request import PageRequest
from airflow_provider_orgauth.paging.style import Pagination, check_name
from airflow_provider_orgauth.paging.truncation import more_than_one_page

if TYPE_CHECKING:
    from airflow_provider_orgauth.paging.answer import PageAnswer


@dataclass(frozen=True, slots=True, repr=False)
class SinglePage(Pagination):
    """One answer with all the records, such as the plain array of ``GET /device/tags``.

    >>> style = SinglePage()
    >>> style.next(style.first(), PageAnswer(b"[1, 2]", {})) is None
    True

    :param total: the path of the total number of records; None: there is none.
    """

    type: ClassVar[str] = "single"

    total: str | None = None

    def __post_init__(self) -> None:
        Pagination.__post_init__(self)
        check_name(self, "total", optional=True)

    def next(self, request: PageRequest, answer: PageAnswer) -> PageRequest | None:
        """Return None: one page is all."""
        return None

    def total_of(self, answer: PageAnswer) -> int | None:
        """Return the answer's total."""
        return answer.number(self.total)

    def warning(self, answer: PageAnswer) -> str | None:
        """Return a warning where the answer looks like the first of several pages: pagination may be missing."""
        return more_than_one_page(answer, total=self.total)
