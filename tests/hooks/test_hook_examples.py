"""The examples in the docstrings of the hook and of its sessions run, on the emulator."""

from __future__ import annotations

import ast
import asyncio
import inspect

import pytest
from documented_examples import literal_blocks

from airflow_provider_orgauth.client.aio.session import AsyncOrgSession
from airflow_provider_orgauth.hooks.async_pages import AsyncPages
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.hooks.pages import Pages
from airflow_provider_orgauth.paging import PageNumberPagination

EXAMPLES = literal_blocks(
    OrgAuthHook,
    OrgAuthHook.auth,
    OrgAuthHook.get_conn,
    OrgAuthHook.run_async,
    OrgAuthHook.async_session,
    OrgAuthHook.download,
    OrgAuthHook.paginate,
    OrgAuthHook.paginate_async,
    Pages,
    AsyncPages,
    AsyncOrgSession,
)


@pytest.mark.parametrize("example", EXAMPLES)
def test_example(example, hook, tmp_path, orgauth_emulator):
    here = {
        "https://fra1.blynk.cloud": orgauth_emulator.url,
        # The emulator has no report, and no test has that bucket: any answer does, in any file.
        "s3://aws_default@lake": str(tmp_path),
        "report/7/pdf": "profile",
        ".pdf": ".json",
    }
    for shown, instead in here.items():
        example = example.replace(shown, instead)
    before = orgauth_emulator.stats()["api_requests"]

    names = {"OrgAuthHook": OrgAuthHook, "PageNumberPagination": PageNumberPagination, "hook": hook}
    ran = eval(compile(example, "example", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), {**names, "asyncio": asyncio})
    if inspect.iscoroutine(ran):
        asyncio.run(ran)

    assert orgauth_emulator.stats()["api_requests"] > before
