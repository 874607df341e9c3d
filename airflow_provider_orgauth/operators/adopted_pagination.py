"""One page size in the rendered templates: where the query has one, it is what is sent, and ``pagination`` shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from airflow_provider_orgauth.exceptions import ConfigurationError


def adopted_pagination(pagination: Any, query: Any, json: Any) -> Any:
    """Return ``pagination``, a style or a dict of its fields, with the size and the first page that query or body say.

    What is no style yet, or is wrong, is returned as it is: the checks of the arguments say what is wrong.
    """
    from airflow_provider_orgauth.paging import Pagination, pagination_of

    if not isinstance(pagination, Pagination | Mapping) or not isinstance(query, Mapping | None):
        return pagination
    try:
        style = pagination_of(pagination)
        adopted = style.adopt(query or {}, json if isinstance(json, Mapping) else None)
    except ConfigurationError:
        return pagination
    if isinstance(pagination, Pagination):
        return adopted
    names = [field.name for field in fields(style)]
    changed = {name: getattr(adopted, name) for name in names if getattr(adopted, name) != getattr(style, name)}
    return {**pagination, **changed}
