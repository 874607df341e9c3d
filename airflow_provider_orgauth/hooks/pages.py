"""``OrgAuthHook.paginate``: a list's records, or its pages, from one endpoint."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.client.next_link import refused_link
from airflow_provider_orgauth.client.pages import fetched
from airflow_provider_orgauth.client.settings import check_max_concurrency
from airflow_provider_orgauth.exceptions import ApiError, ConfigurationError, ForeignOriginError, ResponseError
from airflow_provider_orgauth.paging import PageAnswer, PageRequest, Pagination
from airflow_provider_orgauth.paging.styles import check_records
from airflow_provider_orgauth.paging.truncation import truncated
from airflow_provider_orgauth.paging.walk import Page, Walk

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

    def fetch(
        self,
        run: Callable[..., requests.Response],
        page: PageRequest,
        see: See = None,
        *,
        end_statuses: tuple[int, ...] = (),
    ) -> PageAnswer:
        """Send the request for one page through ``run``, which is :meth:`OrgAuthHook.run`.

        :param end_statuses: error statuses that mean "past the end".
        """
        try:
            response = self._asked(run, page)
        except ForeignOriginError as error:
            if page.url is None or not error.problem:
                raise
            refused = refused_link(page.url, error)
        except ApiError as error:
            if error.status not in end_statuses:
                raise
            return PageAnswer(b"", {}, records_path=self.records, end_status=error.status)
        else:
            return self._answer(response, see)
        raise refused

    def _asked(self, run: Callable[..., requests.Response], page: PageRequest) -> requests.Response:
        return run(
            self.endpoint if page.url is None else page.url,
            method=self.method,
            params=None if page.url is not None else self._params(page.params),
            json=self._body(page.json),
            headers=self.headers,
        )

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


@dataclass(frozen=True, slots=True)
class Pages:
    """The records of a list, fetched as they are asked for.

    Iterating gives one record after the other, decoded; :meth:`pages` gives the records of each page as a list. Each
    iteration fetches again.
    """

    request: ListRequest
    style: Pagination
    max_concurrency: int
    walking: Callable[[int], AbstractContextManager[Callable[..., requests.Response]]] = field(repr=False)
    """Called with the number of requests at once, for each iteration: gives what sends them."""
    see: See = field(default=None, repr=False)
    """Called with the answer of each page, in the thread that fetched it."""
    one_page_is_meant: bool = False
    """True where the caller asked for one page, and not for the whole list."""

    def __post_init__(self) -> None:
        check_max_concurrency(self.max_concurrency)

    def __iter__(self) -> Iterator[Any]:
        for page in self.pages():
            yield from page

    def pages(self) -> Iterator[list[Any]]:
        """Yield the records of each page as a list."""
        for page in self.undecoded(Walk(self.style)):
            yield page.decoded()

    def undecoded(self, walk: Walk) -> Iterator[Page]:
        """Yield the pages of ``walk``, their records as the bytes that came."""
        first, end_statuses = self.style.first(), self.style.end_statuses
        with self.walking(self.max_concurrency) as run:

            def fetch(page: PageRequest) -> PageAnswer:
                # On the first page nobody could tell an empty list from a wrong endpoint.
                may_end = () if page == first else end_statuses
                return self.request.fetch(run, page, self.see, end_statuses=may_end)

            for page in fetched(walk, fetch, max_concurrency=self.max_concurrency):
                self._refuse_one_page(walk)
                yield page
        self._refuse_one_page(walk)
        if walk.doubt is not None:
            level = logging.INFO if self.style.type == "single" else logging.WARNING
            log.log(level, "The first page was taken for all there is, though %s.", walk.doubt)
        elif walk.missing is not None:
            log.warning("The list of %s ended, though %s.", self.request.endpoint, walk.missing)

    def _refuse_one_page(self, walk: Walk) -> None:
        """Refuse a page before it is handed over, so that none of it is kept."""
        if walk.sign_of_more is not None and not self.one_page_is_meant:
            advice = _WRONG_TOTAL if self.style.type in ("page_number", "offset") else _SAY_SO
            raise truncated(f"The answer of {self.request.endpoint}", walk.sign_of_more, advice)
