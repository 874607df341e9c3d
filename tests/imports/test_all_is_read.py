"""Nothing in the package is there for nobody: what no line of it reads is somebody's from outside, and named here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "airflow_provider_orgauth"

READ_BY_AIRFLOW = {
    *("conn_name_attr", "hook_name", "get_connection_form_widgets", "get_ui_field_behaviour", "test_connection"),
    *("execute", "poke", "on_kill", "template_fields_renderers", "ui_color", "operator_extra_links"),
    *("get_link", "xcom_key", "get_openlineage_facets_on_complete", "get_provider_info", "evaluate", "serialize"),
    *("shared_stream_key", "airflow_commands", "TokensPlugin", "fastapi_apps", "external_views"),
}
READ_BY_USERS = {
    "OrgApiSensor",
    "retry_policy_where_supported",
    "options",
    "patch",
    "clear_faults",
    "connection_uri",
    "orgauth_connection",
    "script_device",
}
READ_BY_LIBRARIES = {
    *("readable", "writable"),  # io
    "response_class",  # http.client
    *("get_all", "isclosed"),  # http.cookiejar, urllib3
    *("sync_auth_flow", "async_auth_flow"),  # httpx
    "rebuild_auth",  # requests
}


def defined(tree: ast.Module) -> Iterator[str]:
    """Yield the names of classes, functions and methods, and what is assigned in a module or a class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        if isinstance(node, ast.Module | ast.ClassDef):
            for line in node.body:
                targets = line.targets if isinstance(line, ast.Assign) else [getattr(line, "target", None)]
                yield from (target.id for target in targets if isinstance(target, ast.Name))


def read(tree: ast.Module) -> Iterator[str]:
    """Yield the names that are read, imported, or written as a text, as for ``getattr``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            yield node.id if isinstance(node, ast.Name) else node.attr
        elif isinstance(node, ast.alias):
            yield node.name.rpartition(".")[2]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def methods_of_the_hook():
    """The hook is for users: what it offers need not be used here."""
    files = ("orgauth", "hook_calls", "hook_lists", "hook_files")
    trees = [ast.parse((PACKAGE / "hooks" / f"{name}.py").read_text()) for name in files]
    classes = [node for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)]
    methods = [node for one in classes for node in one.body]
    return {node.name for node in methods if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_what_the_package_defines_somebody_reads():
    trees = [ast.parse(path.read_text()) for path in PACKAGE.rglob("*.py")]
    names = {name for tree in trees for name in defined(tree) if not name.startswith("__")}

    dead = names - {name for tree in trees for name in read(tree)} - methods_of_the_hook()

    assert dead - READ_BY_AIRFLOW - READ_BY_USERS - READ_BY_LIBRARIES == set()
