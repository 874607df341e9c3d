"""``OrgApiEventTrigger``: watches an endpoint in Airflow's triggerer, and starts DAGs when something changes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.compat import BaseEventTrigger, BaseTrigger, TriggerEvent
from airflow_provider_orgauth.triggers.event_arguments import DEFAULTS, check, kept, read, stored
from airflow_provider_orgauth.triggers.imports import imported

if TYPE_CHECKING:
    from airflow_provider_orgauth.triggers.look import Look

CLASSPATH = "airflow_provider_orgauth.triggers.org_api.OrgApiEventTrigger"
"""Where users import it from. Rows of Airflow's database have it: the file may be called otherwise one day."""


class OrgApiEventTrigger(BaseEventTrigger):
    """Look at an endpoint again and again; send one event for each change. For an ``AssetWatcher`` of Airflow 3.

    ::

        offline = OrgApiEventTrigger(
            {"endpoint": "/api/v1/organization/device/online", "params": {"deviceId": 7}},
            when="connected == `false`",
        )
        Asset("pump_7_offline", watchers=[AssetWatcher(name="pump_7", trigger=offline)])

    All watchers and waits of a triggerer for the same request share its answers. A watcher neither ends nor fails: what
    is wrong is in the triggerer's log, and the next look comes.

    Airflow stores the arguments as they are: no credential may be among them. Nothing is looked up here.

    :param request: ``endpoint``, and where they are needed ``method``, ``params``, ``json``, ``data``, ``headers``; as
        :meth:`OrgAuthHook.run` takes them.
    :param org_conn_id: the connection.
    :param when: an event when this becomes true: a JMESPath expression; or, without ``records``, status codes.
    :param key: JMESPath; an event when what it finds becomes something else, while ``when`` is true.
    :param records: JMESPath that finds a list; ``when``, ``key`` and ``fields`` are asked of each of its records, and
        there is one event per record. Without ``when``, a record that was not there before is a change.
    :param record_id: JMESPath, by which a record is known at the next look. A text or a number is a record by itself.
    :param fields: what goes into the event: names with JMESPath expressions, or a list of expressions. Credentials come
        out as ``***``.
    :param waiting_statuses: status codes, such as 404, of which ``when`` is not true, and that have no records.
    :param poke_interval: seconds between two looks, give or take a tenth.
    :param tell_first: also tell what the first look ever finds. Else that is taken as known.
    :raises ConfigurationError: naming an argument that cannot work.
    """

    def __init__(
        self,
        request: Mapping[str, Any],
        *,
        org_conn_id: str = DEFAULTS["org_conn_id"],
        when: str | int | Collection[int] | None = None,
        key: str | None = None,
        records: str | None = None,
        record_id: str = DEFAULTS["record_id"],
        fields: Mapping[str, str] | Sequence[str] | None = None,
        waiting_statuses: int | Collection[int] = (),
        poke_interval: float = DEFAULTS["poke_interval"],
        tell_first: bool = False,
        **later: Any,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        options = {
            "org_conn_id": org_conn_id,
            "when": when,
            "key": key,
            "records": records,
            "record_id": record_id,
            "fields": fields,
            "waiting_statuses": waiting_statuses,
            "poke_interval": poke_interval,
            "tell_first": tell_first,
            **later,
        }
        # From Airflow's database they come with their version. There, an error would end the triggerer, not this alone.
        if "v" not in later:
            _require_airflow_3()
            check(request, options)
            arguments = stored(request, options)
        else:
            options = read({**options, "request": request})
            arguments = stored(options.pop("request"), options)
        self.request = arguments.pop("request")
        self.options = arguments

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the path of this class, and its arguments as JSON: the same for equal arguments, in the same order."""
        own = type(self)
        path = CLASSPATH if own is OrgApiEventTrigger else f"{own.__module__}.{own.__qualname__}"
        return path, kept(self._arguments())

    def _arguments(self) -> dict[str, Any]:
        return dict(sorted({"request": self.request, **self.options}.items()))

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield an event for each change, for ever. Called before Airflow 3.3, and where a stream is not shared."""
        async for event in self.filter_shared_stream(self.open_shared_stream(self._arguments())):
            yield event

    def shared_stream_key(self) -> Hashable:
        """Return what is equal for watchers that get the same looks (Airflow 3.3)."""
        shared = ("org_conn_id", "poke_interval", "v", "waiting_statuses")
        about = {name: self.options[name] for name in shared if name in self.options}
        if not isinstance(when := self.options.get("when"), str | None):
            about["when"] = when  # a status that is named is no error
        return CLASSPATH, json.dumps([self.request, about], sort_keys=True, default=str)

    @classmethod
    async def open_shared_stream(cls, kwargs: dict[str, Any]) -> AsyncIterator[Look]:
        """Yield the looks, each with all of an answer, for ever: whoever comes late misses no state.

        :param kwargs: the arguments of one of the watchers.
        """
        options = read(kwargs)
        async for look in (await imported("look_stream")).looks_at(options.pop("request", None), options):
            yield look

    async def filter_shared_stream(self, shared_stream: AsyncIterator[Look]) -> AsyncIterator[TriggerEvent]:
        """Yield an event for each change that the looks show to this watcher."""
        store = getattr(self, "asset_state_store", None)  # since Airflow 3.3
        async for payload in (await imported("watch")).changes(self.request, self.options, shared_stream, store):
            yield TriggerEvent(payload)  # type: ignore[no-untyped-call]


def _require_airflow_3() -> None:
    if BaseEventTrigger is BaseTrigger:
        from airflow_provider_orgauth.exceptions import ConfigurationError

        raise ConfigurationError(
            "OrgApiEventTrigger",
            "needs Airflow 3, which has AssetWatcher",
            advice="Here, a scheduled DAG with an OrgApiSensor does it.",
        )
