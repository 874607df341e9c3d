"""The part of a request that differs from page to page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class PageRequest:
    """The part of a request that says which page is wanted. All of it is JSON, so that a retry can resume it.

    >>> PageRequest({"page": 1}).to_dict()
    {'params': {'page': 1}, 'json': {}, 'url': None, 'records_before': 0}

    :param params: laid over the caller's query.
    :param json: laid over the caller's JSON body.
    :param url: asked for instead of the endpoint and the whole query: a link that the server gave.
    :param records_before: how many records the pages before this one held. It is not sent.
    """

    params: Mapping[str, Any] = field(default_factory=dict)
    json: Mapping[str, Any] = field(default_factory=dict)
    url: str | None = None
    records_before: int = field(default=0, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values, for :meth:`from_dict`."""
        return {
            "params": dict(self.params),
            "json": dict(self.json),
            "url": self.url,
            "records_before": self.records_before,
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        """Return the request that :meth:`to_dict` wrote."""
        return cls(**saved)
