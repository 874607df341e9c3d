"""What ``OrgApiOperator`` does with ``output_path``: the export that its arguments ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.client.query import query_of
from airflow_provider_orgauth.exports.checkpoints import Checkpoints
from airflow_provider_orgauth.exports.export import Export
from airflow_provider_orgauth.exports.export_names import suffix_of
from airflow_provider_orgauth.exports.field_watch import FieldWatch
from airflow_provider_orgauth.exports.fields import change_of
from airflow_provider_orgauth.exports.hidden_name import hidden_name
from airflow_provider_orgauth.exports.notes import Notes
from airflow_provider_orgauth.exports.parquet_export import ParquetExport, spooled
from airflow_provider_orgauth.exports.targets import landing_of
from airflow_provider_orgauth.exports.unique import Unique
from airflow_provider_orgauth.hooks.storage import storage_path
from airflow_provider_orgauth.hooks.task_key import task_key
from airflow_provider_orgauth.operators.outlets import tell_outlets
from airflow_provider_orgauth.operators.task_state import attempt_of, digest_of, task_state
from airflow_provider_orgauth.operators.time_field import time_field_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airflow_provider_orgauth.compat import Context, ObjectStoragePath
    from airflow_provider_orgauth.exports.landing import Landing
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
    from airflow_provider_orgauth.hooks.pages import Pages
    from airflow_provider_orgauth.operators.interval import Interval
    from airflow_provider_orgauth.operators.org_api import OrgApiOperator
    from airflow_provider_orgauth.paging.walk import Page, Walk


def exported(
    operator: OrgApiOperator, hook: OrgAuthHook, pages: Pages, interval: Interval, context: Context
) -> dict[str, Any]:
    """Write the records to ``output_path`` and return the manifest; the watermark moves when all is done."""
    path, key = storage_path(operator.output_path), task_key(context)
    checkpoints = Checkpoints(
        task_state(context, lambda: hook.seal), purpose=_purpose(operator, hook, pages), attempt=attempt_of(context)
    )
    export = _export_of(operator, pages, path, key, checkpoints)
    time_field = time_field_of(operator, interval)

    def pages_of(walk: Walk) -> Iterator[Page]:
        walked = pages.undecoded(walk)
        return walked if time_field is None else time_field.within(walked)

    manifest = {**export.run(pages_of), **interval.to_dict()}
    interval.done()
    tell_outlets(operator.outlets, manifest, context)
    return manifest


def _export_of(
    operator: OrgApiOperator, pages: Pages, path: ObjectStoragePath, key: str, checkpoints: Checkpoints
) -> Export | ParquetExport:
    def lines(
        path: ObjectStoragePath, when_complete: Callable[[dict[str, Any]], object] | None = None
    ) -> tuple[Landing, Export]:
        landing = landing_of(path, key=key)
        unique = None if operator.unique_by is None else Unique(operator.unique_by)
        change = change_of(fields=operator.fields, drop_fields=operator.drop_fields)
        return landing, Export(
            str(path),
            pages.style,
            landing,
            checkpoints,
            notes_of=lambda kind: Notes(path.fs, path.path, key=key, kind=kind),
            change=change,
            unique=unique,
            strict=operator.strict,
            when_complete=when_complete,
            watch=FieldWatch(operator.fields or (), operator.drop_fields or (), operator.time_field),
            require_fields=operator.require_fields,
        )

    if suffix_of(str(path)) != ".parquet":
        return lines(path)[1]
    hidden = path.parent / f"{hidden_name(path.name, key)}.jsonl"
    spool, spool_export = lines(hidden, lambda manifest: checkpoints.save(spooled(manifest)))
    return ParquetExport(
        str(path),
        landing_of(path, key=key),
        checkpoints,
        spool=spool,
        spool_export=spool_export,
        remove=lambda: hidden.unlink(missing_ok=True),
    )


def _purpose(operator: OrgApiOperator, hook: OrgAuthHook, pages: Pages) -> dict[str, str]:
    """Return digests of all that decides what the file is going to be."""
    request = pages.request
    decides = {
        "org_conn_id": operator.org_conn_id,
        "the connection's server or headers": hook.fingerprint,
        "endpoint": request.endpoint,
        "method": request.method,
        "params": query_of(request.params),
        "json": request.json,
        "headers": request.headers,
        "records": request.records,
        "pagination": pages.style,
        "output_path": operator.output_path,
        "fields": operator.fields,
        "drop_fields": operator.drop_fields,
        "unique_by": operator.unique_by,
    }
    return {argument: digest_of(value)[:16] for argument, value in decides.items()}
