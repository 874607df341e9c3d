"""What a task sends, as a value that does not change while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self


@dataclass(frozen=True, repr=False, eq=False)
class Arguments:
    """Some of an operator's attributes, under their names. The repr leaves them out: there may be secrets in them."""

    @classmethod
    def of(cls, operator: object, **more: Any) -> Self:
        """Take them from an operator, after Airflow has rendered it.

        :param more: what is not the operator's, or is something else by now.
        """
        own = {field.name: getattr(operator, field.name) for field in fields(cls) if field.name not in more}
        return cls(**own, **more)


@dataclass(frozen=True, repr=False, eq=False)
class RequestArguments(Arguments):
    """What is sent, as :meth:`OrgAuthHook.run` takes it.

    :param params: the operator's ``query``, and with it what ``since`` and ``until`` ask for.
    """

    endpoint: str
    method: str
    params: Any
    json: Any
    data: Any
    headers: Mapping[str, str] | None

    @property
    def about(self) -> dict[str, Any]:
        """Return all but the endpoint, by the names that :meth:`OrgAuthHook.run` has for it."""
        # Written out: asked for by each look of ten thousand waits.
        return {
            "method": self.method,
            "params": self.params,
            "json": self.json,
            "data": self.data,
            "headers": self.headers,
        }
