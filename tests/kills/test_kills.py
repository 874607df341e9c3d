"""An export to a folder, killed at random moments: the next try completes it, and it is the same file."""

import random

import pytest
from export_runs import Runs

KILLS = 5
"""In the middle of an export, for each of five kinds."""


@pytest.fixture
def orgauth_emulator_settings():
    return {"devices": 6_000, "latency": 0.02}


@pytest.fixture
def runs(orgauth_emulator, tmp_path):
    """Return a function that makes the tries of one task."""
    environment = {"AIRFLOW_CONN_ORGAUTH_DEFAULT": orgauth_emulator.connection_json(cache="memory")}

    def make(name, **arguments) -> Runs:
        return Runs(environment, tmp_path / f"{name}.state", output_path=str(tmp_path / "out" / name), **arguments)

    return make


UNIQUE = {"unique_by": "id", "drop_fields": ["token"]}


@pytest.mark.parametrize(
    ("suffix", "arguments"),
    [(".jsonl", {}), (".jsonl", UNIQUE), (".jsonl.gz", {}), (".jsonl.zst", UNIQUE), (".parquet", {})],
)
def test_the_next_try_completes_the_same_file(runs, orgauth_emulator, tmp_path, suffix, arguments):
    folder = tmp_path / "out"
    undisturbed = runs(f"undisturbed{suffix}", **arguments).complete()
    expected = (folder / f"undisturbed{suffix}").read_bytes()
    dice = random.Random(suffix + str(arguments))
    names = [f"undisturbed{suffix}"]
    kills = 0
    while kills < KILLS:
        names.append(f"killed-{len(names)}{suffix}")
        task = runs(names[-1], **arguments)
        before, of_task = orgauth_emulator.stats()["api_requests"], 0
        while was_killed := task.killed(dice.uniform(0, undisturbed["duration"])):
            if (folder / names[-1]).exists():  # killed between its last rename and its end: then it is whole
                assert (folder / names[-1]).read_bytes() == expected
                was_killed = False
                break
            of_task += 1
            if dice.random() < 0.5:
                break
        manifest = task.complete()
        kills += of_task

        # What a try has read since it last saved, and ahead, is read again: not all of it.
        in_vain = orgauth_emulator.stats()["api_requests"] - before - undisturbed["pages"]
        assert not was_killed or in_vain < 50 * of_task
        assert (folder / names[-1]).read_bytes() == expected
        same = ("records", "pages", "bytes", "sha256", "total", "missing", "duplicates")
        assert {key: manifest[key] for key in same} == {key: undisturbed[key] for key in same}
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)


@pytest.mark.parametrize(("suffix", "arguments"), [(".jsonl.gz", {}), (".jsonl.zst", UNIQUE), (".parquet", {})])
def test_a_small_export_resumes_after_the_page_that_was_saved(runs, orgauth_emulator, tmp_path, suffix, arguments):
    """Two megabytes, of which gzip makes half of one: all that it has are the lines beside it."""
    folder = tmp_path / "out"
    undisturbed = runs(f"undisturbed{suffix}", is_small=True, **arguments).complete()
    expected = (folder / f"undisturbed{suffix}").read_bytes()
    assert len(expected) < 1024 * 1024
    dice = random.Random(suffix)
    names = [f"undisturbed{suffix}"]
    kills = 0
    while kills < KILLS:
        names.append(f"killed-{len(names)}{suffix}")
        task = runs(names[-1], is_small=True, **arguments)
        saved = 0
        while saved < undisturbed["pages"] and task.killed(dice.uniform(0.3, 0.9) * undisturbed["duration"]):
            if (folder / names[-1]).exists():  # killed between its last rename and its end: then nothing is saved
                break
            assert task.saved_pages() >= saved
            kills, saved = kills + (task.saved_pages() > saved), task.saved_pages()
        # What is whole already is made anew.
        left = undisturbed["pages"] - (0 if (folder / names[-1]).exists() else task.saved_pages())
        before = orgauth_emulator.stats()["api_requests"]
        task.complete()
        # What the one that was killed had under way may be counted late.
        assert orgauth_emulator.stats()["api_requests"] - before <= left + 8
        assert (folder / names[-1]).read_bytes() == expected
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
