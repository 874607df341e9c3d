"""Each contract on imports in ``pyproject.toml`` refuses what its name says: in a copy, wrong imports are found."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

pytest.importorskip("importlinter")

ROOT = Path(__file__).parents[2]
PACKAGE = "airflow_provider_orgauth"
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
NAMES = [contract["name"] for contract in CONTRACTS]
ROOMS = {path.name for path in (ROOT / PACKAGE).iterdir() if (path / "__init__.py").is_file()}
OTHERS = sorted((ROOMS | {path.stem for path in (ROOT / PACKAGE).glob("[a-z]*.py")}) - {"emulator"})

WRONG = {
    "Arrows run one way": [
        ("operators.list_result", "provider_info"),
        ("operators.list_result", "emulator.core"),
        ("operators.list_result", "retry_policy"),
        ("operators.list_result", "sensors.argument_checks"),
        ("answers.looks", "operators.list_result"),
        ("hooks.once", "answers.looks"),
        ("hooks.once", "operators.list_result"),
        ("observers.guarded", "hooks.once"),
        ("client.admission_control", "observers.guarded"),
        ("cache.shared_name", "hooks.once"),
        ("cache.shared_name", "client.admission_control"),
        ("exports.jsonl_writer", "cache.shared_name"),
        ("paging.request", "client.admission_control"),
        ("forks", "client.admission_control"),
        ("private_folder", "paging.request"),
        ("exceptions", "private_folder"),
        ("compat", "exceptions"),
        ("compat", "oauth.token"),
        ("oauth.token", "exceptions"),
        ("oauth.token", "paging.request"),
    ],
    "oauth is pure": [("oauth.token", "requests"), ("oauth.token", "socket")],
    "paging is pure": [("paging.request", name) for name in ("airflow", "compat", "urllib3", "private_folder")],
    "waiting is pure": [
        ("waiting.schedule", name) for name in ("airflow", "compat", "requests", "time", "paging.request")
    ],
    "exports takes pages": [
        ("exports.jsonl_writer", name) for name in ("airflow", "compat", "requests", "private_folder")
    ],
    "client knows HTTP": [("client.admission_control", "airflow"), ("client.admission_control", "compat")],
    "what Airflow imports": [
        ("operators.list_result", "operators.org_api"),
        ("answers.looks", "sensors.org_api"),
        ("operators.list_result", "provider_info"),
    ],
    "the emulator stands alone": [("emulator.core", name) for name in ("airflow", *OTHERS)],
}
"""For each contract, by how its name begins: who imports what it must not."""

CIRCLES = [("oauth.token", "oauth.renewal"), ("exports.jsonl_writer", "exports.export")]
"""Who imports who already imports it, by a way through other files or straight."""


def absolute(name):
    return f"{PACKAGE}.{name}" if name.partition(".")[0] in (*OTHERS, "emulator") else name


def add(folder, importer, imported):
    place = folder / PACKAGE / f"{importer.replace('.', '/')}.py"
    place.write_text(f"{place.read_text()}\nimport {absolute(imported)}\n")


def lint(folder):
    """Return what ``lint-imports`` prints of the package in ``folder``, and its exit code; lines are not wrapped."""
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "1000"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return re.sub(r"\s+", " ", done.stdout), done.returncode


@pytest.fixture
def copied(tmp_path):
    shutil.copytree(ROOT / PACKAGE, tmp_path / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_wrong_import_is_refused(copied):
    for importer, imported in dict.fromkeys(pair for pairs in WRONG.values() for pair in pairs):
        add(copied, importer, imported)

    said, code = lint(copied)

    assert code == 1
    kept, _, broken = said.partition("Broken contracts")
    for contract, pairs in WRONG.items():
        (name,) = (name for name in NAMES if name.startswith(contract))
        assert f"{name} BROKEN" in kept
        found = broken[broken.index(name) :]
        for importer, imported in pairs:
            arrow = f"{absolute(importer)} -> {absolute(imported)}"
            assert re.search(rf"{re.escape(arrow)} \(l\.", found), f"{name}: {arrow} is not refused"


def test_no_contract_is_without_a_wrong_import():
    assert len(WRONG) + len(["no circle"]) == len(NAMES)


def test_a_circle_is_refused(copied):
    for importer, imported in CIRCLES:
        add(copied, importer, imported)

    said, code = lint(copied)

    assert (code, " 1 broken" in said) == (1, True)
    assert [f"No cycles are allowed in {PACKAGE}.{room}" in said for room in ("oauth", "exports", "paging")] == [
        True,
        True,
        False,
    ]


def test_a_room_without_a_layer_is_refused(copied):
    (copied / PACKAGE / "attic.py").write_text("")

    said, code = lint(copied)

    assert (code, "attic" in said) == (1, True)


def test_all_is_well_as_it_is(copied):
    said, code = lint(copied)

    assert (code, " 0 broken" in said) == (0, True), said
