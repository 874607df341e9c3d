"""``OrgAuthHook``: an authenticated call from any task."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth import forks
from airflow_provider_orgauth.client.cancellation import CancelEvent
from airflow_provider_orgauth.client.settings import DEFAULT_CONCURRENCY
from airflow_provider_orgauth.compat import BaseHook
from airflow_provider_orgauth.exceptions import ConfigurationError, OrgAuthError
from airflow_provider_orgauth.hooks.connection_type import CONNECTION_TYPE, HOOK_NAME
from airflow_provider_orgauth.hooks.loop_sessions import LoopSessions
from airflow_provider_orgauth.hooks.once import once

if TYPE_CHECKING:
    import requests

    from airflow_provider_orgauth.cache.seal import Seal
    from airflow_provider_orgauth.cache.token_state import Actor
    from airflow_provider_orgauth.cache.variable_text import MakeVariable
    from airflow_provider_orgauth.client.aio.session import AsyncOrgSession
    from airflow_provider_orgauth.client.auth import BearerAuth
    from airflow_provider_orgauth.client.download_session import TakeAnswer
    from airflow_provider_orgauth.client.observer import Observer
    from airflow_provider_orgauth.client.rate_limit import RateLimit
    from airflow_provider_orgauth.client.retry_policy import RetryPolicy
    from airflow_provider_orgauth.client.session import OrgSession
    from airflow_provider_orgauth.client.submission_session import Arrival
    from airflow_provider_orgauth.client.token_source import TokenSource
    from airflow_provider_orgauth.client.transport import BoundedAdapter
    from airflow_provider_orgauth.compat import ObjectStoragePath
    from airflow_provider_orgauth.hooks.async_pages import AsyncPages
    from airflow_provider_orgauth.hooks.connection import ConnectionSettings
    from airflow_provider_orgauth.hooks.pages import Pages
    from airflow_provider_orgauth.oauth.renewal_report import RenewalReport
    from airflow_provider_orgauth.oauth.store import TokenStore
    from airflow_provider_orgauth.paging import Pagination


class OrgAuthHook(BaseHook):
    """Calls the API of one ``orgauth`` connection with a token that is valid now.

    ::

        hook = OrgAuthHook("orgauth_default")
        hook.run("/api/v1/organization/profile").json()

    Nothing is looked up before it is needed: making a hook costs nothing, and the connection is read once.

    :param org_conn_id: the id of the connection.
    :param clock: epoch seconds; tests give their own.
    :param sleep: waits between attempts, in seconds; None waits so that :meth:`cancel` ends it early.
    :param max_attempts: how often a request is sent at most, the first time included; None: as the connection says.
    """

    conn_name_attr = "org_conn_id"
    default_conn_name = "orgauth_default"
    conn_type = CONNECTION_TYPE
    hook_name = HOOK_NAME

    def __init__(
        self,
        org_conn_id: str = default_conn_name,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] | None = None,
        max_attempts: int | None = None,
    ) -> None:
        super().__init__()
        if max_attempts is not None and (type(max_attempts) is not int or max_attempts < 1):
            raise ConfigurationError("max_attempts", "is no number of attempts", advice="Write 1 or more.")
        self.org_conn_id = org_conn_id
        self._clock = clock
        self._sleep = sleep
        self._max_attempts = max_attempts
        self._cancelled = CancelEvent()
        self._loops = LoopSessions(lambda: self._session, self._cancelled)
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        """Keep what was looked up."""
        self.making = threading.RLock()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as what it was made from: the connection's id, and nothing that was looked up with it."""
        made_by: Callable[..., OrgAuthHook] = type(self)
        if self._max_attempts is not None:  # which the class of a user may not take
            made_by = partial(made_by, max_attempts=self._max_attempts)
        return made_by, (self.org_conn_id,)

    @staticmethod
    def get_connection_form_widgets() -> dict[str, Any]:
        """Return the form's fields, for Airflow before 3.2; later versions read the provider info."""
        from airflow_provider_orgauth.hooks.widgets import connection_form_widgets

        return connection_form_widgets()

    @staticmethod
    def get_ui_field_behaviour() -> dict[str, Any]:
        """Return the form's standard fields, for Airflow before 3.2; later versions read the provider info."""
        from airflow_provider_orgauth.hooks.widgets import ui_field_behaviour

        return ui_field_behaviour()

    def get_access_token(self) -> str:
        """Return an access token that is valid now, renewed if it had to be.

        :raises TokenError: there is none, with the reason and what to do.
        """
        return self._tokens.token().access_token

    @property
    def auth(self) -> BearerAuth:
        """Return a ``requests`` auth for a session of your own.

        ::

            import requests

            requests.get("https://fra1.blynk.cloud/api/v1/organization/profile", auth=hook.auth, timeout=30)

        It signs requests to the connection's server only, and renews and replays after a 401. It may be deep-copied,
        and pickled: what is kept is the connection's id.
        """
        from airflow_provider_orgauth.client.api_header import ApiHeader
        from airflow_provider_orgauth.hooks.hook_auth import HookAuth

        settings = self._settings
        header = ApiHeader.of(settings.http.api_header)
        return HookAuth(type(self), self.org_conn_id, self._tokens, settings.server, header)

    @property
    def seal(self) -> Seal:
        """Return the seal for what is stored where others may read it: it opens with this connection's secret only."""
        from airflow_provider_orgauth.cache.seal import seal_of

        return seal_of(self._settings.client)

    @property
    def fingerprint(self) -> str:
        """Return a digest of what the connection contributes to each request: its server and its headers.

        The client's secret is part of it, so that no header's value can be guessed from it.
        """
        import hashlib
        import json

        settings = self._settings
        parts = [settings.client.fingerprint, settings.server.origin, sorted(settings.http.headers.items())]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @property
    def retry_statuses(self) -> frozenset[int]:
        """Return the statuses that the connection adds to those after which a request is repeated."""
        return self._settings.http.retry_statuses

    @property
    def origin(self) -> str:
        """Return the scheme, host and port of the connection's server."""
        return self._settings.server.origin

    def is_up_to_date(self) -> bool:
        """Return whether the connection still says what this hook has read of it. It is read again."""
        from airflow_provider_orgauth.hooks.connection_lookup import settings_of

        try:
            return settings_of(self.org_conn_id, self.get_connection) == self._settings
        except OrgAuthError:
            return False

    def get_conn(self) -> requests.Session:
        """Return the session: relative paths, a token on every request, retries, timeouts.

        ::

            session = hook.get_conn()
            session.get("/api/v1/organization/profile", params={"branches": True}).json()

        It is the same session each time, so that connections are used again. It raises what ``requests`` raises; for
        one typed error per cause use :meth:`run`.
        """
        return self._session

    def run(
        self,
        endpoint: str,
        *,
        method: str = "GET",
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        files: Any = None,
    ) -> requests.Response:
        """Send one request and return its answer, whose status is below 400.

        :param endpoint: a path on the server, such as ``/api/v1/organization/profile``.
        :param params: the query, as a mapping, pairs or a text; ``client/query.py`` says what a value becomes.
        :param json: a body to send as JSON.
        :param data: a form as a mapping, or a body as bytes, text or a file.
        :param headers: added to the connection's default headers.
        :param files: a multipart body, as ``requests`` takes it.
        :raises ApiError: the answer's status is 400 or above.
        :raises ApiConnectionError: no answer came, after all attempts.
        :raises TaskStoppedError: :meth:`cancel` was called before it was sent, or sent once more.
        :raises ProxyRefusedError: a proxy wants credentials, or does not let the request through.
        :raises TokenError: there is no token to send.
        :raises ForeignOriginError: the endpoint or a redirect leads to another server.
        """
        return self._run_in(
            self._session, endpoint, method=method, params=params, json=json, data=data, headers=headers, files=files
        )

    def _run_in(self, session: OrgSession, endpoint: str, *, method: str = "GET", **about: Any) -> requests.Response:
        from airflow_provider_orgauth.client import api_errors, request_errors

        error: Exception | None
        try:
            response = session.answer_to(session.prepared(method, endpoint, **about))
            error = api_errors.api_error_of(response, clock=self._clock, further=self._retry.further_statuses)
        except Exception as failure:
            error = request_errors.error_of_call(failure)
        # Raised out here, the error has no context: requests' exceptions hold the request, and that the token. Nor has
        # it the frames it came through, whose variables hold tokens: there are tools that print them.
        if error is not None:
            raise error
        return response

    async def run_async(
        self,
        endpoint: str,
        *,
        method: str = "GET",
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        files: Any = None,
    ) -> requests.Response:
        """Send one request without holding up the event loop; else as :meth:`run`, with its arguments and errors.

        ::

            calls = [hook.run_async("/api/v1/organization/devices", params={"page": page}) for page in range(1, 4)]
            answers = await asyncio.gather(*calls)

        Of all that are under way on one loop, at most 64 are sent at once; the others wait their turn. Cancelling the
        task ends its request.
        """
        return await self._run_async_in(
            await self._loops.shared(),
            endpoint,
            method=method,
            params=params,
            json=json,
            data=data,
            headers=headers,
            files=files,
        )

    async def _run_async_in(
        self, session: AsyncOrgSession, endpoint: str, *, method: str = "GET", **about: Any
    ) -> requests.Response:
        from airflow_provider_orgauth.client.api_errors import api_error_of
        from airflow_provider_orgauth.client.request_errors import error_of_call

        error: BaseException | None
        try:
            response = await session.answer(method, endpoint, **about)
            error = api_error_of(response, clock=self._clock, further=self._retry.further_statuses)
        except asyncio.CancelledError as cancelled:
            error = cancelled.with_traceback(None)
        except Exception as failure:
            error = error_of_call(failure)
        if error is not None:
            raise error  # out here, for the reasons that _run_in has
        return response

    @asynccontextmanager
    async def async_session(self) -> AsyncIterator[AsyncOrgSession]:
        """Give a session for the running event loop, with connections of its own.

        ::

            async with hook.async_session() as session:
                response = await session.get("/api/v1/organization/profile")

        It raises what ``requests`` raises, as :meth:`get_conn` does; for one typed error per cause use
        :meth:`run_async`.
        """
        session = await self._loops.new()
        try:
            yield session
        finally:
            await session.close()

    async def aclose(self) -> None:
        """Close the connections that :meth:`run_async` has on the running event loop; a later call opens new ones."""
        await self._loops.close()

    def download(
        self,
        endpoint: str,
        path: str | os.PathLike[str] | ObjectStoragePath,
        *,
        method: str = "GET",
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        send_token: bool = True,
    ) -> dict[str, Any]:
        """Send one request and write the body of its answer to a file, piece by piece; return a manifest.

        ::

            manifest = hook.download("/api/v1/organization/report/7/pdf", "s3://aws_default@lake/report-7.pdf")

        The file appears under its name when it is complete. An answer that breaks off is asked for again, from the
        beginning, where :meth:`run` would ask again. No header of the answer has a say in the name.

        :param path: where to: a path, also a relative one, or any URL that ``ObjectStoragePath`` takes.
        :param send_token: False: ``endpoint`` is an https URL of any host, such as a signed link to a store, and gets
            neither the token nor the default headers of the connection.
        :returns: ``path``, ``bytes``, ``sha256`` (hex digits), ``status``, ``content_type``, ``etag``,
            ``last_modified``, ``doubt`` (why the file may not be whole, or None), ``overlap`` (another file
            that got the same name meanwhile, or None), ``duration`` (seconds).
        :raises ConfigurationError: no file system takes the path, or another instance of this mapped task writes there.
        :raises ResponseError: the answer has no file in it (202, 204), or one of another kind than the suffix says.
        :raises OrgAuthError: as :meth:`run`.
        :raises OSError: the file could not be written.
        """
        from airflow_provider_orgauth.exports.checkpoints import Checkpoints
        from airflow_provider_orgauth.hooks.downloads import DownloadRequest
        from airflow_provider_orgauth.hooks.file_claims import claimed_file, itself
        from airflow_provider_orgauth.hooks.storage import naming, storage_path
        from airflow_provider_orgauth.hooks.task_key import current_context, task_key

        request, context = DownloadRequest(endpoint, method, params, json, data, headers), current_context()
        with naming("path"):
            target = storage_path(path)
            with claimed_file(str(target), context, [*itself(context.get("ti"))]):
                manifest = request.to(
                    target,
                    self.handing_on if send_token else self.handing_on_link,
                    key=task_key(context),
                    checkpoints=Checkpoints(None, purpose={}),
                )
        if self.observer is not None:
            self.observer.exported(records=0, pages=0, size=manifest["bytes"])
        return manifest

    def handing_on(self, take: TakeAnswer) -> Callable[..., requests.Response]:
        """Return a :meth:`run` that gives a good answer's body to ``take``, in pieces; each attempt begins anew."""
        from airflow_provider_orgauth.client.download_session import DownloadSession

        return partial(self._run_in, DownloadSession(self._session, take))

    def handing_on_link(self, take: TakeAnswer) -> Callable[..., requests.Response]:
        """Return the same for a link to any host: it is sent without the token and without the default headers."""
        from airflow_provider_orgauth.client.link_session import LinkSession
        from airflow_provider_orgauth.hooks.link_errors import as_of_link

        return as_of_link(partial(self._run_in, LinkSession(self._session, take)))

    def submitting(self, arrival: Arrival) -> Callable[..., requests.Response]:
        """Return a :meth:`run` that notes in ``arrival`` whether the server may have done what was asked."""
        from airflow_provider_orgauth.client.submission_session import SubmissionSession

        return partial(self._run_in, SubmissionSession(self._session, arrival))

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

    def _rate_limit(self, retry: RetryPolicy) -> RateLimit | None:
        settings = self._settings
        if settings.http.rate_limit is None:
            return None
        from airflow_provider_orgauth.client.rate_limit import RateLimit

        key = f"{settings.server.origin} {settings.client.client_id}"
        return RateLimit(settings.http.rate_limit, key, retry, observer=self.observer)

    def test_connection(self) -> tuple[bool, str]:
        """Ask for one token and say what worked or what to change. Reads no cache and leaves nothing behind."""
        from airflow_provider_orgauth.hooks.connection_check import checked

        try:
            settings = self._settings
        except OrgAuthError as error:
            return False, str(error)
        if settings.client.refresh_token is not None:
            from airflow_provider_orgauth.hooks.refresh_check import checked_by_refresh

            return checked_by_refresh(settings, self._retry)
        return checked(settings, self._retry)

    def url(self, endpoint: str) -> str:
        """Return the absolute URL of an endpoint: of a path on the connection's server, or of a URL there.

        :raises ForeignOriginError: it is not valid, or on another server.
        """
        return self._settings.server.url(endpoint)

    @property
    def is_cancelled(self) -> bool:
        """Whether :meth:`cancel` was called."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """End waits and attempts of this hook: its task is being killed.

        Safe in a signal handler: it takes no lock that the interrupted code may hold, so another thread sets the event.
        """
        threading.Thread(target=self._cancelled.set, daemon=True).start()

    @once
    def _settings(self) -> ConnectionSettings:
        from airflow_provider_orgauth.hooks import masking
        from airflow_provider_orgauth.hooks.connection_lookup import settings_of
        from airflow_provider_orgauth.hooks.last_words import say_errors_last

        say_errors_last()
        settings = settings_of(self.org_conn_id, self.get_connection)
        masking.mask_client(settings.client)
        masking.mask_headers(settings.http.headers)
        return settings

    @once
    def observer(self) -> Observer | None:
        """Return who is told of requests, token requests, retries and waits; None: nobody."""
        from airflow_provider_orgauth.observers.choice import observer_of
        from airflow_provider_orgauth.observers.request_tally import request_tally

        settings = self._settings
        tally = request_tally(settings.client, self._clock) if settings.cache == "variable" else None
        return observer_of(self.org_conn_id, send_traceparent=settings.http.send_traceparent, tally=tally)

    @once
    def _retry(self) -> RetryPolicy:
        from airflow_provider_orgauth.client.retry_policy import RetryPolicy

        return RetryPolicy(
            self._max_attempts or self._settings.http.max_attempts,
            clock=self._clock,
            # A test's clock moves with its sleep; of the two real ones, only one cannot be set back.
            timer=time.monotonic if self._clock is time.time else self._clock,
            sleep=self._sleep,
            cancelled=self._cancelled,
            further_statuses=self._settings.http.retry_statuses,
        )

    @once
    def _tokens(self) -> TokenSource:
        from airflow_provider_orgauth.cache.store_choice import shared_store
        from airflow_provider_orgauth.client.token_endpoint import TokenEndpoint
        from airflow_provider_orgauth.hooks.token_sources import clock_of, token_source

        settings = self._settings
        clock = clock_of(settings, self._clock)
        endpoint = TokenEndpoint(
            settings.http,
            self._retry,
            self._announce,
            adapter=self._connections,
            clock=clock,
            observer=self.observer,
        )
        shared = shared_store(settings.cache, settings.client, variable=self._variable_text())
        return token_source(
            settings,
            endpoint,
            self._retry,
            shared,
            variable=self._variable_text(),
            on_renewal=self._note_renewal(shared),
            observer=self.observer,
        )

    def _variable_text(self) -> MakeVariable:
        """Return how a text is kept in a Variable here: in a task or a trigger, as every hook's."""
        from airflow_provider_orgauth.cache.variable_text import VariableText

        return VariableText

    def _actor(self) -> Actor:
        """Return who asks for tokens with this hook."""
        from airflow_provider_orgauth.hooks.renewal_record import task_actor

        return task_actor(self.org_conn_id)

    def _note_renewal(self, shared: TokenStore) -> Callable[[RenewalReport], None]:
        """Return what keeps account of renewals: where Variables are shared, beside the token; elsewhere nothing."""
        if self._settings.cache != "variable":
            return lambda _: None

        def note(report: RenewalReport) -> None:  # a process that renews nothing need not import any of it
            from airflow_provider_orgauth.cache.state_store import StateStore
            from airflow_provider_orgauth.hooks.renewal_record import RenewalRecord

            states = StateStore.of(self._settings.client, self._variable_text())
            RenewalRecord(self._settings.client, states, shared, self._clock, self._actor)(report)

        return note

    @once
    def _session(self) -> OrgSession:
        from airflow_provider_orgauth.client.session import OrgSession

        settings = self._settings
        return OrgSession(
            settings.server,
            self._tokens,
            settings.http,
            self._retry,
            self._announce,
            adapter=self._connections,
            admission=self._rate_limit(self._retry),
            observer=self.observer,
        )

    @once
    def _connections(self) -> BoundedAdapter:
        """Return the pool of open connections: the first call uses that of the token request again."""
        from airflow_provider_orgauth.client.settings import MAX_CONCURRENCY
        from airflow_provider_orgauth.client.transport import BoundedAdapter

        return BoundedAdapter(pool_maxsize=MAX_CONCURRENCY)

    def _announce(self, problem: str, wait: float, attempt: int) -> None:
        self.log.warning(
            "%s, attempt %d of %d; trying again in %.1f s.",
            problem[:1].upper() + problem[1:],
            attempt,
            self._retry.max_attempts,
            wait,
        )
