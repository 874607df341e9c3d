"""Pages by a function of the user's: for an API that fits no other style."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.paging.reference import url_of
from airflow_provider_orgauth.paging.request import PageRequest
from airflow_provider_orgauth.paging.style import Pagination, after
from airflow_provider_orgauth.paging.truncation import more_than_one_page

if TYPE_CHECKING:
    from airflow_provider_orgauth.paging.answer import PageAnswer

    NextPage = Callable[[PageRequest, PageAnswer], PageRequest | Mapping[str, Any] | str | None]


@dataclass(frozen=True, slots=True)
class CallablePagination(Pagination):
    """Pages as a function says.

    Stripe, where the last record's id is the cursor:

    >>> def next_page(request, answer):
    ...     if answer.value("has_more"):
    ...         return {"starting_after": msgspec.json.decode(answer.records[-1])["id"]}
    >>> style = CallablePagination(next_page)
    >>> answer = PageAnswer(b'{"data": [{"id": "a"}, {"id": "b"}], "has_more": true}', {})
    >>> style.next(style.first(), answer).params
    {'starting_after': 'b'}

    :param next_page: takes the request and its answer. Returns the query parameters of the next page, or its URL, or a
        whole :class:`PageRequest`; None after the last page.
    """

    type: ClassVar[str] = "callable"

    next_page: NextPage

    def __post_init__(self) -> None:
        Pagination.__post_init__(self)
        if not callable(self.next_page):
            raise ConfigurationError("pagination.next_page", "is no function", advice="Give a callable.")

    def __repr__(self) -> str:
        # Airflow writes it into the serialized DAG: with an address in it, each parse would make a new version.
        name = getattr(self.next_page, "__qualname__", type(self.next_page).__qualname__)
        return f"{type(self).__name__}({name})"

    def next(self, request: PageRequest, answer: PageAnswer) -> PageRequest | None:
        """Return the request that the function names."""
        if self.has_more(answer) is False:
            return None
        found = self.next_page(request, answer)
        if found is None:
            return None
        seen = after(request, answer)
        if isinstance(found, PageRequest):
            return PageRequest(found.params, found.json, found.url, records_before=seen)
        if isinstance(found, str):
            return PageRequest(url=url_of(answer.url, found), records_before=seen)
        if isinstance(found, Mapping) and all(isinstance(name, str) for name in found):
            return PageRequest(found, records_before=seen)
        raise ConfigurationError(
            "pagination",
            f"the function returned {type(found).__name__}",
            advice="Return a dict of query parameters, a URL, a PageRequest, or None after the last page.",
        )

    def warning(self, answer: PageAnswer) -> str | None:
        """Return a warning where the function ended the list at a page that looks like the first of several."""
        return more_than_one_page(answer)

    def to_dict(self) -> dict[str, Any]:
        """Raise: a function cannot be JSON.

        :raises ConfigurationError: always.
        """
        raise ConfigurationError("pagination", "is a function, which is no JSON", advice="Use one of the other styles.")
