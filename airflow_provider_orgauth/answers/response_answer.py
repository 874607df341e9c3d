"""An answer of ``requests``, as a condition looks at it."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.answers import response as answers
from airflow_provider_orgauth.answers.result_redaction import masked
from airflow_provider_orgauth.client.api_errors import server_message
from airflow_provider_orgauth.oauth.text_redaction import one_line
from airflow_provider_orgauth.waiting.looked_at import names_a_field

if TYPE_CHECKING:
    import requests

    from airflow_provider_orgauth.waiting.condition import Handler

log = logging.getLogger(__name__)

_SHOWN_CHARACTERS = 100
"""Characters of a value in a log."""


class ResponseAnswer:
    """Implements :class:`~airflow_provider_orgauth.waiting.condition.Answer`.

    :param context: of the task, whose values a function may name.
    """

    def __init__(self, response: requests.Response, context: Mapping[str, Any]) -> None:
        self._response = response
        self._context = context

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._response.status_code

    @cached_property
    def _parsed(self) -> Any:
        return answers.parsed(self._response)

    @cached_property
    def _masked(self) -> Any:
        return masked(self._parsed)[0]

    def found(self, handler: Handler, argument: str) -> Any:
        """Return what an expression finds, or a function makes of the ``requests.Response``.

        An expression that names a field finds nothing in an answer that has none: an empty one, or a page in HTML.
        """
        if isinstance(handler, str):
            if not isinstance(self._parsed, dict | list) and names_a_field(handler):
                return None  # and not: null, which is equal to null, and is not what it should not be
            return answers.search(handler, self._parsed, argument)
        return answers.call(handler, self._response, self._context)

    def shown(self, expression: str) -> str:
        """Return what an expression finds, as JSON that is cut, with credentials masked."""
        text = one_line(json.dumps(answers.search(expression, self._masked, "until"), ensure_ascii=False))
        return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 1]}…"

    def result(self, value: Handler | None) -> Any:
        """Return what the task returns, with credentials masked."""
        result, count = answers.result_of(self._response, value, self._context, argument="value")
        if count:
            log.info("%d credentials in the answer are returned as ***; XCom is no place for them.", count)
        return result

    def message(self) -> str:
        """Return the answer's own words, redacted and cut."""
        return server_message(self._response)
