"""What an import adds to a DAG file that has `airflow.sdk` already: paid at every parse of every such file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from figures import Figures, Spread

RUNS, RUNS_UNCOMPILED = 9, 1
SDK = "from airflow.sdk import DAG, BaseOperator, task"
PEER = "HttpOperator"
OPERATOR = "OrgApiOperator"
IMPORTS = {
    OPERATOR: "from airflow_provider_orgauth.operators.org_api import OrgApiOperator",
    "OrgAuthHook": "from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook",
    PEER: "from airflow.providers.http.operators.http import HttpOperator",
}
_PROGRAM = """
from time import perf_counter
start = perf_counter()
{sdk}
middle = perf_counter()
{extra}
print(1000 * (middle - start), 1000 * (perf_counter() - middle))
"""


def measure(root: Path) -> Figures:
    """Import in fresh processes, one after the other and by turns."""
    compiled = root / "bytecode"
    _import("\n".join(IMPORTS.values()), compiled, write=True)  # writes the bytecode of all that is measured
    base: list[float] = []
    added: dict[str, list[float]] = {name: [] for name in IMPORTS}
    uncompiled: dict[str, list[float]] = {name: [] for name in IMPORTS}
    base_uncompiled: list[float] = []
    for _ in range(RUNS):
        for name, line in IMPORTS.items():
            sdk, extra = _import(line, compiled, write=False)
            base.append(sdk)
            added[name].append(extra)
    for _ in range(RUNS_UNCOMPILED):
        for name, line in IMPORTS.items():
            sdk, extra = _import(line, root / "no-bytecode", write=False)
            base_uncompiled.append(sdk)
            uncompiled[name].append(extra)
    rows = [("airflow.sdk itself", Spread.of(base), Spread.of(base_uncompiled))]
    rows += [(f"+ {name}", Spread.of(added[name]), Spread.of(uncompiled[name])) for name in IMPORTS]
    ours, peer = (Spread.of(added[name]).median for name in (OPERATOR, PEER))
    return Figures(
        "Import on top of airflow.sdk, in ms: median (lowest to highest)",
        ("import", "with bytecode", "without bytecode"),
        rows,
        [
            f"{RUNS} fresh processes each with bytecode, as an installed package has it after its first import; "
            f"{RUNS_UNCOMPILED} without, where every file is compiled from source.",
            "The aim is 20 ms for the operator, with bytecode.",
        ],
        {f"{PEER} / {OPERATOR}": peer / ours},
    )


def _import(extra: str, cache: Path, *, write: bool) -> tuple[float, float]:
    """Return the milliseconds that `airflow.sdk` took, and `extra` after it."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    # A bytecode folder of our own: neither what lies beside the sources nor PYTHONDONTWRITEBYTECODE decides.
    env["PYTHONPYCACHEPREFIX"] = str(cache)
    if not write:
        env["PYTHONDONTWRITEBYTECODE"] = "1"
    done = subprocess.run(
        [sys.executable, "-P", "-c", _PROGRAM.format(sdk=SDK, extra=extra)],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    sdk, added = map(float, done.stdout.split()[-2:])
    return sdk, added
