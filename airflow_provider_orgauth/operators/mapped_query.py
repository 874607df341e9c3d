"""``expand(params=…)`` maps over the query: what Airflow would merge with the DAG's params never gets there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from airflow_provider_orgauth.exceptions import ConfigurationError

_ADVICE = (
    'Give a dict for each call: expand(params=[{"deviceId": 1}, {"deviceId": 2}]). Of a task that returns ids: '
    'expand(params=ids.map(lambda i: {"deviceId": i})).'
)


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
            _check_expanded(mapped, is_given="query" in self.kwargs)
            if "params" in mapped:
                if "query" not in self.kwargs:
                    mapped["query"] = mapped.pop("params")
                elif hasattr(mapped["params"], "map"):  # both are merged when the task runs: by Airflow, first
                    mapped["params"] = mapped["params"].map(one_query)
            return super().expand(**mapped)

        def expand_kwargs(self, kwargs: Any, **more: Any) -> Any:
            if hasattr(kwargs, "map"):
                kwargs = kwargs.map(with_one_query)
            elif isinstance(kwargs, list | tuple):
                for one in kwargs:
                    with_one_query(one)
            return super().expand_kwargs(kwargs, **more)

    return PartialOfQuery


def one_query(value: Any) -> Any:
    """Return the query of one of the mapped tasks, to be merged with what they have in common.

    :raises ConfigurationError: naming ``params``: it is none.
    """
    _check_one(value, Mapping)
    return value


def with_one_query(arguments: Any) -> Any:
    """Return the arguments of one of the mapped tasks.

    :raises ConfigurationError: naming ``params``: it is no query.
    """
    if isinstance(arguments, Mapping) and arguments.get("params") is not None:
        one_query(arguments["params"])
    return arguments


def _check_expanded(mapped: Mapping[str, Any], *, is_given: bool) -> None:
    """Refuse what is known to be no query, when the DAG is parsed.

    :param mapped: what ``expand`` was given.
    :param is_given: ``partial`` was given a query, too.
    :raises ConfigurationError: naming ``params`` or ``query``.
    """
    if "query" in mapped and (is_given or "params" in mapped):
        raise ConfigurationError(
            "query",
            "is mapped, and the same argument is given once more, as query or params",
            advice="What all calls have in common: partial(params={…}). What differs: expand(params=[{…}, {…}]).",
        )
    for name in ("params", "query"):
        if name in mapped:
            _check_values(name, mapped[name], wants_dicts=is_given)


def _check_values(name: str, values: Any, *, wants_dicts: bool) -> None:
    if hasattr(values, "resolve"):
        return
    if not isinstance(values, list | tuple):
        raise ConfigurationError(name, f"is of type {type(values).__name__} in expand(…), and no list", advice=_ADVICE)
    for value in values:
        _check_one(value, Mapping if wants_dicts else Mapping | str | list | tuple)


def _check_one(value: Any, kinds: Any) -> None:
    if not isinstance(value, kinds) and not hasattr(value, "resolve"):
        from airflow_provider_orgauth.oauth.text_redaction import one_line

        said = one_line(repr(value))
        raise ConfigurationError("params", f"is {said} in a mapped task, and no query", advice=_ADVICE)
