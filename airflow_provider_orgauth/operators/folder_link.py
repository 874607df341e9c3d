"""The link in Airflow's UI to the folder of the file that a task writes, in the console of its store.

To the folder, and not to the file: that is not there before it is complete.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from airflow_provider_orgauth.operators.pushed_link import PushedLink, push_link

if TYPE_CHECKING:
    from airflow_provider_orgauth.exports.sink_choice import StoragePath

log = logging.getLogger(__name__)

_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "STORAGE_EMULATOR_HOST")
"""Environment variables by which the clients of these stores find another server."""


class FolderLink(PushedLink):
    """From a task to where its file comes."""

    name = "Folder of the file"
    xcom_key = "orgauth_folder_url"


def may_have_folder_link(output_path: Any) -> bool:
    """Return whether a task with this ``output_path``, perhaps a template or another task's output, may have one."""
    return output_path is not None and (
        not isinstance(output_path, str) or output_path.startswith(("s3", "gs:", "gcs:", "{"))
    )


def push_folder_link(context: Mapping[str, Any], path: StoragePath) -> None:
    """Let the task's link lead to the folder of ``path``. Never fails: a link is not worth a task."""
    if "ti" not in context:
        return
    try:
        endpoint = getattr(path.fs, "endpoint_url", None) or any(map(os.environ.get, _ENDPOINTS))
        push_link(context, FolderLink, console_url(path.protocol, path.path, has_own_endpoint=bool(endpoint)))
    except Exception as error:
        log.debug("No link to the folder (%s).", type(error).__name__)


def console_url(protocol: str, path: str, *, has_own_endpoint: bool = False) -> str:
    """Return the URL of a file's folder in the console of its store; empty where none is known.

    :param path: bucket and key, joined by a slash.
    :param has_own_endpoint: it is no store of Amazon's or Google's.
    """
    if has_own_endpoint:
        return ""
    bucket, _, key = path.lstrip("/").partition("/")
    folder = key.rpartition("/")[0]
    if protocol in ("s3", "s3a", "s3n"):
        prefix = f"{quote(folder, safe='/')}/" if folder else ""
        return f"https://console.aws.amazon.com/s3/buckets/{quote(bucket, safe='')}?prefix={prefix}"
    if protocol in ("gs", "gcs"):
        return "https://console.cloud.google.com/storage/browser/" + quote(f"{bucket}/{folder}".rstrip("/"), safe="/")
    return ""
