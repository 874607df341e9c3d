"""``OrgAuthHook.paginate``: a list's records, or its pages, from one endpoint."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.client.next_link import refused_link
from airflow_provider_orgauth.client.page_threads import fetched_pages
from airflow_provider_orgauth.client.settings import check_max_concurrency
from airflow_provider_orgauth.exceptions import (
    ApiError,
    ConfigurationError,
    ForeignOriginError,
    OrgAuthError,
    ResponseError,
)
from airflow_provider_orgauth.paging import PageAnswer, PageRequest, Pagination, pagination_of
from airflow_provider_orgauth.paging.paginator import Page, Paginator
from airflow_provider_orgauth.paging.style_choice import check_records
from airflow_provider_orgauth.paging.truncation import names_a_page, truncated

if TYPE_CHECKING:
    import requests

log = logging.getLogger(__name__)

NO_CONTENT = 204

_SAY_SO = (
    "For all of them, say in pagination how pages follow each other, such as PageNumberPagination(); for the records "
    'of this one page, say pagination="single".'
)

_WRONG_TOTAL = (
    "The total may be that of the page: correct pagination.total, or set it to None to read to an empty page."
)

See = Callable[["requests.Response"], None] | None

Params = Mapping[str, Any] | Iterable[tuple[str, Any]] | None


@dataclass(frozen=True, slots=True)
class ListRequest:
    """The part of the requests for a list that is the same for each page.

    :param params: the query, as a mapping or pairs.
    :param json: a body to send as JSON.
    :param records: where the records are in an answer, as keys joined by dots; None: the one array in it.
    """

    endpoint: str
    method: str = "GET"
    params: Params = None
    json: Any = None
    headers: Mapping[str, str] | None = None
    records: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.params, str | bytes):
            raise ConfigurationError("params", "is a text", advice="Give a dict: each page changes some of it.")
        check_records(self.records)
        if self.params is not None and not isinstance(self.params, Mapping):
            object.__setattr__(self, "params", list(self.params))  # each page wants them again

    def about(self, page: PageRequest) -> dict[str, Any]:
        """Return the arguments of :meth:`OrgAuthHook.run` for one page."""
        return {
            "endpoint": self.endpoint if page.url is None else page.url,
            "method": self.method,
            "params": None if page.url is not None else self._params(page.params),
            "json": self._body(page.json),
            "headers": self.headers,
        }

    def answer(
        self,
        page: PageRequest,
        outcome: requests.Response | OrgAuthError,
        see: See = None,
        *,
        end_statuses: tuple[int, ...] = (),
    ) -> PageAnswer:
        """Return the answer to the request for one page; raise its error unless it says that the list has ended.

        :param end_statuses: error statuses that mean "past the end".
        """
        match outcome:
            case ForeignOriginError() if page.url is not None and outcome.problem:
                raise refused_link(page.url, outcome)
            case ApiError() if outcome.status in end_statuses:
                return PageAnswer(b"", {}, records_path=self.records, end_status=outcome.status)
            case OrgAuthError():
                raise outcome
        return self._answer(outcome, see)

    def _answer(self, response: requests.Response, see: See) -> PageAnswer:
        if see is not None:
            see(response)
        if not response.content and response.status_code != NO_CONTENT:
            raise ResponseError(
                f"A page of {self.endpoint} is empty: not even an array.",
                advice="Check what answers at Server address.",
                status=response.status_code,
            )
        return PageAnswer(response.content, response.headers, response.url, records_path=self.records)

    def _params(self, of_page: Mapping[str, Any]) -> Any:
        params = self.params
        if params is None or isinstance(params, Mapping):
            return {**(params or {}), **of_page}
        return [*(pair for pair in params if pair[0] not in of_page), *of_page.items()]

    def _body(self, of_page: Mapping[str, Any]) -> Any:
        if not of_page:
            return self.json
        if not isinstance(self.json, Mapping | None):
            raise ConfigurationError("json", "is no object", advice="pagination puts fields of its own into it.")
        return {**(self.json or {}), **of_page}


@dataclass(frozen=True, kw_only=True)
class ListPages:
    """The pages of a list: what fetching them with threads and with tasks has in common."""

    request: ListRequest
    style: Pagination
    max_concurrency: int
    see: See = field(default=None, repr=False)
    """Called with the answer of each page, where it was fetched."""
    one_page_is_meant: bool = False
    """True where the caller asked for one page, and not for the whole list."""

    def __post_init__(self) -> None:
        check_max_concurrency(self.max_concurrency)

    def answer(self, page: PageRequest, outcome: requests.Response | OrgAuthError) -> PageAnswer:
        """Return the answer to the request for a page; see :meth:`ListRequest.answer`."""
        # On the first page nobody could tell an empty list from a wrong endpoint.
        may_end = () if page == self.style.first() else self.style.end_statuses
        return self.request.answer(page, outcome, self.see, end_statuses=may_end)

    def refuse_one_page(self, paginator: Paginator) -> None:
        """Refuse a page before it is handed over, so that none of it is kept, where more was to follow."""
        if paginator.sign_of_more is not None and not self.one_page_is_meant:
            advice = _WRONG_TOTAL if self.style.type in ("page_number", "offset") else _SAY_SO
            raise truncated(f"The answer of {self.request.endpoint}", paginator.sign_of_more, advice)

    def tell_end(self, paginator: Paginator) -> None:
        """Say in the log what is doubtful about the end of the list."""
        if paginator.warning is not None:
            level = logging.INFO if self.style.type == "single" else logging.WARNING
            log.log(level, "The first page was taken for all there is, though %s.", paginator.warning)
        elif paginator.missing is not None:
            log.warning("The list of %s ended, though %s.", self.request.endpoint, paginator.missing)


@dataclass(frozen=True, kw_only=True)
class Pages(ListPages):
    """The records of a list, fetched as they are asked for.

    ::

        for page in hook.paginate("/api/v1/organization/devices", pagination=PageNumberPagination()).pages():
            print(len(page), "devices")

    Iterating gives one record after the other, decoded; :meth:`pages` gives the records of each page as a list. Each
    iteration fetches again.
    """

    walking: Callable[[int], AbstractContextManager[Callable[..., requests.Response]]] = field(repr=False)
    """Called with the number of requests at once, for each iteration: gives what sends them."""

    def __iter__(self) -> Iterator[Any]:
        for page in self.pages():
            yield from page

    def pages(self) -> Iterator[list[Any]]:
        """Yield the records of each page as a list."""
        for page in self.undecoded(Paginator(self.style)):
            yield page.decoded()

    def undecoded(self, paginator: Paginator) -> Iterator[Page]:
        """Yield the pages of ``paginator``, their records as the bytes that came."""
        with self.walking(self.max_concurrency) as run:

            def fetch(page: PageRequest) -> PageAnswer:
                outcome: requests.Response | OrgAuthError
                try:
                    outcome = run(**self.request.about(page))
                except (ApiError, ForeignOriginError) as error:
                    outcome = error
                return self.answer(page, outcome)

            for page in fetched_pages(paginator, fetch, max_concurrency=self.max_concurrency):
                self.refuse_one_page(paginator)
                yield page
        self.refuse_one_page(paginator)
        self.tell_end(paginator)


def list_of(
    endpoint: str,
    pagination: Pagination | Mapping[str, Any] | str | Callable[..., Any] | None,
    params: Mapping[str, Any] | None,
    **about: Any,
) -> dict[str, Any]:
    """Return the fields of :class:`ListPages` that say which list it is; as :meth:`OrgAuthHook.paginate`.

    :param about: further fields of :class:`ListRequest`.
    """
    request = ListRequest(endpoint, params=params, **about)
    json = about.get("json")
    style = pagination_of(pagination)
    style = style.adopt(dict(request.params or {}), json if isinstance(json, Mapping) else None)
    is_meant = names_a_page(params, json, endpoint) if pagination is None else style.type in ("single", "callable")
    return {"request": request, "style": style, "one_page_is_meant": is_meant}
