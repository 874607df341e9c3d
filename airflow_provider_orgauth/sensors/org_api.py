"""``OrgApiSensor``: a task that waits until an answer of the API is as it should be."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow_provider_orgauth.compat import BaseSensorOperator
from airflow_provider_orgauth.hooks.last_words import say_errors_last
from airflow_provider_orgauth.operators.links import ConnectionLink
from airflow_provider_orgauth.operators.mapped_query import mapping_the_query
from airflow_provider_orgauth.operators.misnamed import refuse_misnamed
from airflow_provider_orgauth.operators.params_as_query import merged_query, params_are_the_query
from airflow_provider_orgauth.operators.polled_link import PolledLink
from airflow_provider_orgauth.operators.result_size import MAX_RESULT_BYTES

if TYPE_CHECKING:
    from airflow_provider_orgauth.answers.looks import Looks
    from airflow_provider_orgauth.compat import Context, PokeReturnValue
    from airflow_provider_orgauth.sensors.deferral import Deferral


MOST_LOOKS_THAT_COUNT = 500
"""For the intervals of ``exponential_backoff``, which double."""

LEAST_RESCHEDULE_SECONDS = 5.0
"""For the last look in ``reschedule`` mode, though it comes that much after the timeout.

Airflow fails a task that is queued again before it has noted that the process of the look before has ended.
"""


@params_are_the_query
class OrgApiSensor(BaseSensorOperator):
    """Ask an endpoint again and again until its answer is as it should be, and return that answer.

    ::

        OrgApiSensor(
            task_id="rolled_out",
            endpoint="/api/v1/organization/shipment",
            params={"shipmentId": 7},
            until="status == 'FINISH'",
            fail_if="status == 'CANCEL'",
            value="shipmentProgress",
            mode="reschedule",
            poke_interval=60,
            timeout=6 * 3600,
        )

    Each look is one request, and the next look is its next attempt: a server, a network or a token endpoint in trouble
    does not end the wait, and is not asked more often than one that is well. Wrong credentials, a wrong field, a 403
    and a redirect to another server fail the task at once.

    Of :class:`BaseSensorOperator`: ``mode``, ``poke_interval``, ``timeout``, ``exponential_backoff``, ``max_wait``,
    ``soft_fail``, ``never_fail``, ``silent_fail``.

    :param endpoint: a path on the connection's server. (templated)
    :param until: what ends the wait: a JMESPath expression over the JSON; a function that takes the
        ``requests.Response``, or its import path, ``package.module:function``; or status codes. An outcome that is
        false, null, empty or 0 means: not yet.
    :param fail_if: what fails the task at once, in the same forms; asked before ``until``.
    :param value: what to return of the answer that ends the wait: a JMESPath expression, a function or its import path;
        None: all of it, parsed. Credentials come out as ``***``.
    :param waiting_statuses: status codes that mean: not yet, such as 404 for what is not there so far. An error status
        that is neither here nor in ``until`` or ``fail_if`` is an error.
    :param method: the HTTP method. (templated)
    :param params: the query, as ``requests`` takes it; templated, and shown as ``query`` in Airflow's rendered
        templates, because ``params`` is Airflow's own word there.
    :param json: a body to send as JSON. (templated)
    :param data: a form as a mapping, or a body as text or bytes. (templated)
    :param headers: added to the connection's default headers. (templated)
    :param org_conn_id: the connection. (templated)
    :param max_result_bytes: the largest result, as JSON, that goes to XCom; a larger one is a clear error.
    :param deferrable: look once, then wait in Airflow's triggerer, which holds no worker; None: as
        ``[operators] default_deferrable`` of Airflow's configuration says, where the arguments allow it.
    """

    template_fields: Sequence[str] = ("endpoint", "method", "query", "json", "data", "headers", "org_conn_id")
    template_fields_renderers: ClassVar[dict[str, str]] = {
        "query": "json",
        "json": "json",
        "data": "json",
        "headers": "json",
    }
    operator_extra_links = (ConnectionLink(), PolledLink())
    ui_color = "#e8f4f0"

    def __init__(
        self,
        *,
        endpoint: str,
        until: str | Callable[..., Any] | int | Collection[int],
        fail_if: str | Callable[..., Any] | int | Collection[int] | None = None,
        value: str | Callable[..., Any] | None = None,
        waiting_statuses: int | Collection[int] = (),
        method: str = "GET",
        params: MutableMapping[str, Any] | None = None,
        json: Any = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        org_conn_id: str = "orgauth_default",
        max_result_bytes: int = MAX_RESULT_BYTES,
        deferrable: bool | None = None,
        query: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        # Here, params are the DAG's: params_are_the_query has moved the request's own to query.
        refuse_misnamed(kwargs)
        super().__init__(params=params or None, **kwargs)
        self.endpoint = endpoint
        self.until = until
        self.fail_if = fail_if
        self.value = value
        self.waiting_statuses = waiting_statuses
        self.method = method
        self.query = query
        self.json = json
        self.data = data
        self.headers = headers
        self.org_conn_id = org_conn_id
        self.max_result_bytes = max_result_bytes
        self._looks: Looks | None = None
        self._deferral: Deferral | None = None
        from airflow_provider_orgauth.sensors.argument_checks import check_constant, values_of

        check_constant(values_of(self), templated=self.template_fields, template_ext=self.template_ext)
        from airflow_provider_orgauth.sensors.deferrable import is_deferrable

        self.deferrable = is_deferrable(deferrable, values_of(self))
        self._must_defer = deferrable is True

    @classmethod
    def partial(cls, **kwargs: Any) -> Any:
        """Prepare a mapped task, as :meth:`BaseOperator.partial`; its ``params`` are the query here too."""
        refuse_misnamed(kwargs)
        if "params" in kwargs:
            kwargs["query"] = merged_query(kwargs.get("query"), kwargs.pop("params") or {})
        from airflow_provider_orgauth.sensors.argument_checks import check_constant, known_of

        check_constant(known_of(kwargs), templated=cls.template_fields, template_ext=cls.template_ext)
        return mapping_the_query(super().partial(**kwargs))

    def execute(self, context: Context) -> Any:
        """Look until the condition holds, and return the value; in ``reschedule`` mode or deferred, look once."""
        return self._wait(context, None)

    def resume(self, context: Context, event: Mapping[str, Any]) -> Any:
        """Go on after the triggerer: return the value, raise the error, or look again."""
        return self._wait(context, event)

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context) -> Any:
        """Go on after the triggerer, as Airflow asks for it."""
        if next_method != self.resume.__name__:
            return self._after_an_end_by_airflow(next_method, next_kwargs, context)
        # Airflow's sensors skip whatever error comes out of here. With soft_fail, the other modes skip a few alone,
        # and so does this one: execute, which goes on, has said by then what is skipped.
        return super(BaseSensorOperator, self).resume_execution(next_method, next_kwargs, context)

    def _after_an_end_by_airflow(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context) -> Any:
        from airflow_provider_orgauth.compat import AirflowSensorTimeout, AirflowSkipException

        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except AirflowSensorTimeout as late:
            if not (self.soft_fail or self.never_fail):
                raise
            # On Airflow 3.0 a timeout of the trigger is skipped by none of its sensors.
            raise AirflowSkipException(f"Skipping due to soft_fail or never_fail: {late}") from late

    def _wait(self, context: Context, event: Mapping[str, Any] | None) -> Any:
        from airflow_provider_orgauth.compat import AirflowSensorTimeout, AirflowSkipException, AirflowTaskTimeout

        say_errors_last(self)
        looks = self._begin(context, event)
        try:
            return super().execute(context)
        except (AirflowSensorTimeout, AirflowTaskTimeout, AirflowSkipException) as ended:
            # Airflow's text does not say why. Nor is that seen behind a skip, which shows no cause.
            why = looks.seen.as_sentences() if ended.__cause__ is None else str(ended.__cause__)
            ended.args = (f"{ended} {why}".rstrip(),)
            raise
        finally:
            self._looks = self._deferral = None  # a hook knows the secret, and a task outlives its run in some dumps

    def poke(self, context: Context) -> bool | PokeReturnValue:
        """Look once; after the triggerer, take what that has found."""
        from airflow_provider_orgauth.answers.response import ensure_fits_xcom
        from airflow_provider_orgauth.compat import PokeReturnValue

        looks = self._looks or self._begin(context, None)
        met = looks.look() if self._deferral is None else self._deferral.taken(looks)
        if met is None:
            return False
        self.log.info("Met: %s.", met.seen)
        if self.do_xcom_push:
            ensure_fits_xcom(met.value, limit=self.max_result_bytes, argument="value")
        return PokeReturnValue(is_done=True, xcom_value=met.value)

    def on_kill(self) -> None:
        """End the request that is under way: the task is being killed."""
        if self._looks is not None:
            self._looks.hook.cancel()

    def _begin(self, context: Context, event: Mapping[str, Any] | None) -> Looks:
        from airflow_provider_orgauth.answers.looks import ATTEMPTS_OF_A_LOOK, Looks
        from airflow_provider_orgauth.answers.request_arguments import RequestArguments
        from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
        from airflow_provider_orgauth.operators.polled_link import push_link_to
        from airflow_provider_orgauth.sensors.argument_checks import check_all, values_of

        condition = check_all(values_of(self), context)
        request = RequestArguments.of(self, params=self.query)
        hook = OrgAuthHook(self.org_conn_id, max_attempts=ATTEMPTS_OF_A_LOOK)
        self._looks = looks = Looks(hook, request, condition, context)
        if event is None:  # else it is there
            push_link_to(context, hook, request)
        if self.deferrable:
            from airflow_provider_orgauth.sensors.deferral import deferral_of

            self._deferral = deferral_of(self, request, event, is_wanted=self._must_defer)
        return looks

    # Airflow's own, of both its major versions: the one place through which the seconds until the next look go, in
    # poke and in reschedule mode. There is no public one, and execute as a whole is bound to Airflow's database.
    def _get_next_poke_interval(
        self, started_at: datetime.datetime | float, run_duration: Callable[[], float], poke_count: int
    ) -> float:
        from airflow_provider_orgauth.waiting.schedule import next_look

        if self._deferral is not None and self._looks is not None:
            self._deferral.defer(self._looks)
        # Airflow's backoff overflows after a thousand looks, and is at its longest long before.
        count = min(poke_count, MOST_LOOKS_THAT_COUNT)
        interval: float = super()._get_next_poke_interval(started_at, run_duration, count)
        looks = self._looks
        last = looks.seen.last if looks is not None else None
        remaining = self.timeout - run_duration()
        seconds = next_look(
            interval,
            remaining=max(remaining, LEAST_RESCHEDULE_SECONDS) if self.reschedule else remaining,
            asked=last.asked if last is not None else None,
            after_error=last is not None and last.is_trouble,
            longest=self.max_wait.total_seconds() if self.exponential_backoff and self.max_wait else None,
        )
        if looks is not None:
            looks.seen.tell(seconds)
        return seconds
