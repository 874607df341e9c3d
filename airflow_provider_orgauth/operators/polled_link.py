"""The link in Airflow's UI to what a task polls.

The worker knows the URL, and pushes it as an XCom before it looks for the first time: so the link is there while the
task waits, and whoever shows it needs neither the connection nor its secret.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

from airflow_provider_orgauth.operators.pushed_link import PushedLink, is_web, push_link

if TYPE_CHECKING:
    from airflow_provider_orgauth.answers.request_arguments import RequestArguments
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

log = logging.getLogger(__name__)

XCOM_KEY = "orgauth_polled_url"

MAX_URL_CHARACTERS = 2000
"""A longer URL is shown without its query; one that is still longer is not shown."""


class PolledLink(PushedLink):
    """From a task to the URL that it polls: without credentials, as its place is the database."""

    name = "Polled URL"
    xcom_key = XCOM_KEY


def push_polled_link(context: Mapping[str, Any], url: str) -> None:
    """Let the task's link lead to an absolute ``url``, from now on. Never fails: a link is not worth a task.

    User info and fragment are left out. So is the query, where it has a name as credentials have (``token``, …), or
    anything that Airflow masks in logs.

    :param context: of the task.
    """
    try:
        push_link(context, PolledLink, shown(url))
    except Exception as error:
        # Not its text: it may quote the URL.
        log.warning("The link %r cannot be made (%s).", PolledLink.name, type(error).__name__)


def push_link_to(context: Mapping[str, Any], hook: OrgAuthHook, request: RequestArguments) -> None:
    """Let the task's link lead to where ``request`` is sent. Never fails: what is wrong, the request itself says."""
    from airflow_provider_orgauth.client.query import query_of

    try:
        url = hook.url(request.endpoint)
        query = query_of(request.params)
    except Exception:
        log.debug("No link: the URL is not known.")
        return
    if query:
        url += f"{'&' if '?' in url else '?'}{query}"
    push_polled_link(context, url)


def shown(url: str) -> str:
    """Return ``url`` as far as anyone may see it; empty where that is nothing, or is no http or https URL."""
    from requests.utils import requote_uri

    if not is_web(url):
        return ""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    for query in dict.fromkeys((parts.query, "")):
        link = requote_uri(urlunsplit((parts.scheme, host, parts.path, query, "")))
        if len(link) <= MAX_URL_CHARACTERS and not _holds_credential(link, query):
            return link
    return ""


def _holds_credential(link: str, query: str) -> bool:
    from airflow_provider_orgauth.compat import secrets_masker
    from airflow_provider_orgauth.oauth.redacted_names import is_credential_name
    from airflow_provider_orgauth.oauth.text_redaction import redact_credentials

    if any(is_credential_name(name) for name, _ in parse_qsl(query, keep_blank_values=True)):
        return True
    if redact_credentials(link)[1]:  # inside a value, such as another URL
        return True
    return any(secrets_masker().redact(text) != text for text in (link, unquote(link)))
