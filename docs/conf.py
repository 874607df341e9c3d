"""Sphinx configuration: `make docs` builds the site, and a warning is an error."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import MISSING, fields
from pathlib import Path

HERE = Path(__file__).parent
# autodoc imports Airflow, which writes its configuration into its home: keep that out of the user's.
os.environ.setdefault("AIRFLOW_HOME", str(HERE / "_build" / "airflow"))

# The fault matrix is data beside its tests; it is read, no test is run.
sys.path.append(str(HERE.parent / "tests" / "faults"))

from cells import ATTEMPTS  # noqa: E402
from table import api_table, faults_table, placements_table, token_endpoint_table  # noqa: E402

from airflow_provider_orgauth import __version__  # noqa: E402
from airflow_provider_orgauth.client import retryable  # noqa: E402
from airflow_provider_orgauth.client.settings import DEFAULT_CONCURRENCY  # noqa: E402
from airflow_provider_orgauth.emulator.faults import KINDS  # noqa: E402
from airflow_provider_orgauth.emulator.handle import HOST  # noqa: E402
from airflow_provider_orgauth.emulator.settings import Settings  # noqa: E402
from airflow_provider_orgauth.hooks.connection_form import FIELDS  # noqa: E402
from airflow_provider_orgauth.hooks.field import Field  # noqa: E402
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook  # noqa: E402
from airflow_provider_orgauth.operators.result_size import MAX_RESULT_BYTES  # noqa: E402
from airflow_provider_orgauth.triggers import event_arguments  # noqa: E402

project = "airflow-provider-orgauth"
author = "The airflow-provider-orgauth authors"
copyright = author
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton"]
exclude_patterns = ["_build", "examples"]
myst_enable_extensions = ["colon_fence", "deflist", "substitution"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
maximum_signature_line_length = 100

html_theme = "furo"
html_title = f"{project} {__version__}"
html_show_sphinx = False
html_static_path = ["_static"]
html_css_files = ["site.css"]


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _allowed(field: Field) -> str:
    if field.choices:
        return ", ".join(f"`{choice}`" for choice in field.choices)
    if field.kind in ("number", "integer"):
        whole = "whole number" if field.kind == "integer" else "number"
        return f"{whole} {field.range}"
    if field.kind == "integers":
        return f"whole numbers {field.range}, as a list or separated by commas"
    return {"flag": "`true`, `false`", "object": "JSON object"}.get(field.kind, "text")


def _connection_table() -> str:
    rows = [_row("extra", "label", "default", "allowed", "meaning"), _row(*["---"] * 5)]
    for field in FIELDS:
        shown = json.dumps(field.default) if isinstance(field.default, bool) else field.default
        default = "none" if shown is None else f"`{shown}`"
        rows.append(_row(f"`{field.name}`", field.label, default, _allowed(field), field.help))
    return "\n".join(rows)


def _emulator_table() -> str:
    rows = [_row("setting", "default", "meaning"), _row(*["---"] * 3)]
    for setting in fields(Settings):
        default = {} if setting.default is MISSING else setting.default
        hidden = setting.name in ("client_id", "client_secret")
        shown = "a made-up one" if hidden else f"`{json.dumps(default)}`"
        choices = setting.metadata["choices"]
        choice = f" ({', '.join(f'`{one}`' for one in choices)})" if choices else ""
        rows.append(_row(f"`{setting.name}`", shown, setting.metadata["help"] + choice))
    return "\n".join(rows)


def _fault_table() -> str:
    rows = [_row("kind", "what happens"), _row("---", "---")]
    return "\n".join(rows + [_row(f"`{kind}`", what) for kind, what in KINDS.items()])


def _retry_table() -> str:
    rows = [_row("what came", "is it sent again?", "because"), _row(*["---"] * 3)]
    return "\n".join(rows + [_row(row.what, row.repeated, row.why) for row in retryable.ROWS])


# Made from the code, so that the pages cannot fall behind it.
myst_substitutions = {
    "connection_table": _connection_table(),
    "emulator_table": _emulator_table(),
    "fault_table": _fault_table(),
    "retry_table": _retry_table(),
    "fault_attempts": ATTEMPTS,
    "fault_placements_table": placements_table(),
    "fault_what_table": faults_table(),
    "fault_token_endpoint_table": token_endpoint_table(),
    "fault_api_table": api_table(),
}


_CONSTANTS = {
    "DEFAULT_CONCURRENCY": f"{DEFAULT_CONCURRENCY}",
    "MAX_RESULT_BYTES": f"{MAX_RESULT_BYTES}",
    "HOST": repr(HOST),
    "CONN_ID": repr(OrgAuthHook.default_conn_name),
    "default_conn_name": repr(OrgAuthHook.default_conn_name),
}
"""Names in signatures that say nothing to who reads the reference."""

_FOR_TESTS = ("clock", "sleep", "uniform")
"""Parameters that only tests give."""

_MADE_HERE = ("Pages", "AsyncPages", "AsyncOrgSession", "Emulator", "PageAnswer")
"""Classes of which users get objects, and make none."""


def _signature(app, what, name, obj, options, signature, returns):  # noqa: ANN001, ANN202, PLR0917
    if what == "class" and name.rpartition(".")[2] in _MADE_HERE:
        return "", returns
    for constant, value in _CONSTANTS.items():
        signature = re.sub(rf"\b{constant}\b", value, signature or "")
    signature = re.sub(r"\bDEFAULTS\[.(\w+).\]", lambda found: repr(event_arguments.DEFAULTS[found[1]]), signature)
    for parameter in _FOR_TESTS:
        signature = re.sub(rf", {parameter}: .*? = [\w.]+(?=[,)])", "", signature)
    return signature or None, returns


def _docstring(app, what, name, obj, options, lines):  # noqa: ANN001, ANN202, PLR0917
    lines[:] = [line for line in lines if not line.startswith(tuple(f":param {name}:" for name in _FOR_TESTS))]


def setup(app) -> None:  # noqa: ANN001
    """Show in the reference what a user gives."""
    app.connect("autodoc-process-signature", _signature)
    app.connect("autodoc-process-docstring", _docstring)
