"""``OrgApiTrigger``: waits in Airflow's triggerer until an answer is as it should be. And where all triggers are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.compat import BaseTrigger, TriggerEvent
from airflow_provider_orgauth.triggers.arguments import VERSION, as_json, is_default
from airflow_provider_orgauth.triggers.event import OrgApiEventTrigger
from airflow_provider_orgauth.triggers.imports import imported

if TYPE_CHECKING:
    from airflow_provider_orgauth.triggers.wait import Wait

__all__ = ["OrgApiEventTrigger", "OrgApiTrigger"]


class OrgApiTrigger(BaseTrigger):
    """Look at an endpoint again and again, and end with one event; see :mod:`~.event_payload` for what is in it.

    ::

        OrgApiTrigger(
            {"endpoint": "/api/v1/organization/shipment", "params": {"shipmentId": 7}},
            org_conn_id="orgauth_default",
            until="status == 'FINISH'",
        )

    All waits of a triggerer share what they need: the connection is read once, one token is asked for, and waits for
    the same request share its answers. A server in trouble gets fewer requests, and no wait ends because of it.

    Airflow stores the arguments as plain text: no credential may be among them. Nothing is looked up here.

    :param request: ``endpoint``, and where they are needed ``method``, ``params``, ``json``, ``data``, ``headers``; as
        :meth:`OrgAuthHook.run` takes them.
    :param org_conn_id: the connection.
    :param until: what ends the wait: a JMESPath expression, the import path of a function, or status codes; and so
        ``fail_if``, ``value`` and ``waiting_statuses``, as :class:`OrgApiSensor` has them.
    :param poke_interval: seconds between two looks, give or take a tenth.
    :param exponential_backoff: double it from look to look, up to ``max_wait`` seconds.
    :param deadline: epoch seconds when the wait times out; None: never.
    :param next_look: epoch seconds of the first look; None: soon.
    :param looks: how many there were before.
    :param value_by_worker: the event has no value, for the worker works it out.
    :param resume: JSON that comes back with the event.
    """

    def __init__(
        self,
        request: Mapping[str, Any] | None = None,
        *,
        until: str | int | Collection[int] | None = None,
        **options: Any,
    ) -> None:
        # Neither may be missing, and run() says so: what is raised here, nobody would see.
        super().__init__()  # type: ignore[no-untyped-call]
        self.request = request
        self.until = as_json(until)
        # What is as by default is not stored: rows of one version are read by others.
        self.options = {name: as_json(value) for name, value in options.items() if not is_default(name, value)}

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the path of this class, and its arguments as JSON."""
        arguments = {"v": VERSION, "request": self.request, "until": self.until, **self.options}
        return f"{type(self).__module__}.{type(self).__qualname__}", arguments

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait; yield one event, whatever comes."""
        wait: Wait = await (await imported("begin")).begun(self.request, self.until, self.options)
        try:
            payload = await wait.future
        finally:
            await wait.leave()
        yield TriggerEvent(payload)  # type: ignore[no-untyped-call]
