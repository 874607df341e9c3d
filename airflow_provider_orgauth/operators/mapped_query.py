"""``expand(params=…)`` maps over the query: what Airflow would merge with the DAG's params never gets there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from airflow_provider_orgauth.exceptions import ConfigurationError


def mapping_the_query(partial: Any) -> Any:
    """Return what ``partial(…)`` of an operator made, whose ``expand(params=…)`` is ``expand(query=…)``.

    Airflow updates the DAG's params with each mapped value, before the operator sees it: of a value that is no mapping,
    it says that ``'int' object is not iterable``.
    """
    base: Any = type(partial)
    partial.__class__ = _kind(base)
    return partial


@cache
def _kind(base: Any) -> Any:
    class PartialOfQuery(base):  # type: ignore[misc]
        __slots__ = ()

        def expand(self, **mapped: Any) -> Any:
            _check(mapped.get("params"))
            if "params" in mapped and "query" not in self.kwargs:  # else both are merged, when the task runs
                mapped["query"] = mapped.pop("params")
            return super().expand(**mapped)

    return PartialOfQuery


def _check(values: Any) -> None:
    """Refuse what is known to be no query, when the DAG is parsed.

    :raises ConfigurationError: naming ``params``.
    """
    for value in values if isinstance(values, list | tuple) else ():
        if not isinstance(value, Mapping | str | list | tuple) and not hasattr(value, "resolve"):
            raise ConfigurationError(
                "params",
                f"is {value!r} in a mapped task, and no query",
                advice=(
                    'Give a dict for each call: expand(params=[{"deviceId": 1}, {"deviceId": 2}]). Of a task that '
                    'returns ids: expand(params=ids.map(lambda i: {"deviceId": i})).'
                ),
            )
