"""From an API's answer to a task's result: parse it, check it, filter it, and see that XCom can hold it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.answers.empty_filter import warn_if_it_found_nothing
from airflow_provider_orgauth.answers.expression_names import described as described_names
from airflow_provider_orgauth.answers.expression_names import unknown_names
from airflow_provider_orgauth.answers.handlers import expression_error
from airflow_provider_orgauth.answers.result_redaction import masked
from airflow_provider_orgauth.answers.xcom_limits import refuse_unfit
from airflow_provider_orgauth.exceptions import (
    NumberError,
    ResponseCheckError,
    ResponseError,
    ResultTooLargeError,
)
from airflow_provider_orgauth.oauth.charset import NoText, is_guessed, is_json, text_of, utf8_of
from airflow_provider_orgauth.oauth.text_redaction import MASK, one_line, redact
from airflow_provider_orgauth.paging.no_text import described, not_text
from airflow_provider_orgauth.paging.raw import decode

if TYPE_CHECKING:
    import requests

Handler = str | Callable[..., Any]
"""A JMESPath expression over the parsed JSON, or a callable that takes the ``requests.Response``."""

log = logging.getLogger(__name__)

MAX_LOGGED_CHARACTERS = 10_000
"""Characters of an answer that ``log_response`` shows."""


def parsed(response: requests.Response) -> Any:
    """Return the answer's JSON; or its text where it is none; or None where it is empty.

    :raises ResponseNotTextError: it is bytes, and no text.
    :raises NumberError: it is JSON, but for a number such as NaN, or has one that nothing holds.
    :raises ResponseError: it calls itself JSON and is none: it broke off, or something else answered.
    """
    kind = response.headers.get("Content-Type", "")
    try:
        content = utf8_of(response.content, kind)
    except NoText as why:
        what = f"The answer of {_where(response)}"
        raise not_text(what, response.content, kind, why, status=response.status_code) from None
    if not content.strip():
        return None
    if not is_json(kind) and content.lstrip()[:1] not in (b"{", b"["):
        return content.decode()
    try:
        return decode(content.strip(), "The answer")
    except NumberError:
        raise
    except ResponseError:
        if not is_json(kind):
            return content.decode()
    raise ResponseError(
        f"The answer of {_where(response)} says it is JSON and is not.",
        advice="Check what answers at Server address; log_response=True shows the text.",
        status=response.status_code,
    )


def check_response(response: requests.Response, expected: Handler, context: Mapping[str, Any]) -> None:
    """Apply ``response_check``.

    :raises ResponseCheckError: the callable returned, or the expression found, something false or empty.
    """
    if not isinstance(expected, str):
        passed, said, advice = call(expected, response, context), "", ""
    elif not (passed := search(expected, answer := parsed(response), "response_check")):
        said, advice = _why_not(expected, answer)
    if not passed:
        raise ResponseCheckError(
            f"The answer of {_where(response)} does not pass response_check{said}.",
            advice=advice or "log_response=True shows the answer.",
            status=response.status_code,
        )


def _why_not(expected: str, answer: Any) -> tuple[str, str]:
    """Return what a check says, with the names that the answer has not, and what to do about these."""
    said = f" ({one_line(expected)})"
    unknown, meant = unknown_names(expected, answer)
    if not unknown:
        return said, ""
    quotes = "Texts are written in single quotes, numbers, true, false and null in backquotes."
    return f"{said}: it has no {unknown}", f"{described_names(answer)} {meant or quotes}"


def result_of(
    response: requests.Response,
    response_filter: Handler | None,
    context: Mapping[str, Any],
    *,
    argument: str = "response_filter",
) -> tuple[Any, int]:
    """Return what the task returns, and how many credentials were masked in it.

    A JMESPath filter sees the masked answer, so that none can slip out under another name.

    :param argument: how the user calls the filter, for an error or a warning.
    """
    if callable(response_filter):
        return _masked(call(response_filter, response, context), _where(response))
    found = parsed(response)
    if is_guessed(response.content, response.headers.get("Content-Type", "")):
        log.warning("The answer names no charset and is not UTF-8: it is read as windows-1252.")
    return _filtered(_masked(found, _where(response)), response_filter, argument)


def result_of_list(records: list[Any], response_filter: Handler | None, context: Mapping[str, Any]) -> tuple[Any, int]:
    """Return what the task returns of all records of all pages, and how many credentials were masked in it."""
    if callable(response_filter):
        return _masked(call(response_filter, records, context), "the list")
    return _filtered(_masked(records, "the list"), response_filter, "response_filter")


def _masked(found: Any, where: str) -> tuple[Any, int]:
    try:
        return masked(found)
    except RecursionError:
        raise ResponseError(
            f"The answer of {where} is nested too deep.", advice="Use OrgAuthHook in a @task instead."
        ) from None


def _filtered(answer: tuple[Any, int], response_filter: str | None, argument: str) -> tuple[Any, int]:
    if response_filter is None:
        return answer
    found = search(response_filter, answer[0], argument)
    warn_if_it_found_nothing(argument, response_filter, answer[0], found)
    return found, masked_in(found)


def masked_in(value: Any) -> int:
    """Count the masks that are left in a filtered value.

    They are known by identity: a server, or the filter itself, may say ``***`` where nothing was masked.
    """
    if isinstance(value, dict):
        return sum(map(masked_in, value.values()))
    if isinstance(value, list):
        return sum(map(masked_in, value))
    return int(value is MASK)


def search(expression: str, answer: Any, argument: str) -> Any:
    """Evaluate a JMESPath ``expression``; ``argument`` names it in an error."""
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        return jmespath.search(expression, answer)
    except JMESPathError as error:
        problem = (str(error).splitlines() or ["is not valid"])[0][:300]
    except RecursionError:
        problem = "nested too deep"
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        # jmespath lets Python's own errors through: values that do not compare, a slice with step 0, …
        problem = "does not go with this answer"
    raise expression_error(argument, expression, problem)


def call(function: Callable[..., Any], response: requests.Response | list[Any], context: Mapping[str, Any]) -> Any:
    """Call ``function(response)``, with those of the context's values that it names (``def f(response, ti): …``)."""
    from airflow_provider_orgauth.compat import determine_kwargs

    return function(response, **determine_kwargs(function, [response], context))


