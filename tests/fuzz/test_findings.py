"""The fuzzer's seeds and findings, replayed: what was found once stays mended. No fuzzer is needed for this."""

from importlib import import_module
from pathlib import Path

import pytest

from fuzz.targets import NAMES

FUZZ = Path(__file__).resolve().parents[2] / "fuzz"
INPUTS = [
    pytest.param(path.parent.name, path, id=f"{path.parent.parent.name}/{path.parent.name}/{path.name}")
    for folder in ("seeds", "findings")
    for path in sorted((FUZZ / folder).glob("*/*"))
]


@pytest.mark.parametrize(("target", "path"), INPUTS)
def test_a_kept_input_has_the_properties_of_its_target(target, path):
    import_module(f"fuzz.targets.{target}").one(path.read_bytes())


@pytest.mark.parametrize("target", NAMES)
def test_every_target_has_seeds_and_stands_the_least_of_inputs(target):
    assert list((FUZZ / "seeds" / target).iterdir())
    for data in (b"", b"\n", b"\n" * 9, b"\x00", b"\xff" * 99):
        import_module(f"fuzz.targets.{target}").one(data)


def test_every_module_of_the_folder_is_a_target():
    modules = {path.stem for path in (FUZZ / "targets").glob("*.py")} - {"__init__"}

    assert modules == set(NAMES)
    assert {path.name for folder in ("seeds", "findings") for path in (FUZZ / folder).glob("*")} <= modules
