"""Which file a job has made: an expression finds its URL in an answer, on the connection's server or elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_orgauth.answers.request_arguments import RequestArguments
from airflow_provider_orgauth.answers.response import parsed, search
from airflow_provider_orgauth.exceptions import ForeignOriginError, ResponseError

if TYPE_CHECKING:
    import requests

    from airflow_provider_orgauth.hooks.downloads import Running
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
    from airflow_provider_orgauth.operators.job_run import Ended


def answer_with_link(ended: Ended) -> requests.Response:
    """Return the answer to ``result``; or the one that met ``until``, where there is no ``result``."""
    if ended.response is not None:
        return ended.response
    return ended.hook.run(ended.result.endpoint, **ended.result.about)


def link_in(response: requests.Response, expression: str) -> str:
    """Return the URL that the answer names.

    :param expression: ``job.download``.
    :raises ResponseError: there is none.
    """
    link = search(expression, parsed(response), "job.download")
    if not isinstance(link, str) or not link.strip():
        where = f"{response.request.method} {(response.request.url or '').partition('?')[0]}"
        raise ResponseError(
            f"{where}: job.download {expression!r} is {type(link).__name__} in the answer, and no URL.",
            advice="Look at what the server answers, and write where the URL is.",
            status=response.status_code,
        )
    return link.strip()


def request_of_link(link: str, hook: OrgAuthHook) -> tuple[RequestArguments, Running]:
    """Return the request for a file, and what sends it: with the token where it is on the connection's server."""
    request = RequestArguments(endpoint=link, method="GET", params=None, json=None, data=None, headers=None)
    try:
        hook.url(link)
    except ForeignOriginError:
        return request, hook.handing_on_link
    return request, hook.handing_on
