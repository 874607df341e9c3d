"""``OrgApiOperator``: one authenticated API call as a task."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from airflow_provider_orgauth.client.settings import DEFAULT_CONCURRENCY
from airflow_provider_orgauth.compat import BaseOperator
from airflow_provider_orgauth.hooks.last_words import say_errors_last
from airflow_provider_orgauth.operators.folder_link import FolderLink, may_have_folder_link
from airflow_provider_orgauth.operators.job import Job, JobFields
from airflow_provider_orgauth.operators.links import ConnectionLink, push_connection_link
from airflow_provider_orgauth.operators.mapped_query import mapping_the_query
from airflow_provider_orgauth.operators.misnamed import refuse_misnamed
from airflow_provider_orgauth.operators.params_as_query import merged_query, params_are_the_query
from airflow_provider_orgauth.operators.result_size import MAX_RESULT_BYTES

if TYPE_CHECKING:
    import requests

    from airflow_provider_orgauth.answers.request_arguments import RequestArguments
    from airflow_provider_orgauth.compat import BaseOperatorLink, Context
    from airflow_provider_orgauth.hooks.downloads import Running
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
    from airflow_provider_orgauth.operators.interval import Interval
    from airflow_provider_orgauth.operators.job_run import Ended, JobRun
    from airflow_provider_orgauth.paging import Pagination


@params_are_the_query
class OrgApiOperator(BaseOperator):
    """Call an endpoint of the Organization API, or of any OAuth2-protected API, and return its answer.

    ::

        OrgApiOperator(
            task_id="devices",
            endpoint="/api/v1/organization/devices",
            pagination="page_number",
            response_filter="[].{id: id, name: name}",
        )

    Returns the parsed JSON; or the text where the answer is none; or None where it is empty. Values under keys such
    as ``token`` or ``password`` come out as ``***``: XCom is no place for credentials.

    With ``pagination``, the records of all pages; with ``output_path``, they go to a file, and a small manifest is
    returned::

        OrgApiOperator(
            task_id="export_devices",
            endpoint="/api/v1/organization/devices",
            pagination=PageNumberPagination(),
            output_path="s3://aws_default@lake/devices/{{ run_id }}.jsonl.gz",
            drop_fields=["token"],
        )

    With ``output_path`` alone, the answer's bytes go to the file as they are: a PDF, a ZIP, a firmware of any size.

    Wrong credentials, a wrong field and a 403 fail the task at once; what may be well later is retried, first here
    and then by the task's own retries.

    :param endpoint: a path on the connection's server. (templated)
    :param method: the HTTP method. (templated)
    :param params: the query, as ``requests`` takes it; templated, and shown as ``query`` in Airflow's rendered
        templates, because ``params`` is Airflow's own word there.
    :param json: a body to send as JSON. (templated)
    :param data: a form as a mapping, or a body as text or bytes. (templated)
    :param headers: added to the connection's default headers. (templated)
    :param org_conn_id: the connection. (templated)
    :param response_check: fails the task unless it is true, with ``pagination`` for each page: a callable that takes
        the ``requests.Response``, or a JMESPath expression over the JSON.
    :param response_filter: what to return: a callable that takes the ``requests.Response``, or a JMESPath expression
        over the JSON; with ``pagination``, both take the list of all records.
    :param pagination: how the pages follow each other: a style such as :class:`PageNumberPagination`, a dict of its
        fields, its name, or a callable. None: there are none, and an answer that says so itself is an error;
        ``"single"``: the records of this one page; False: this one answer as it is. (templated)
    :param records: where the records are in an answer, as keys joined by dots; None: the one array in it. (templated)
    :param output_path: the file to write the records to, as JSON Lines: a path, or any URL that Airflow's
        ``ObjectStoragePath`` takes, with the connection's id before an ``@``. ``.gz`` and ``.zst`` compress,
        ``.parquet`` is Parquet. Without ``pagination`` and ``records``, the file for the answer's bytes. It appears
        when it is complete. (templated)
    :param max_concurrency: how many pages are fetched at once, at most.
    :param fields: keep only these fields of each record, as keys joined by dots.
    :param drop_fields: leave these fields of each record out, such as a device's ``token``.
    :param unique_by: the field, or fields, that tell two records apart: of two with the same, the later is left out
        and counted.
    :param strict: fail where the list changed while it was read: its total moved, records came twice or not at all.
    :param require_fields: fail where a name in ``fields``, ``drop_fields`` or ``time_field`` is in no record of a list
        that has some; False: warn.
    :param since: the query parameter for the beginning of what is asked for: of the run's data interval, or the
        watermark.
    :param until: the query parameter for its end.
    :param watermark: a name under which the end is remembered, in an Airflow Variable, once the file is complete: the
        next run's beginning. The first run has none. (templated)
    :param time_format: how times are written, in UTC: ``epoch_ms``, ``epoch_s``, ``iso8601``, ``iso8601_z``,
        ``iso8601_s``, ``iso8601_ms``, or a format of your own, such as ``%Y-%m-%d %H:%M:%S``.
    :param time_field: the field of a record that holds its time, as keys joined by dots: a record from outside of what
        ``since`` and ``until`` asked for fails the task, for a server ignores a query parameter that it does not know.
    :param job: the request starts a job, whose end is waited for: a :class:`Job`, or a dict of its fields. The task
        returns, or writes, what came of the job, and the arguments above are about that answer. (templated)
    :param deferrable: wait for the job without a worker; None: as ``[operators] default_deferrable`` says.
    :param log_response: write the answer to the task's log, with credentials masked. Off by default.
    :param max_result_bytes: the largest result, as JSON, that goes to XCom; a larger one is a clear error.
    """

    template_fields: Sequence[str] = (
        "endpoint",
        "method",
        "query",
        "json",
        "data",
        "headers",
        "org_conn_id",
        "pagination",
        "records",
        "output_path",
        "watermark",
        "job",
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {
        "query": "json",
        "json": "json",
        "data": "json",
        "headers": "json",
        "pagination": "json",
        "job": "json",
    }
    operator_extra_links: Collection[BaseOperatorLink] = (ConnectionLink(), FolderLink())
    ui_color = "#e8f4f0"

    def __init__(
        self,
        *,
        endpoint: str,
        method: str = "GET",
        params: MutableMapping[str, Any] | None = None,
        json: Any = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        org_conn_id: str = "orgauth_default",
        response_check: str | Callable[..., Any] | None = None,
        response_filter: str | Callable[..., Any] | None = None,
        pagination: Pagination | Mapping[str, Any] | str | Callable[..., Any] | Literal[False] | None = None,
        records: str | None = None,
        output_path: str | None = None,
        max_concurrency: int = DEFAULT_CONCURRENCY,
        fields: Sequence[str] | None = None,
        drop_fields: Sequence[str] | None = None,
        unique_by: str | Sequence[str] | None = None,
        strict: bool = False,
        require_fields: bool = True,
        since: str | None = None,
        until: str | None = None,
        watermark: str | None = None,
        time_format: str = "epoch_ms",
        time_field: str | None = None,
        log_response: bool = False,
        max_result_bytes: int = MAX_RESULT_BYTES,
        job: Job | Mapping[str, Any] | None = None,
        deferrable: bool | None = None,
        query: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        # Here, params are the DAG's: params_are_the_query has moved the request's own to query.
        refuse_misnamed(kwargs)
        super().__init__(params=params or None, **kwargs)
        self.endpoint = endpoint
        self.method = method
        self.query = query
        self.json = json
        self.data = data
        self.headers = headers
        self.org_conn_id = org_conn_id
        self.response_check = response_check
        self.response_filter = response_filter
        # Airflow calls what is callable in a templated field, and takes what comes of it.
        self.pagination = _styled(pagination) if callable(pagination) else pagination
        self.records = records
        self.output_path = output_path
        self.max_concurrency = max_concurrency
        self.fields = fields
        self.drop_fields = drop_fields
        self.unique_by = unique_by
        self.strict = strict
        self.require_fields = require_fields
        self.since = since
        self.until = until
        self.watermark = watermark
        self.time_format = time_format
        self.time_field = time_field
        self.log_response = log_response
        self.max_result_bytes = max_result_bytes
        # Airflow renders a dict's texts, and would write them into the job of the DAG itself.
        self.job = JobFields.of(job) if isinstance(job, Job) else job
        if not may_have_folder_link(output_path):  # Airflow 3 pushes an XCom for each link
            links = self.operator_extra_links  # with those of a subclass
            self.operator_extra_links = tuple(link for link in links if not isinstance(link, FolderLink))
        self._hook: OrgAuthHook | None = None
        self._job_run: JobRun | None = None
        self._manifest: dict[str, Any] | None = None
        from airflow_provider_orgauth.operators.argument_checks import check_constant

        self.deferrable: Any = deferrable
        self._adopt_pagination()
        check_constant(self._checked(), templated=self.template_fields, template_ext=self.template_ext)
        if deferrable or job is not None:
            from airflow_provider_orgauth.operators.job_deferral import is_deferrable

            known = self.job if isinstance(self.job, Mapping) or job is None else {}  # another task's output
            self.deferrable = is_deferrable(deferrable, known)
        if output_path is not None and self.get_closest_mapped_task_group() is not None:
            from airflow_provider_orgauth.operators.claimed_path import check_one_file_each

            check_one_file_each(output_path)

    @classmethod
    def partial(cls, **kwargs: Any) -> Any:
        """Prepare a mapped task, as :meth:`BaseOperator.partial`; its ``params`` are the query here too."""
        refuse_misnamed(kwargs)
        if "params" in kwargs:
            kwargs["query"] = merged_query(kwargs.get("query"), kwargs.pop("params") or {})
        from airflow_provider_orgauth.operators.argument_checks import CHECKED, check_constant

        given = {name: kwargs[name] for name in CHECKED if name in kwargs}
        check_constant(given, templated=cls.template_fields, template_ext=cls.template_ext)
        from airflow_provider_orgauth.operators.claimed_path import check_one_file_each

        check_one_file_each(kwargs.get("output_path"))
        return mapping_the_query(super().partial(**kwargs))

    def render_template_fields(self, context: Context, jinja_env: Any = None) -> None:
        """Render, as every operator; the page size in the query is then that of ``pagination``, too."""
        super().render_template_fields(context, jinja_env)
        self._adopt_pagination()

    def _adopt_pagination(self) -> None:
        if self.job is None and self.pagination and (self.query or self.json):  # a job's query is not that of its list
            from airflow_provider_orgauth.operators.adopted_pagination import adopted_pagination

            self.pagination = adopted_pagination(self.pagination, self.query, self.json)

    def execute(self, context: Context) -> Any:
        """Send the request, or the requests for all pages, and return the answer, the records or the manifest."""
        from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
        from airflow_provider_orgauth.operators.argument_checks import check_all
        from airflow_provider_orgauth.operators.arguments import IntervalArguments
        from airflow_provider_orgauth.operators.interval import interval_of

        say_errors_last(self)
        check_all(self._checked(), context)
        if self.job is not None or self.output_path is not None or self._is_about_a_list:  # what may take long
            push_connection_link(context, self)
        if self.job is not None:
            return self._execute_job(context, None)
        interval = interval_of(IntervalArguments.of(self), context)
        self._hook = hook = OrgAuthHook(self.org_conn_id)
        try:
            return self._sent(hook, self._request(interval), interval, context)
        finally:
            self._hook = None  # it knows the secret, and an operator outlives its task in some tools' dumps

    def _request(self, interval: Interval) -> RequestArguments:
        from airflow_provider_orgauth.answers.request_arguments import RequestArguments
        from airflow_provider_orgauth.operators.arguments import IntervalArguments
        from airflow_provider_orgauth.operators.interval import params_of

        params = params_of(IntervalArguments.of(self), interval)
        return RequestArguments.of(self, params=merged_query(self.query, params))

    def resume(self, context: Context, event: Mapping[str, Any]) -> Any:
        """Go on after the triggerer: return what came of the job, raise the error, or wait again."""
        from airflow_provider_orgauth.operators.argument_checks import check_all

        say_errors_last(self)
        check_all(self._checked(), context)
        return self._execute_job(context, event)

    def _execute_job(self, context: Context, event: Mapping[str, Any] | None) -> Any:
        """Start the job, or find it, wait for its end, and return what came of it."""
        from airflow_provider_orgauth.compat import AirflowTaskTimeout
        from airflow_provider_orgauth.operators.arguments import IntervalArguments

        self._job_run = run = self._job_run_in(context, event)
        try:
            return self._concluded(run.wait(IntervalArguments.of(self), self._request), context)
        except AirflowTaskTimeout:
            run.kill()  # Airflow calls on_kill when execute has ended
            raise
        finally:
            run.forget_if_cancelled()
            self._job_run = None  # it knows the secret, as the hook

    def _job_run_in(self, context: Context, event: Mapping[str, Any] | None) -> JobRun:
        from airflow_provider_orgauth.operators.job_task import run_of

        return run_of(self, context, event)

    def _concluded(self, ended: Ended, context: Context) -> Any:
        """Return what came of a job: of its last answer, of the request for its result, or of the link in either."""
        if ended.link is not None:
            return self._linked(ended, ended.link, context)
        if ended.is_answered and self.output_path is None and not self._is_about_a_list:
            return None if ended.response is None else self._returned(ended.response, ended.result, context)
        return self._sent(ended.hook, ended.result, ended.interval, context)

    def _sent(self, hook: OrgAuthHook, request: RequestArguments, interval: Interval, context: Context) -> Any:
        from airflow_provider_orgauth.operators.claimed_path import claimed

        with claimed(self.output_path, context, OrgApiOperator):
            if self._is_about_a_list:
                return self._list(hook, request, interval, context)
            if self.output_path is not None:
                return self._download(hook, request, interval, context)
            return self._returned(hook.run(request.endpoint, **request.about), request, context)

    @property
    def _is_about_a_list(self) -> bool:
        from airflow_provider_orgauth.operators.combinations import ABOUT_LISTS, is_list

        return is_list(*(getattr(self, name) for name in ABOUT_LISTS))

    def _checked(self) -> dict[str, Any]:
        from airflow_provider_orgauth.operators.argument_checks import CHECKED

        return {name: getattr(self, name) for name in CHECKED}

    def _returned(self, response: requests.Response, request: RequestArguments, context: Context) -> Any:
        from airflow_provider_orgauth.operators.arguments import AnswerArguments
        from airflow_provider_orgauth.operators.call_result import returned

        return returned(response, request, AnswerArguments.of(self), pagination=self.pagination, context=context)

    def _download(
        self,
        hook: OrgAuthHook,
        request: RequestArguments,
        interval: Interval,
        context: Context,
        running: Running | None = None,
    ) -> Any:
        from airflow_provider_orgauth.operators.arguments import AnswerArguments, FileArguments
        from airflow_provider_orgauth.operators.download_result import downloaded

        self._manifest = downloaded(
            FileArguments.of(self),
            request,
            AnswerArguments.of(self),
            pagination=self.pagination,
            hook=hook,
            interval=interval,
            context=context,
            running=running,
        )
        return self._manifest

    def _linked(self, ended: Ended, expression: str, context: Context) -> Any:
        from airflow_provider_orgauth.operators.claimed_path import claimed
        from airflow_provider_orgauth.operators.job_download import answer_with_link, link_in, request_of_link

        link = link_in(answer_with_link(ended), expression)
        request, running = request_of_link(link, ended.hook)
        with claimed(self.output_path, context, OrgApiOperator):
            return self._download(ended.hook, request, ended.interval, context, running)

    def _list(self, hook: OrgAuthHook, request: RequestArguments, interval: Interval, context: Context) -> Any:
        from airflow_provider_orgauth.operators import list_result
        from airflow_provider_orgauth.operators.arguments import (
            AnswerArguments,
            ExportArguments,
            IntervalArguments,
            ListArguments,
        )
        from airflow_provider_orgauth.operators.time_field import time_field_of

        answer = AnswerArguments.of(self)
        pages = list_result.list_of(ListArguments.of(self), request, answer, hook, context)
        time_field = time_field_of(IntervalArguments.of(self), interval)
        if self.output_path is None:
            return list_result.collected(answer, pages, time_field, context)
        from airflow_provider_orgauth.operators.export_result import exported

        self._manifest = exported(
            ExportArguments.of(self), pages, hook=hook, interval=interval, time_field=time_field, context=context
        )
        return self._manifest

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:
        """Return the file that was written, for OpenLineage."""
        from airflow_provider_orgauth.operators.lineage import lineage_of

        return lineage_of(self._manifest)

    def on_kill(self) -> None:
        """End waits and attempts, and send the job's ``cancel``: the task is being killed."""
        if self._job_run is not None:
            self._job_run.kill()
        elif self._hook is not None:
            self._hook.cancel()


def _styled(pagination: Callable[..., Any]) -> Pagination:
    from airflow_provider_orgauth.paging import pagination_of

    return pagination_of(pagination)
