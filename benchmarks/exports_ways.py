"""The ways to fetch every device: what users do today, what they could do, and ours.

A way is made first (imports, hooks, sessions: no request) and called later: the call is the export, and returns how
many records it has seen.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exports_server import LOGIN, PAGE_SIZE, PASSWORD
from token_per_call import TOKEN_URL_VARIABLE, TokenPerCall
from workplace import HTTP_CONN, ORG_CONN

if TYPE_CHECKING:
    import aiohttp
    import requests

DEVICES = "/api/v1/organization/devices"
FILE = "devices.jsonl"


@dataclass(frozen=True)
class Place:
    """Where an export happens.

    Args:
        url: the server's.
        pages: how many it has.
        folder: for files; empty.
    """

    url: str
    pages: int
    folder: Path


Export = Callable[[], int]


def http_operator(place: Place) -> Export:
    """Airflow's HttpOperator as its documentation pages, with a token for each call.

    The documented form ends with the list of texts. To have records, users parse again in `response_filter`, and
    Airflow then writes them into its database: both are left out, in this peer's favour.
    """
    from airflow.providers.http.operators.http import HttpOperator

    os.environ[TOKEN_URL_VARIABLE] = f"{place.url}/oauth2/token"
    seen = 0

    def next_page(response: requests.Response) -> dict[str, Any] | None:
        nonlocal seen
        answer = response.json()
        page, seen = seen // PAGE_SIZE + 1, seen + len(answer["content"])
        return {"data": {"page": page}} if seen < answer["totalElements"] else None

    operator = HttpOperator(
        task_id="export",
        http_conn_id=HTTP_CONN,
        method="GET",
        endpoint=DEVICES,
        data={"page": 0, "size": PAGE_SIZE},
        auth_type=TokenPerCall,
        pagination_function=next_page,
    )

    def export() -> int:
        texts = operator.execute({})
        return seen if len(texts) == place.pages else -1

    return export


def dlt(place: Place) -> Export:
    """dlt's RESTClient: pages in turn, none kept. It needs no pipeline, so none is measured."""
    from dlt.sources.helpers.rest_client import RESTClient
    from dlt.sources.helpers.rest_client.auth import OAuth2ClientCredentials
    from dlt.sources.helpers.rest_client.paginators import PageNumberPaginator

    class InQueryAndHeader(OAuth2ClientCredentials):
        """Sends grant and credentials where the Organization API wants them; dlt's own POST is a form."""

        def build_access_token_request(self) -> dict[str, Any]:
            return {"params": {"grant_type": "client_credentials"}, "auth": (self.client_id, self.client_secret)}

    client = RESTClient(
        base_url=place.url,
        auth=InQueryAndHeader(access_token_url=f"{place.url}/oauth2/token", client_id=LOGIN, client_secret=PASSWORD),
        # It knows totals in pages only, not in records.
        paginator=PageNumberPaginator(base_page=0, page_param="page", total_path=None, maximum_page=place.pages),
        data_selector="content",
    )
    return lambda: sum(len(page) for page in client.paginate(DEVICES, params={"size": PAGE_SIZE}))


def requests_loop(place: Place, *, keep: bool = False) -> Export:
    """A loop that only parses: no file, no retry, no second token. With `keep`, all records are held."""
    import requests

    session = requests.Session()

    def export() -> int:
        grant = {"grant_type": "client_credentials"}
        answer = _json(session.post(f"{place.url}/oauth2/token", params=grant, auth=(LOGIN, PASSWORD), timeout=30))
        session.headers["Authorization"] = f"Bearer {answer['access_token']}"
        kept: list[Any] = []
        page = seen = 0
        while True:
            query = {"page": page, "size": PAGE_SIZE}
            answer = _json(session.get(f"{place.url}{DEVICES}", params=query, timeout=30))
            seen += len(answer["content"])
            if keep:
                kept += answer["content"]
            if seen >= answer["totalElements"]:
                return seen
            page += 1

    return export


def _json(response: requests.Response) -> Any:
    response.raise_for_status()
    return response.json()


def aiohttp_limit(place: Place, *, concurrency: int) -> Export:
    """What nobody beats with this library: every page is known before, bodies are read and dropped."""
    import asyncio

    import aiohttp

    async def export() -> int:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=concurrency)) as session:
            session.headers["Authorization"] = f"Bearer {await aiohttp_token(session, place.url)}"
            pages = iter(range(place.pages))

            async def read() -> int:
                seen = 0
                for page in pages:
                    async with session.get(f"{place.url}{DEVICES}?page={page}&size={PAGE_SIZE}") as response:
                        response.raise_for_status()
                        body = await response.read()
                    # Counting records in each would be work that a limit has not. No page is empty or cut.
                    seen += PAGE_SIZE if body.endswith(b"}") and len(body) > PAGE_SIZE else 0
                return seen

            return sum(await asyncio.gather(*(read() for _ in range(concurrency))))

    return lambda: asyncio.run(export())


async def aiohttp_token(session: aiohttp.ClientSession, url: str) -> str:
    """Ask for a token with nothing but aiohttp."""
    import aiohttp

    grant = {"grant_type": "client_credentials"}
    async with session.post(f"{url}/oauth2/token", params=grant, auth=aiohttp.BasicAuth(LOGIN, PASSWORD)) as response:
        response.raise_for_status()
        return str((await response.json())["access_token"])


def records(place: Place, *, concurrency: int | None = None) -> Export:
    """Our hook: every record as a dict, none kept."""
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
    from airflow_provider_orgauth.paging import PageNumberPagination

    hook = OrgAuthHook(ORG_CONN)
    pages = hook.paginate(DEVICES, pagination=PageNumberPagination(), **_chosen(concurrency))
    return lambda: sum(1 for _ in pages)


def file(place: Place, *, concurrency: int | None = None) -> Export:
    """Our operator: a JSONL file under its final name, and the manifest."""
    from airflow_provider_orgauth.operators.org_api import OrgApiOperator
    from airflow_provider_orgauth.paging import PageNumberPagination

    operator = OrgApiOperator(
        task_id="export",
        org_conn_id=ORG_CONN,
        endpoint=DEVICES,
        pagination=PageNumberPagination(),
        output_path=(place.folder / FILE).as_uri(),
        **_chosen(concurrency),
    )
    return lambda: int(operator.execute({})["records"])


def _chosen(concurrency: int | None) -> dict[str, Any]:
    return {} if concurrency is None else {"max_concurrency": concurrency}


HTTP_OPERATOR, DLT, LOOP, LOOP_KEEPS = "HttpOperator", "dlt", "requests loop", "requests loop, kept"
AIOHTTP_16, AIOHTTP_8 = "aiohttp limit, 16", "aiohttp limit, 8"
FILE_16, FILE_DEFAULT, RECORDS = "ours to JSONL, 16", "ours to JSONL", "ours, records"
WAYS: Mapping[str, Callable[[Place], Export]] = {
    HTTP_OPERATOR: http_operator,
    DLT: dlt,
    LOOP: requests_loop,
    LOOP_KEEPS: partial(requests_loop, keep=True),
    AIOHTTP_8: partial(aiohttp_limit, concurrency=8),
    AIOHTTP_16: partial(aiohttp_limit, concurrency=16),
    RECORDS: records,
    FILE_DEFAULT: file,
    FILE_16: partial(file, concurrency=16),
}
OURS = (RECORDS, FILE_DEFAULT, FILE_16)
