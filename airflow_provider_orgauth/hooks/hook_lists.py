"""A hook's lists: many requests, which follow each other page by page and back off together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.client.settings import DEFAULT_CONCURRENCY
from airflow_provider_orgauth.hooks.hook_calls import HookCalls

if TYPE_CHECKING:
    import requests

    from airflow_provider_orgauth.hooks.async_pages import AsyncPages
    from airflow_provider_orgauth.hooks.pages import Pages
    from airflow_provider_orgauth.paging import Pagination


class HookLists(HookCalls):
    """What an :class:`~.orgauth.OrgAuthHook` reads page by page."""

    def paginate(
        self,
        endpoint: str,
        *,
        pagination: Pagination | Mapping[str, Any] | str | Callable[..., Any] | None,
        params: Mapping[str, Any] | None = None,
        records: str | None = None,
        method: str = "GET",
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        max_concurrency: int = DEFAULT_CONCURRENCY,
    ) -> Pages:
        """Return the records of a list, page after page, fetched while they are iterated.

        ::

            for device in hook.paginate("/api/v1/organization/devices", pagination=PageNumberPagination()):
                print(device["name"])

        Pages that are known ahead are fetched several at once, and come in order all the same. For whole pages,
        iterate ``hook.paginate(...).pages()``: a list of records for each.

        :param endpoint: a path on the server.
        :param pagination: the style, such as :class:`PageNumberPagination`; or a dict of its fields, or its name, or a
            function; None: the answer is all there is, and where it says that there is more, that is an error, unless
            the query names the page; ``"single"``: one page is what is wanted.
        :param params: the query. A page size, and a page to begin with, are taken from it.
        :param records: where the records are in an answer, as keys joined by dots, such as ``data.items``; empty: the
            answer itself is the array; None: the one array in it, or the answer itself.
        :param json: a body to send as JSON, with ``method="POST"``.
        :param max_concurrency: how many pages are fetched at once, at most; 1: one after the other.
        :raises PaginationError: the pages go in circles, or never end.
        :raises TruncatedListError: there is more, and ``pagination`` does not say how to get it.
        :raises ResponseError: a page is not JSON, or has no records where they should be.
        :raises OrgAuthError: as :meth:`run`.
        """
        from airflow_provider_orgauth.hooks.pages import Pages, list_of

        the_list = list_of(endpoint, pagination, params, records=records, method=method, json=json, headers=headers)
        return Pages(**the_list, max_concurrency=max_concurrency, walking=self._walking)

    def paginate_async(
        self,
        endpoint: str,
        *,
        pagination: Pagination | Mapping[str, Any] | str | Callable[..., Any] | None,
        params: Mapping[str, Any] | None = None,
        records: str | None = None,
        method: str = "GET",
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        max_concurrency: int = DEFAULT_CONCURRENCY,
    ) -> AsyncPages:
        """Return the records of a list for ``async for``; else as :meth:`paginate`, with its arguments and errors.

        ::

            async for device in hook.paginate_async("/api/v1/organization/devices", pagination="page_number"):
                print(device["name"])

        For whole pages, ``async for page in hook.paginate_async(...).pages()``. To stop early, use the iterator in
        ``contextlib.aclosing``: leaving that ends what is fetched ahead.
        """
        from airflow_provider_orgauth.hooks.async_pages import AsyncPages
        from airflow_provider_orgauth.hooks.pages import list_of

        the_list = list_of(endpoint, pagination, params, records=records, method=method, json=json, headers=headers)
        return AsyncPages(**the_list, max_concurrency=max_concurrency, walking=self._walking_async)

    @contextmanager
    def _walking(self, max_concurrency: int) -> Iterator[Callable[..., requests.Response]]:
        """Give a :meth:`run` whose requests back off together; after the walk, none waits or is sent any more."""
        from airflow_provider_orgauth.client.throttle import Throttle
        from airflow_provider_orgauth.client.walk_session import WalkSession

        retry = replace(self._retry, cancelled=self._cancelled.part())
        throttle = Throttle(max_concurrency, retry, self._rate_limit(retry), observer=self.observer)
        session = WalkSession(self._session, throttle, retry)
        try:
            yield partial(self._run_in, session)
        finally:
            retry.cancelled.set()

    @asynccontextmanager
    async def _walking_async(self, max_concurrency: int) -> AsyncIterator[Callable[..., Awaitable[requests.Response]]]:
        """Give a :meth:`run_async` for one walk; see :meth:`_walking`."""
        session = await self._loops.shared()
        stop = self._cancelled.part()
        try:
            yield partial(self._run_async_in, session.for_walk(stop, max_concurrency))
        finally:
            stop.set()
