"""``export``: the records of a list in a file, as ``OrgApiOperator`` writes them, and a bar for who waits."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.commands.call_command import json_of, pairs
from airflow_provider_orgauth.commands.progress_bar import ProgressBar
from airflow_provider_orgauth.commands.running import Result
from airflow_provider_orgauth.commands.state_file import KEY, StateFile
from airflow_provider_orgauth.commands.terminal_user import terminal_user
from airflow_provider_orgauth.hooks.database_hook import DatabaseHook
from airflow_provider_orgauth.hooks.pages import Pages
from airflow_provider_orgauth.hooks.storage import storage_path
from airflow_provider_orgauth.operators.arguments import ExportArguments
from airflow_provider_orgauth.operators.export_result import exported
from airflow_provider_orgauth.operators.interval import Interval

if TYPE_CHECKING:
    from argparse import Namespace

    from airflow_provider_orgauth.paging.paginator import Page, Paginator


def result_of(args: Namespace) -> Result:
    """Export; return the manifest as a row."""
    hook = DatabaseHook(args.conn_id, user=terminal_user())
    pages = hook.paginate(
        args.endpoint,
        pagination=_pagination(args.pagination),
        params=dict(pairs("--param", args.param, "=")) or None,
        records=args.records,
        max_concurrency=args.max_concurrency,
    )
    arguments = ExportArguments(
        org_conn_id=args.conn_id,
        output_path=args.output_path,
        outlets=(),
        fields=_names(args.fields),
        drop_fields=_names(args.drop_fields),
        unique_by=_names(args.unique_by),
        strict=args.strict,
        require_fields=True,
        time_field=None,
    )
    state = StateFile(storage_path(args.output_path), hook.seal)
    if args.anew:
        state.clear()
    try:
        with ProgressBar(sys.stderr) as bar:
            shown = _ShownPages(
                **{field.name: getattr(pages, field.name) for field in fields(Pages)}, bar=bar, state=state
            )
            manifest = exported(
                arguments,
                shown,
                hook=hook,
                interval=Interval(None, None),
                time_field=None,
                context={},
                state=state,
                key=KEY,
            )
    except BaseException:
        if state.pages:
            _say(f"Stopped after page {state.pages:,}. The same command goes on there; with --anew, it begins anew.")
        raise
    return Result([manifest])


def _say(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201


@dataclass(frozen=True, kw_only=True)
class _ShownPages(Pages):
    """The pages, of which a bar tells."""

    bar: ProgressBar
    state: StateFile

    def undecoded(self, paginator: Paginator) -> Iterator[Page]:
        if paginator.pages:
            _say(
                f"Going on after page {paginator.pages:,}, where an earlier command stopped at {self.state.saved_at}. "
                "The list may have changed since: --anew begins with the first page."
            )
            self.bar.begin_after(records=paginator.records, pages=paginator.pages)
        for page in super().undecoded(paginator):
            self.bar.advance(records=len(page.records), total=page.total)
            yield page


def _pagination(text: str) -> Mapping[str, Any] | str:
    if not text.lstrip().startswith("{"):
        return text
    found: dict[str, Any] = json_of("--pagination", text)
    return found


def _names(text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]
