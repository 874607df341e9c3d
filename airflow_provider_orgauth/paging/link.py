"""Pages by link: a ``Link`` header (RFC 8288), or a URL in the answer's JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from airflow_provider_orgauth.exceptions import PaginationError
from airflow_provider_orgauth.paging.link_header import link_target
from airflow_provider_orgauth.paging.request import PageRequest
from airflow_provider_orgauth.paging.style import Pagination, after, check_name, url_of

if TYPE_CHECKING:
    from airflow_provider_orgauth.paging.answer import PageAnswer


@dataclass(frozen=True, slots=True)
class LinkPagination(Pagination):
    """Pages by a link to the next one; a link to another server is refused, because a token would follow it.

    :param rel: the relation type of the link (RFC 8288 section 3.3).
    :param next_url: the path of the next URL in the answer's JSON, such as ``next`` or ``links.next``; None: it is in
        the ``Link`` header.
    :param total: the path of the total number of records; None: there is none.
    """

    type: ClassVar[str] = "link"

    rel: str = "next"
    next_url: str | None = None
    total: str | None = None

    def __post_init__(self) -> None:
        Pagination.__post_init__(self)
        check_name(self, "rel")
        check_name(self, "next_url", optional=True)
        check_name(self, "total", optional=True)

    def next(self, request: PageRequest, answer: PageAnswer) -> PageRequest | None:
        """Follow the link."""
        if self.next_url is None:
            target = link_target(answer.header("link") or "", self.rel)
        else:
            target = answer.value(self.next_url)
        if not target or (isinstance(target, str) and not target.strip()):
            return None
        if not isinstance(target, str):
            raise PaginationError(
                f"The answer has no text at {self.next_url!r}, where its next URL should be.",
                advice='Correct pagination.next_url, for example "_links.next.href" instead of "_links.next".',
            )
        return PageRequest(url=url_of(answer, target), records_before=after(request, answer))

    def total_of(self, answer: PageAnswer) -> int | None:
        """Return the answer's total."""
        return answer.number(self.total)

    def doubt(self, answer: PageAnswer) -> str | None:
        """Say it where the first answer has nothing at all where the link should be: perhaps a wrong name."""
        if self.next_url is None or answer.has(self.next_url):
            return None
        return f"the answer has nothing at {self.next_url!r}, where its next URL should be"
