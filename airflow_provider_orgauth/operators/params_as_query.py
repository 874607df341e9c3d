"""``params`` is a word of Airflow's too: keep the operator's query apart from a DAG's ``params``.

Airflow takes every operator argument called ``params`` for DAG params: it merges the DAG's own into it, insists that
all values are JSON (an XComArg is not), and refuses to render it. A request's query must suffer none of that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from airflow_provider_orgauth.exceptions import ConfigurationError

Operator = TypeVar("Operator", bound=type)


def params_are_the_query(operator: Operator) -> Operator:
    """Decorate an operator class so that its argument ``params`` arrives as ``query``, untouched by Airflow."""
    init: Callable[..., None] = operator.__init__  # type: ignore[misc]

    # The metaclass has wrapped __init__ to do its merging; this goes around that.
    @wraps(init)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        params = kwargs.pop("params", None)
        if params is not None:
            query, dag_params = split_params(params, kwargs.get("dag"))
            kwargs["query"] = merged_query(kwargs.get("query"), query)
            if dag_params:
                kwargs["params"] = dag_params
        init(self, *args, **kwargs)

    # Airflow tells the outermost __init__ by what it wraps, and only then finds the XComArgs in template fields.
    __init__.__wrapped__ = init.__wrapped__  # type: ignore[attr-defined]
    operator.__init__ = __init__  # type: ignore[misc]
    return operator


def merged_query(query: Any, params: Any) -> Any:
    """Return both as one query; a text, an XComArg or a template can only stand alone."""
    if not query:
        return params if params or not isinstance(params, Mapping) else None
    if isinstance(params, Mapping) and not params:
        return query
    for given in (query, params):
        if isinstance(given, str | bytes | list | tuple):
            raise ConfigurationError(
                "params",
                f"is a {type(given).__name__}, and more is to be added to it",
                advice='Give a dict such as {"size": 5}.',
            )
    if not isinstance(query, Mapping) or not isinstance(params, Mapping):
        raise ConfigurationError(
            "params", "cannot be merged with query while one is another task's output", advice="Give one of them."
        )
    return {**query, **params}


def split_params(params: Mapping[str, Any], dag: Any = None) -> tuple[Mapping[str, Any], dict[str, Any]]:
    """Split what Airflow may have merged into the task's own part (the query) and the DAG's.

    A plain dict was never merged. Airflow's ``ParamsDict`` was, on the way through a subclass or a mapped task. There,
    a name that the DAG has too, with the very same value, counts as the DAG's: nothing tells the two apart.
    """
    from airflow_provider_orgauth.compat import DAG, Param

    if not hasattr(params, "get_param"):
        return params, {}
    dag = dag or _dag_being_defined()
    of_dag = {name: dag.params.get_param(name).value for name in dag.params} if isinstance(dag, DAG) else {}
    query: dict[str, Any] = {}
    dag_params: dict[str, Any] = {}
    for name in params:
        param: Param = params.get_param(name)
        value = param.value  # as it is: a ParamsDict would validate it as a DAG's input
        source = getattr(param, "source", None)  # Airflow 3 notes where a param came from
        # A mapped value is written into the DAG's own Param, source and all: there, only the value tells.
        is_of_dag = of_dag[name] == value if name in of_dag else source == "dag"
        # A Param without a value can only be a DAG's that is still to be filled in.
        if isinstance(value, type(Param().value)) or (source in ("dag", None) and is_of_dag):
            dag_params[name] = param  # with its schema
        else:
            query[name] = value
    return query, dag_params


def _dag_being_defined() -> Any:
    """Return the DAG of the ``with`` block that the operator is made in; Airflow 3 does not need to know."""
    try:
        from airflow.models.dag import DagContext
    except ImportError:
        return None
    return DagContext.get_current_dag()
