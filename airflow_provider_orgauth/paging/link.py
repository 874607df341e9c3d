"""Pages by link: a ``Link`` header (RFC 8288), or a URL in the answer's JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from airflow_provider_orgauth.exceptions import PaginationError
from airflow_provider_orgauth.paging.link_header import link_target
from airflow_provider_orgauth.paging.reference import over_https, url_of
from airflow_provider_orgauth.paging.request import PageRequest
from airflow_provider_orgauth.paging.style import Pagination, after, check_flag, check_name, records_missing

if TYPE_CHECKING:
    from airflow_provider_orgauth.paging.answer import PageAnswer


@dataclass(frozen=True, slots=True, repr=False)
class LinkPagination(Pagination):
    """Pages by a link to the next one; a link to another server is refused, because a token would follow it.

    >>> style = LinkPagination()
    >>> answer = PageAnswer(b"[1, 2]", {"Link": '</devices?page=2>; rel="next"'}, "https://fra1.blynk.cloud/devices")
    >>> style.next(style.first(), answer).url
    'https://fra1.blynk.cloud/devices?page=2'

    The end is where there is no link, or where ``more`` is false.

    :param rel: the relation type of the link (RFC 8288 section 3.3).
    :param next_url: the path of the next URL in the answer's JSON, such as ``next`` or ``links.next``; None: it is in
        the ``Link`` header.
    :param total: the path of the total number of records; None: there is none.
    :param upgrade_http: follow an ``http`` link to the connection's own host over ``https``: a server behind a TLS
        proxy may not know how it was asked. Nothing is ever sent over ``http``.
    """

    type: ClassVar[str] = "link"

    rel: str = "next"
    next_url: str | None = None
    total: str | None = None
    upgrade_http: bool = False

    def __post_init__(self) -> None:
        Pagination.__post_init__(self)
        check_name(self, "rel")
        check_name(self, "next_url", optional=True)
        check_name(self, "total", optional=True)
        check_flag(self, "upgrade_http")

    def next(self, request: PageRequest, answer: PageAnswer) -> PageRequest | None:
        """Return a request for the URL of the link."""
        more = self.has_more(answer)
        target = None if more is False else self._target(answer)
        if not target or (isinstance(target, str) and not target.strip()):
            if more:
                raise PaginationError(
                    f"The answer says that there is more, and has no link {self._where()}.",
                    advice="Correct pagination.next_url or pagination.rel.",
                )
            return None
        if not isinstance(target, str):
            raise PaginationError(
                f"The answer has no text at {self.next_url!r}, where its next URL should be.",
                advice='Correct pagination.next_url, for example "_links.next.href" instead of "_links.next".',
            )
        url = url_of(answer.url, target)
        if self.upgrade_http:
            url = over_https(answer.url, url)
        return PageRequest(url=url, records_before=after(request, answer))

    def total_of(self, answer: PageAnswer) -> int | None:
        """Return the answer's total."""
        return answer.counted(self.total)

    def missing(self, answer: PageAnswer, *, pages: int, records: int) -> str | None:
        """Compare the number of records with the total."""
        return records_missing(answer.total(self.total), records)

    def warning(self, answer: PageAnswer) -> str | None:
        """Return a warning where the first answer has nothing where the link should be: its name may be misspelt."""
        if self.next_url is None or answer.has(self.next_url) or self.has_more(answer) is not None:
            return None
        return f"the answer has nothing at {self.next_url!r}, where its next URL should be"

    def _target(self, answer: PageAnswer) -> Any:
        if self.next_url is None:
            return link_target(answer.header("link") or "", self.rel)
        return answer.value(self.next_url)

    def _where(self) -> str:
        return f"at {self.next_url!r}" if self.next_url else f"with rel={self.rel!r} in a Link header"
