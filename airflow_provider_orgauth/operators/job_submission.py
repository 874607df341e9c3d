"""Submit a job once: note it before and after, and ask whether it runs where an earlier attempt may have sent it."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag, urljoin

from airflow_provider_orgauth.answers import response as answers
from airflow_provider_orgauth.answers.one_page import insist_on_whole
from airflow_provider_orgauth.client.submission_session import Arrival
from airflow_provider_orgauth.exceptions import ConfigurationError, ForeignOriginError, OrgAuthError, UnknownJobError
from airflow_provider_orgauth.oauth.text_redaction import one_line
from airflow_provider_orgauth.operators.job_requests import Handle, request_of

if TYPE_CHECKING:
    import requests

    from airflow_provider_orgauth.answers.request_arguments import RequestArguments
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
    from airflow_provider_orgauth.operators.job import Job
    from airflow_provider_orgauth.operators.job_state import JobState, Saved

log = logging.getLogger(__name__)


class Submission:
    """The submission of one job.

    :param request: what starts it.
    :param interval: from when to when it asks, for a next attempt.
    :param clock: epoch seconds.
    """

    def __init__(
        self,
        job: Job,
        request: RequestArguments,
        hook: OrgAuthHook,
        state: JobState,
        *,
        interval: Mapping[str, str],
        clock: Callable[[], float],
    ) -> None:
        self._job = job
        self._request = request
        self._hook = hook
        self._state = state
        self._interval = interval
        self._clock = clock

    def job(self, saved: Saved | None, *, is_a_retry: bool) -> Handle:
        """Return the job: the one that an earlier attempt left, one that is found to run, or a new one.

        :param saved: what an earlier attempt left.
        :param is_a_retry: it may have left something that was not kept.
        :raises UnknownJobError: it may have sent the submission, and nobody can be asked what became of it.
        """
        if saved is not None and saved.handle is not None:
            log.info("An earlier attempt has submitted the job %s: this one waits for it.", _named(saved.handle))
            return saved.handle
        if saved is not None or (is_a_retry and not self._state.is_kept):
            found = self._found(saved)
            if found is not None:
                return found
        return self._submitted()

    def _found(self, saved: Saved | None) -> Handle | None:
        if self._job.find is None:
            if saved is None:
                return None  # as nothing is kept, nobody can tell
            raise UnknownJobError(
                f"An earlier attempt of this task was about to send {self._where()}, and it is not known whether it "
                "did: the job may run, or not.",
                advice="Look there. Then clear the task to submit a new job, or mark it as success. With job.find, the "
                "task asks by itself.",
            )
        handle = self._asked(self._job.find)
        if handle is None:
            log.warning(
                "An earlier attempt may have been about to submit the job; job.find finds none: it is submitted."
            )
            return None
        log.info("The job %s runs already, as job.find shows: this attempt waits for it.", _named(handle))
        self._state.submitted(saved.key if saved is not None else "", handle, self._interval)
        return handle

    def _asked(self, find: Mapping[str, Any]) -> Handle | None:
        request = request_of("find", find, None)
        response = self._hook.run(request.endpoint, **request.about)
        found = answers.search(find["id"], answers.parsed(response), "job.find.id")
        if found is None or found in ("", []):
            insist_on_whole(response, request, pagination=None, response_filter=None)  # it may be on the next page
            return None
        if not _is_id(found):
            raise ConfigurationError(
                "job.find",
                f"its id is {type(found).__name__}",
                advice="Write one that finds a text or a number: … | [0].",
            )
        return Handle(found, None, self._clock())

    def _submitted(self) -> Handle:
        key, arrival = str(uuid.uuid4()), Arrival()
        request = self._with_key(key)
        self._state.intend(key, self._interval)
        try:
            response = self._hook.submitting(arrival)(request.endpoint, **request.about)
        except Exception:
            if not arrival.is_possible:
                self._state.clear()
            raise
        handle = self._handle_in(response)
        self._state.submitted(key, handle, self._interval)
        log.info("%s answered %d: the job %s is submitted.", self._where(), response.status_code, _named(handle))
        return handle

    def _with_key(self, key: str) -> RequestArguments:
        if self._job.key_header is None:
            return self._request
        return replace(self._request, headers={**(self._request.headers or {}), self._job.key_header: key})

    def _handle_in(self, response: requests.Response) -> Handle:
        job, location = self._job, self._location_in(response)
        found: Any = None
        if job.id is not None:
            try:
                found = answers.search(job.id, answers.parsed(response), "job.id")
            except OrgAuthError as error:
                raise self._unknown(response, f"and its answer cannot be read ({one_line(error.message)})") from None
            if not _is_id(found):
                raise self._unknown(response, f"and its answer has no id at job.id ({one_line(job.id)})")
        if location is None and self._needs_location:
            raise self._unknown(response, "without a Location header")
        return Handle(found, location, self._clock())

    def _location_in(self, response: requests.Response) -> str | None:
        given = response.headers.get("Location")
        if given is None or not self._needs_location:
            return None
        try:
            url = urldefrag(urljoin(response.url, given)).url
            self._hook.get_conn().prepared("GET", url)  # type: ignore[attr-defined]
        except ValueError:
            raise self._unknown(response, "with a Location header that is no URL") from None
        except ForeignOriginError as error:
            raise ForeignOriginError(
                f"The Location of the job that was submitted {error.problem}; it is not followed.",
                advice="Write the request in job.poll, or check Server address.",
                problem=error.problem,
                server=error.server,
            ) from None
        return url

    @property
    def _needs_location(self) -> bool:
        about = (self._job.poll or {}, self._job.result, self._job.cancel)
        return any(one is not None and "endpoint" not in one for one in about)

    def _unknown(self, response: requests.Response, why: str) -> UnknownJobError:
        return UnknownJobError(
            f"{self._where()} answered {response.status_code} {why}: the job may run, and cannot be waited for.",
            advice="Correct job.id or job.poll, look at the server whether it runs, and clear the task to submit anew.",
            status=response.status_code,
        )

    def _where(self) -> str:
        return f"{self._request.method} {one_line(self._request.endpoint.partition('?')[0])}"


def _is_id(found: Any) -> bool:
    return (isinstance(found, int) and not isinstance(found, bool)) or (isinstance(found, str) and found != "")


def _named(handle: Handle) -> str:
    """Return what a log calls a job: its id, or where it is, without the query."""
    if handle.id is not None:
        return one_line(str(handle.id))[:200]
    return one_line((handle.location or "").partition("?")[0])
