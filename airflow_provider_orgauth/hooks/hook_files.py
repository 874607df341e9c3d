"""A hook's files: an answer whose body is handed on piece by piece."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.hooks.hook_calls import HookCalls

if TYPE_CHECKING:
    import requests

    from airflow_provider_orgauth.client.download_session import TakeAnswer
    from airflow_provider_orgauth.compat import ObjectStoragePath


class HookFiles(HookCalls):
    """What an :class:`~.orgauth.OrgAuthHook` writes to files."""

    def download(
        self,
        endpoint: str,
        path: str | os.PathLike[str] | ObjectStoragePath,
        *,
        method: str = "GET",
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        send_token: bool = True,
    ) -> dict[str, Any]:
        """Send one request and write the body of its answer to a file, piece by piece; return a manifest.

        ::

            manifest = hook.download("/api/v1/organization/report/7/pdf", "s3://aws_default@lake/report-7.pdf")

        The file appears under its name when it is complete. An answer that breaks off is asked for again, from the
        beginning, where :meth:`run` would ask again. No header of the answer has a say in the name.

        :param path: where to: a path, also a relative one, or any URL that ``ObjectStoragePath`` takes.
        :param send_token: False: ``endpoint`` is an https URL of any host, such as a signed link to a store, and gets
            neither the token nor the default headers of the connection.
        :returns: ``path``, ``bytes``, ``sha256`` (hex digits), ``status``, ``content_type``, ``etag``,
            ``last_modified``, ``warning`` (why the file may not be whole, or None), ``overlap`` (another file
            that got the same name meanwhile, or None), ``duration`` (seconds).
        :raises ConfigurationError: no file system takes the path, or another instance of this mapped task writes there.
        :raises ResponseError: the answer has no file in it (202, 204), or one of another kind than the suffix says.
        :raises OrgAuthError: as :meth:`run`.
        :raises OSError: the file could not be written.
        """
        from airflow_provider_orgauth.exports.checkpoints import Checkpoints
        from airflow_provider_orgauth.hooks.downloads import DownloadRequest
        from airflow_provider_orgauth.hooks.file_claims import claimed_file, itself
        from airflow_provider_orgauth.hooks.storage import naming, storage_path
        from airflow_provider_orgauth.hooks.task_key import current_context, task_key

        request, context = DownloadRequest(endpoint, method, params, json, data, headers), current_context()
        with naming("path"):
            target = storage_path(path)
            with claimed_file(str(target), context, [*itself(context.get("ti"))]):
                manifest = request.to(
                    target,
                    self.handing_on if send_token else self.handing_on_link,
                    key=task_key(context),
                    checkpoints=Checkpoints(None, purpose={}),
                )
        if self.observer is not None:
            self.observer.exported(files=1, size=manifest["bytes"])
        return manifest

    def handing_on(self, take: TakeAnswer) -> Callable[..., requests.Response]:
        """Return a :meth:`run` that gives a good answer's body to ``take``, in pieces; each attempt begins anew."""
        from airflow_provider_orgauth.client.download_session import DownloadSession

        return partial(self._run_in, DownloadSession(self._session, take))

    def handing_on_link(self, take: TakeAnswer) -> Callable[..., requests.Response]:
        """Return the same for a link to any host: it is sent without the token and without the default headers."""
        from airflow_provider_orgauth.client.link_session import LinkSession
        from airflow_provider_orgauth.hooks.link_errors import as_of_link

        return as_of_link(partial(self._run_in, LinkSession(self._session, take)))
