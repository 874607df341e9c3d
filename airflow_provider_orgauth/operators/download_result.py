"""What ``OrgApiOperator`` does with ``output_path`` alone: the answer's bytes, in a file."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.answers import response as answers
from airflow_provider_orgauth.answers.one_page import is_for_all, truncated_answer
from airflow_provider_orgauth.exports.checkpoints import Checkpoints
from airflow_provider_orgauth.hooks.downloads import DownloadRequest
from airflow_provider_orgauth.hooks.storage import storage_path
from airflow_provider_orgauth.hooks.task_key import task_key
from airflow_provider_orgauth.operators.folder_link import push_folder_link
from airflow_provider_orgauth.operators.outlets import tell_outlets
from airflow_provider_orgauth.operators.task_state import attempt_of, digest_of, task_state

if TYPE_CHECKING:
    import requests

    from airflow_provider_orgauth.answers.request_arguments import RequestArguments
    from airflow_provider_orgauth.compat import Context
    from airflow_provider_orgauth.hooks.downloads import Running
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
    from airflow_provider_orgauth.operators.arguments import AnswerArguments, FileArguments
    from airflow_provider_orgauth.operators.interval import Interval

log = logging.getLogger(__name__)


def downloaded(
    arguments: FileArguments,
    request: RequestArguments,
    answer: AnswerArguments,
    *,
    pagination: Any,
    hook: OrgAuthHook,
    interval: Interval,
    context: Context,
    running: Running | None = None,
) -> dict[str, Any]:
    """Write the answer's bytes to ``output_path`` and return the manifest; the watermark moves when all is done.

    :param running: what sends the request; None: the hook, with its token.
    """
    download = DownloadRequest(
        request.endpoint, request.method, request.params, request.json, request.data, request.headers
    )
    path = storage_path(arguments.output_path)
    push_folder_link(context, path)
    if (attempt := attempt_of(context)) > 1:
        log.info("Attempt %d starts anew: the bytes of one answer are not resumed.", attempt)
    purpose = {"download": digest_of([arguments.org_conn_id, str(path)])}

    def see(response: requests.Response) -> None:
        if answer.response_check is not None:
            answers.check_response(response, answer.response_check, context)

    def see_sign(response: requests.Response, sign: str) -> None:
        if is_for_all(request, pagination):
            raise truncated_answer(response, sign)

    manifest = download.to(
        path,
        running or hook.handing_on,
        key=task_key(context),
        checkpoints=Checkpoints(task_state(context, lambda: hook.seal), purpose=purpose),
        see=see,
        see_sign=see_sign,
    )
    manifest |= interval.to_dict()
    if hook.observer is not None:
        hook.observer.exported(files=1, size=manifest["bytes"])
    interval.done()
    tell_outlets(arguments.outlets, manifest, context)
    return manifest