def ensure_fits_xcom(result: Any, *, limit: int, argument: str = "response_filter") -> None:
    """Refuse a result of more than ``limit`` bytes of JSON, or with a value that XCom cannot carry.

    :param argument: the one that chooses what is returned, for the advice.
    :raises ResultTooLargeError: with what else can be done.
    :raises NumberError: NaN, infinity or, in Airflow 3, a whole number beyond 64 bits is in it.
    :raises ResponseError: half of a surrogate pair is in it.
    """
    size = 0  # a callable may have made something that is no JSON, and that Airflow's own serializers know
    with suppress(TypeError, ValueError, RecursionError):
        size = len(json.dumps(result, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    if size > limit:
        raise ResultTooLargeError(
            f"The result has {size:,} bytes, and {limit:,} is the most that goes to XCom (max_result_bytes).",
            advice=(
                f"Keep less with {argument}, ask for less with params, use OrgAuthHook in a @task and write to "
                "storage, or set do_xcom_push=False."
            ),
        )
    refuse_unfit(result, argument)


def loggable(response: requests.Response) -> str:
    """Return the answer for a log: credentials masked, cut to ``MAX_LOGGED_CHARACTERS`` characters."""
    try:
        shown = _without_credentials(response)
    except NoText:
        return f"no text ({described(response.content, response.headers.get('Content-Type', ''))})"
    text = redact(shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False))
    return text if len(text) <= MAX_LOGGED_CHARACTERS else f"{text[:MAX_LOGGED_CHARACTERS]}… ({len(text):,} characters)"


def _without_credentials(response: requests.Response) -> Any:
    try:
        return masked(parsed(response))[0]
    except (ResponseError, RecursionError):  # broken JSON, or nested too deep: credentials are found in text
        return masked(text_of(response.content, response.headers.get("Content-Type", "")))[0]


def _where(response: requests.Response) -> str:
    return f"{response.request.method} {(response.request.url or '').partition('?')[0]}"
