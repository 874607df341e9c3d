"""Check a wheel and an sdist: what is in them, and that a user's mypy sees the types of what is installed.

    package_check.py DIST INTERPRETER

The interpreter's environment has the wheel installed, and this project is not linked there. Prints one line, or all
that is wrong; the exit status tells which.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PACKAGE = "airflow_provider_orgauth"
_USERS_FILE = f"""
from {PACKAGE}.hooks.orgauth import OrgAuthHook

hook = OrgAuthHook("a_connection")
token: str = hook.get_access_token()
wrong: int = hook.get_access_token()  # line 6: the one error
"""
_EXPECTED = re.compile(r"^\S+:6: error: Incompatible types in assignment")


def check_wheel(wheel: Path) -> list[str]:
    """Return what is wrong with a wheel: it has the package's files, all of them, and its metadata."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (metadata,) = [name for name in names if name.endswith(".dist-info/METADATA")]
        told = Parser().parsestr(archive.read(metadata).decode())
    wrong = _check_metadata(told)
    ours = {name for name in names if ".dist-info/" not in name}
    source = {str(path.relative_to(PROJECT)) for path in _source_files()}
    wrong += [f"{wheel.name} lacks {name}" for name in sorted(source - ours)]
    wrong += [f"{wheel.name} has {name}, which is no file of the package" for name in sorted(ours - source)]
    wrong += [] if f"{PACKAGE}/py.typed" in names else [f"{wheel.name} lacks py.typed"]
    return wrong


def _source_files() -> list[Path]:
    return [path for path in (PROJECT / PACKAGE).rglob("*") if path.is_file() and "__pycache__" not in path.parts]


def _check_metadata(told: Message) -> list[str]:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    required = [text for text in told.get_all("Requires-Dist", []) if "extra ==" not in text]
    pairs = {
        "Name": (told["Name"], project["name"]),
        "Requires-Python": (told["Requires-Python"], project["requires-python"]),
        "License-Expression": (told["License-Expression"], project["license"]),
        "Classifier": (told.get_all("Classifier"), project["classifiers"]),
        "Requires-Dist": (sorted(required), sorted(project["dependencies"])),
    }
    return [
        f"the wheel's {name} is {found}, not {declared}"
        for name, (found, declared) in pairs.items()
        if found != declared
    ]


def check_sdist(sdist: Path) -> list[str]:
    """Return what is wrong with an sdist: it has the package, its tests, and what tells who may use it and how."""
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {str(path.relative_to(PROJECT)) for path in _source_files()}
    wanted |= {"LICENSE", "README.md", "CHANGELOG.md", "SECURITY.md", "pyproject.toml", "tests/conftest.py"}
    return [f"{sdist.name} lacks {name}" for name in sorted(wanted - names)]


def check_installed(python: Path) -> list[str]:
    """Return what is wrong with what is installed: the wheel, where mypy finds a user's one error."""
    where = _output([python, "-P", "-c", f"import {PACKAGE}; print({PACKAGE}.__file__)"]).strip()
    if "site-packages" not in where:
        return [f"the package is imported from {where}, not from the environment"]
    with tempfile.TemporaryDirectory(prefix="orgauth-") as folder:
        file = Path(folder) / "users_file.py"
        file.write_text(_USERS_FILE)
        command = [sys.executable, "-m", "mypy", "--strict", "--python-executable", python, "--no-error-summary"]
        found = _output([*command, "--cache-dir", Path(folder) / "cache", file.name], cwd=Path(folder))
    lines = [line for line in found.splitlines() if ": error:" in line]
    if len(lines) == 1 and _EXPECTED.match(lines[0]):
        return []
    return [f"a user's mypy does not find just the one error, but: {found or 'nothing'}"]


def _output(command: list[object], cwd: Path | None = None) -> str:
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def main(folder: Path, python: Path) -> int:
    """Check all, say so, and return the exit status."""
    (wheel,), (sdist,) = list(folder.glob("*.whl")), list(folder.glob("*.tar.gz"))
    wrong = [*check_wheel(wheel), *check_sdist(sdist), *check_installed(python)]
    print("\n".join(wrong) or f"{wheel.name} and {sdist.name} are as they should be.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]).absolute()))
