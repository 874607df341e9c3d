"""Try the provider on each of several Airflows, and print a table: unit tests, example DAGs, connection form.

    version_matrix.py INTERPRETER ... -- TESTS ...

Each interpreter has an Airflow, this package and pytest. What follows ``--`` is given to pytest, once for each; without
it no tests are run. The exit status tells whether all is as it should be. The emulator runs in this interpreter.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import form_probe
from airflow_home import AirflowHome
from emulator_process import EmulatorProcess
from process_session import ended_by_signals

PROJECT = Path(__file__).resolve().parents[1]
EXAMPLES = ("call", "taskflow")
HEAD = ("Airflow", "Python", "common-compat", "unit tests", "example DAGs", "form", "seconds")
_VERSIONS = """
import platform
from importlib.metadata import version
names = "apache-airflow", "apache-airflow-providers-common-compat"
print(version(names[0]), platform.python_version(), version(names[1]))
"""
_COUNT = re.compile(r"(\d+) (passed|failed|skipped|errors?)\b")


@dataclass
class Row:
    """One line of the table, and what went wrong."""

    airflow: str = "?"
    python: str = "?"
    compat: str = "?"
    tests: str = "not run"
    examples: str = "not run"
    form: str = "not run"
    seconds: float = 0
    wrong: list[str] = field(default_factory=list)

    def cells(self) -> Sequence[str]:
        """Return the line's texts, in the order of HEAD."""
        return (self.airflow, self.python, self.compat, self.tests, self.examples, self.form, f"{self.seconds:.0f}")


def tried(python: Path, tests: Sequence[str], fields: Sequence[str]) -> Row:
    """Return what came of one interpreter. ``fields`` are those that its form must show."""
    row, started = Row(), time.monotonic()
    try:
        row.airflow, row.python, row.compat = _run([python, "-P", "-c", _VERSIONS]).stdout.split()
        say(f"Airflow {row.airflow} on Python {row.python} ...")
        if tests:
            _try_tests(row, python, tests)
        _try_airflow(row, python, fields)
    except Exception as error:  # the others are tried, and the table is printed, whatever happens to one
        row.wrong.append(f"{type(error).__name__}: {error}")
    row.seconds = time.monotonic() - started
    return row


def _try_tests(row: Row, python: Path, tests: Sequence[str]) -> None:
    done = _run([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout", "600", *tests], check=False)
    last = (done.stdout.strip().splitlines() or [""])[-1]
    row.tests = ", ".join(f"{number} {what}" for number, what in _COUNT.findall(last)) or "none"
    if done.returncode:
        row.wrong.append(f"pytest ended with {done.returncode}:\n{(done.stdout + done.stderr)[-8000:]}")


def _try_airflow(row: Row, python: Path, fields: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="orgauth-") as folder:
        root = Path(folder).resolve()
        (root / "airflow").mkdir()
        files = [PROJECT / "example_dags" / f"example_orgauth_{name}.py" for name in EXAMPLES]
        home = AirflowHome(root / "airflow", python=python, dags=files)
        home.migrate()
        _try_form(row, home, fields)
        with EmulatorProcess(root / "emulator.log") as emulator:
            home.connections_add("orgauth_default", emulator.connection())
            _try_examples(row, home, emulator)


def _try_form(row: Row, home: AirflowHome, fields: Sequence[str]) -> None:
    probe = _run([home.python, "-P", PROJECT / "scripts" / "form_probe.py"], env=home.env)
    (line,) = [line for line in probe.stdout.splitlines() if line.startswith(form_probe.MARK)]  # the others are a log's
    shown = json.loads(line.removeprefix(form_probe.MARK))
    row.form = f"{len(shown['fields'])} fields, {len(shown['labels'])} labels"
    if shown["fields"] != list(fields):
        row.wrong.append(f"the form shows {shown['fields']} instead of {list(fields)}")


def _try_examples(row: Row, home: AirflowHome, emulator: EmulatorProcess) -> None:
    states = {}
    for name in EXAMPLES:
        run = home.dags_test(f"example_orgauth_{name}", timeout=600)
        states[name] = run.state
        if run.state != "success":
            row.wrong.append(f"example_orgauth_{name}: {run.state}\n{run.output[-8000:]}")
    row.examples = ", ".join(f"{name}: {state}" for name, state in states.items())
    if not emulator.stats()["api_requests"]:
        row.wrong.append("no request of an example reached the API")


def _run(
    command: Sequence[object], *, env: dict[str, str] | None = None, check: bool = True
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(list(map(str, command)), cwd=PROJECT, env=env, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise RuntimeError(f"{command[0]} ended with code {done.returncode}:\n{(done.stdout + done.stderr)[-4000:]}")
    return done


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a table in Markdown."""
    lines = [HEAD, ["---"] * len(HEAD), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def say(text: str) -> None:
    """Print at once, also through a pipe."""
    print(text, flush=True)


def main(arguments: list[str]) -> int:
    """Try each, print the table, and return the exit status."""
    from airflow_provider_orgauth.hooks.connection_form import BY_NAME

    split = arguments.index("--") if "--" in arguments else len(arguments)
    pythons, tests = arguments[:split], arguments[split + 1 :]
    rows: list[Row] = []
    with ended_by_signals():
        for python in pythons:
            rows.append(tried(Path(python).absolute(), tests, list(BY_NAME)))
            for wrong in rows[-1].wrong:
                say(f"Airflow {rows[-1].airflow} on Python {rows[-1].python}: {wrong}")
    say("\n" + table(rows))
    return 1 if any(row.wrong for row in rows) or not rows else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
