"""The examples in the hook's docstrings run, on the emulator."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import textwrap

import pytest

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.paging import PageNumberPagination


def examples(*documented) -> list[str]:
    """The literal blocks (``::``) of these docstrings."""
    text = "\n\n".join(f"{inspect.getdoc(one)}\n" for one in documented)
    return [textwrap.dedent(block) for block in re.findall(r"::\n\n((?:    .*\n|\n)+)", text)]


EXAMPLES = examples(
    OrgAuthHook,
    OrgAuthHook.run_async,
    OrgAuthHook.async_session,
    OrgAuthHook.download,
    OrgAuthHook.paginate,
    OrgAuthHook.paginate_async,
)


def test_there_are_some():
    assert len(EXAMPLES) >= 6


@pytest.mark.parametrize("example", EXAMPLES)
def test_example(example, hook, tmp_path, orgauth_emulator):
    # The emulator has no report, and no test has that bucket: any answer does, in any file.
    for shown, here in {"s3://aws_default@lake": str(tmp_path), "report/7/pdf": "profile", ".pdf": ".json"}.items():
        example = example.replace(shown, here)
    before = orgauth_emulator.stats()["api_requests"]

    names = {"OrgAuthHook": OrgAuthHook, "PageNumberPagination": PageNumberPagination, "hook": hook}
    ran = eval(compile(example, "example", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), {**names, "asyncio": asyncio})
    if inspect.iscoroutine(ran):
        asyncio.run(ran)

    assert orgauth_emulator.stats()["api_requests"] > before
