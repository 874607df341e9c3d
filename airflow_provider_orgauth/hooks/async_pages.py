"""``OrgAuthHook.paginate_async``: a list's records, or its pages, on an event loop."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.client.aio.page_tasks import READ_ON_THE_LOOP_BYTES, fetched_pages
from airflow_provider_orgauth.client.aio.threads import in_thread
from airflow_provider_orgauth.exceptions import ApiError, ForeignOriginError, OrgAuthError
from airflow_provider_orgauth.hooks.pages import ListPages
from airflow_provider_orgauth.paging import PageAnswer, PageRequest
from airflow_provider_orgauth.paging.paginator import Page, Paginator

if TYPE_CHECKING:
    import requests


@dataclass(frozen=True, kw_only=True)
class AsyncPages(ListPages):
    """The records of a list, fetched as they are asked for; see :class:`~.pages.Pages`.

    ::

        from contextlib import aclosing

        devices = hook.paginate_async("/api/v1/organization/devices", pagination="page_number")
        async with aclosing(devices.pages()) as pages:
            async for page in pages:
                print(len(page))
                break
    """

    walking: Callable[[int], AbstractAsyncContextManager[Callable[..., Awaitable[requests.Response]]]] = field(
        repr=False
    )
    """Called with the number of requests at once, for each iteration: gives what sends them."""

    async def __aiter__(self) -> AsyncIterator[Any]:
        async with aclosing(self.pages()) as pages:
            async for page in pages:
                for record in page:
                    yield record

    async def pages(self) -> AsyncGenerator[list[Any]]:
        """Yield the records of each page as a list."""
        async with aclosing(self.undecoded(Paginator(self.style))) as pages:
            async for page in pages:
                is_large = sum(map(len, page.records)) > READ_ON_THE_LOOP_BYTES
                yield await in_thread(page.decoded) if is_large else page.decoded()

    async def undecoded(self, paginator: Paginator) -> AsyncGenerator[Page]:
        """Yield the pages of ``paginator``, their records as the bytes that came."""
        async with self.walking(self.max_concurrency) as run:

            async def fetch(page: PageRequest) -> PageAnswer:
                outcome: requests.Response | OrgAuthError
                try:
                    outcome = await run(**self.request.about(page))
                except (ApiError, ForeignOriginError) as error:
                    outcome = error
                return self.answer(page, outcome)

            async with aclosing(fetched_pages(paginator, fetch, max_concurrency=self.max_concurrency)) as pages:
                async for page in pages:
                    self.refuse_one_page(paginator)
                    yield page
        self.refuse_one_page(paginator)
        self.tell_end(paginator)
