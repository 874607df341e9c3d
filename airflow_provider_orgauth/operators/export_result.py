"""What ``OrgApiOperator`` does with ``output_path``: the export that its arguments ask for."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.client.query import query_of
from airflow_provider_orgauth.exports.checkpoints import Checkpoints
from airflow_provider_orgauth.exports.dedup import Deduplicator
from airflow_provider_orgauth.exports.export import Export
from airflow_provider_orgauth.exports.field_watch import FieldWatch
from airflow_provider_orgauth.exports.formats import format_of
from airflow_provider_orgauth.exports.hidden_name import hidden_name, remove_link
from airflow_provider_orgauth.exports.record_fields import change_of
from airflow_provider_orgauth.exports.side_files import SideFiles
from airflow_provider_orgauth.exports.sink_choice import sink_of
from airflow_provider_orgauth.exports.spooled_export import SpooledExport, spooled
from airflow_provider_orgauth.hooks.storage import storage_path
from airflow_provider_orgauth.hooks.task_key import task_key
from airflow_provider_orgauth.operators.export_metrics import ExportMetrics
from airflow_provider_orgauth.operators.folder_link import push_folder_link
from airflow_provider_orgauth.operators.outlets import tell_outlets
from airflow_provider_orgauth.operators.task_progress import TaskProgress, of_manifest
from airflow_provider_orgauth.operators.task_state import attempt_of, digest_of, task_state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airflow_provider_orgauth.compat import Context, ObjectStoragePath
    from airflow_provider_orgauth.exports.checkpoints import StateStore
    from airflow_provider_orgauth.exports.increments import Increments
    from airflow_provider_orgauth.exports.progress import Show
    from airflow_provider_orgauth.exports.sink import Sink
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
    from airflow_provider_orgauth.hooks.pages import Pages
    from airflow_provider_orgauth.operators.arguments import ExportArguments
    from airflow_provider_orgauth.operators.interval import Interval
    from airflow_provider_orgauth.operators.time_field import TimeField
    from airflow_provider_orgauth.paging.paginator import Page, Paginator


log = logging.getLogger(__name__)


def exported(
    arguments: ExportArguments,
    pages: Pages,
    *,
    hook: OrgAuthHook,
    interval: Interval,
    time_field: TimeField | None,
    context: Context,
    state: StateStore | None = None,
    key: str | None = None,
) -> dict[str, Any]:
    """Write the records to ``output_path`` and return the manifest; the watermark moves when all is done.

    :param state: where it is kept how far the export is; None: in the task's state, if there is one.
    :param key: tells the hidden files of this export from another's; None: the task's.
    """
    path, key = storage_path(arguments.output_path), key or task_key(context)
    checkpoints = Checkpoints(
        state or task_state(context, lambda: hook.seal),
        purpose=_purpose(arguments, hook, pages),
        attempt=attempt_of(context),
    )
    progress = TaskProgress(context.get("task_state_store"), str(path))
    metrics = ExportMetrics(hook.observer, is_converted=format_of(str(path)).conversion is not None)
    export = _export_of(arguments, pages, path, key, checkpoints, increments=metrics.increments, show=progress.show)
    push_folder_link(context, path)
    log.info("Exporting %s to %s: %s.", pages.request.endpoint.partition("?")[0], path, _how(pages))

    def pages_of(paginator: Paginator) -> Iterator[Page]:
        walked = pages.undecoded(paginator)
        return walked if time_field is None else time_field.within(walked)

    manifest = {**export.run(pages_of), **interval.to_dict()}
    metrics.complete(manifest["bytes"])
    progress.show(of_manifest(manifest))
    interval.done()
    tell_outlets(arguments.outlets, manifest, context)
    return manifest


def _how(pages: Pages) -> str:
    """Say how the list is read: what the query says has replaced what the style had."""
    size = pages.style.asked_for
    how_many = "" if size is None else f"{size:,} records asked for in a page, "
    return f"{how_many}at most {pages.max_concurrency} requests at once"


def _export_of(
    arguments: ExportArguments,
    pages: Pages,
    path: ObjectStoragePath,
    key: str,
    checkpoints: Checkpoints,
    *,
    increments: Increments,
    show: Show,
) -> Export | SpooledExport:
    def lines(
        path: ObjectStoragePath, when_complete: Callable[[dict[str, Any]], object] | None = None
    ) -> tuple[Sink, Export]:
        sink = sink_of(path, key=key)
        dedup = None if arguments.unique_by is None else Deduplicator(arguments.unique_by)
        change = change_of(fields=arguments.fields, drop_fields=arguments.drop_fields)
        return sink, Export(
            str(path),
            pages.style,
            sink,
            checkpoints,
            side_files_of=lambda kind: SideFiles(path.fs, path.path, key=key, kind=kind),
            change=change,
            dedup=dedup,
            strict=arguments.strict,
            when_complete=when_complete,
            watch=FieldWatch(arguments.fields or (), arguments.drop_fields or (), arguments.time_field),
            require_fields=arguments.require_fields,
            increments=increments,
            show=show,
        )

    conversion = format_of(str(path)).conversion
    if conversion is None:
        return lines(path)[1]
    hidden = path.parent / f"{hidden_name(path.name, key)}.jsonl"

    def when_spooled(manifest: dict[str, Any]) -> None:
        checkpoints.save(spooled(manifest))
        show(of_manifest(manifest, state="converting"))

    remove_link(hidden.fs, hidden.path)
    spool, spool_export = lines(hidden, when_spooled)
    return SpooledExport(
        str(path),
        sink_of(path, key=key),
        checkpoints,
        conversion=conversion,
        spool=spool,
        spool_export=spool_export,
        remove=lambda: hidden.unlink(missing_ok=True),
    )


def _purpose(arguments: ExportArguments, hook: OrgAuthHook, pages: Pages) -> dict[str, str]:
    """Return digests of all that decides what the file is going to be."""
    request = pages.request
    decides = {
        "org_conn_id": arguments.org_conn_id,
        "the connection's server or headers": hook.fingerprint,
        "endpoint": request.endpoint,
        "method": request.method,
        "params": query_of(request.params),
        "json": request.json,
        "headers": request.headers,
        "records": request.records,
        "pagination": pages.style,
        "output_path": arguments.output_path,
        "fields": arguments.fields,
        "drop_fields": arguments.drop_fields,
        "unique_by": arguments.unique_by,
    }
    return {argument: digest_of(value)[:16] for argument, value in decides.items()}
