"""The header in which the API gets its token: ``Authorization: Bearer …`` (RFC 6750), or what an API has instead."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

import requests

from airflow_provider_orgauth.client.settings import HttpSettings


class SignedValue(str):
    """A header's value that cannot be pickled: an answer holds its request, and a task may return one to XCom."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("An answer is neither pickled nor copied: its request holds the token. Keep its text or JSON.")


class HasHeaders(Protocol):
    """A request of any client."""

    @property
    def headers(self) -> MutableMapping[str, Any]:
        """Its headers."""


@dataclass(frozen=True, slots=True)
class ApiHeader:
    """A header with a token in it.

    :param scheme: the word before the token (RFC 9110 section 11.1), in the letters in which it is sent: some server
        refuses ``bearer``. Empty: the token stands alone.
    """

    name: str
    scheme: str

    @classmethod
    def of(cls, text: str) -> ApiHeader:
        """Return the header that the connection names, as ``Authorization: Bearer`` or ``X-Shopify-Access-Token``."""
        name, _, scheme = text.partition(":")
        return cls(name.strip(), scheme.strip())

    def sign(self, request: HasHeaders, access_token: str) -> None:
        """Put the token on a request, instead of one that it has."""
        request.headers[self.name] = SignedValue(f"{self.scheme} {access_token}" if self.scheme else access_token)

    def token_in(self, request: requests.PreparedRequest) -> str | None:
        """Return the token that a request was signed with, or None."""
        value = str(request.headers.get(self.name, ""))
        if not self.scheme:
            return value or None
        scheme, _, token = value.partition(" ")
        return token if scheme == self.scheme else None

    def take_off(self, request: requests.PreparedRequest) -> None:
        """Take the token off a request."""
        request.headers.pop(self.name, None)


USUAL = ApiHeader.of(HttpSettings().api_header)
"""Where nearly all APIs look."""
