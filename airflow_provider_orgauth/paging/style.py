"""What every style of pagination is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, Self
from urllib.parse import urljoin

from airflow_provider_orgauth.exceptions import ConfigurationError, PaginationError
from airflow_provider_orgauth.paging.request import PageRequest

if TYPE_CHECKING:
    from airflow_provider_orgauth.paging.answer import PageAnswer

MOST_PAGES = 100_000


@dataclass(frozen=True, slots=True)
class Pagination:
    """A style of pagination: a value that says which page comes next, from one request and its answer.

    :param max_pages: a walk that wants more is an error: it would never end.
    """

    type: ClassVar[str]
    """Its name in a dict: ``{"type": "page_number", "size": 500}``."""

    max_pages: int = field(default=MOST_PAGES, kw_only=True)

    def __post_init__(self) -> None:
        check_number(self, "max_pages", least=1)

    def adopt(self, params: Mapping[str, Any]) -> Self:
        """Return the style as the caller's own query wants it: its page size, the page to begin with."""
        return self

    def first(self) -> PageRequest:
        """Return the request for the first page."""
        return PageRequest()

    def next(self, request: PageRequest, answer: PageAnswer) -> PageRequest | None:
        """Return the request for the page after this one, or None after the last one."""
        raise NotImplementedError

    def ahead(self, request: PageRequest, answer: PageAnswer) -> Iterator[PageRequest]:
        """Yield the requests that :meth:`next` is going to return, as far as that can be told now.

        A guess: it decides what is fetched early, never what is taken.
        """
        return iter(())

    def total_of(self, answer: PageAnswer) -> int | None:
        """Return how many records the server says this walk is going to find, or None."""
        return None

    def doubt(self, answer: PageAnswer) -> str | None:
        """Return what makes it doubtful that the first page is the only one, or None; for a log."""
        return None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON, for mapped tasks and triggers."""
        return {"type": self.type, **asdict(self)}


def after(request: PageRequest, answer: PageAnswer) -> int:
    """Return how many records there were up to the end of this page."""
    return request.records_before + answer.count


def check_name(style: Pagination, name: str, *, optional: bool = False) -> None:
    """Refuse a field that is not a name, or a path, of at least one character."""
    value = getattr(style, name)
    if not (isinstance(value, str) and value) and not (optional and value is None):
        raise ConfigurationError(
            f"pagination.{name}", "is not a name", advice='Write a text such as "page"' + (" or None." * optional)
        )


def check_number(style: Pagination, name: str, *, least: int) -> None:
    """Refuse a field that is not a whole number of at least ``least``."""
    value = getattr(style, name)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ConfigurationError(f"pagination.{name}", f"is not a whole number from {least}", advice="Correct it.")


def field_names(style: type[Pagination]) -> frozenset[str]:
    """Return the keys that a dict of this style may have, besides ``type``."""
    return frozenset(declared.name for declared in fields(style))


def url_of(answer: PageAnswer, link: str) -> str:
    """Return a link as a URL: it is relative to where it came from (RFC 8288 section 3.1).

    :raises PaginationError: it is no URL.
    """
    try:
        url = urljoin(answer.url, link.strip())
        url.encode()
    except ValueError:
        # Not quoted, because a link may hold anything.
        raise PaginationError("The link to the next page is no URL.", advice="Check what the server sends.") from None
    return url


def whole_number(field_name: str, value: Any, *, least: int) -> int:
    """Read a number that came as text or number in a query."""
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        number = least - 1
    if number < least or isinstance(value, bool | float):
        raise ConfigurationError(f"params.{field_name}", f"is not a whole number from {least}", advice="Correct it.")
    return number
