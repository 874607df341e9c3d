"""A hook's single calls: a request and its answer, waiting for it or on an event loop, and the token for one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.hooks.hook_parts import HookParts

if TYPE_CHECKING:
    import requests

    from airflow_provider_orgauth.client.aio.session import AsyncOrgSession
    from airflow_provider_orgauth.client.auth import BearerAuth
    from airflow_provider_orgauth.client.session import OrgSession
    from airflow_provider_orgauth.client.submission_session import Arrival


class HookCalls(HookParts):
    """What an :class:`~.orgauth.OrgAuthHook` sends one by one."""

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

    def submitting(self, arrival: Arrival) -> Callable[..., requests.Response]:
        """Return a :meth:`run` that notes in ``arrival`` whether the server may have done what was asked."""
        from airflow_provider_orgauth.client.submission_session import SubmissionSession

        return partial(self._run_in, SubmissionSession(self._session, arrival))
