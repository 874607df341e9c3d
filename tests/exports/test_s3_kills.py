"""An export to a real object store, killed at random moments: the next try completes it, and it is the same object."""

import json
import os
import random

import pytest
from export_runs import Runs

KILLS = int(os.environ.get("EXPORT_KILLS", "5"))
"""In the middle of an export, for each of two kinds; EXPORT_KILLS=10 for more."""


@pytest.mark.parametrize("arguments", [{}, {"unique_by": "id", "drop_fields": ["token"]}], ids=["plain", "unique"])
def test_the_next_try_completes_the_same_object(s3, connection, tmp_path, arguments):
    place = f"kills-{len(arguments)}"
    environment = {**s3.environment, "AIRFLOW_CONN_ORGAUTH_DEFAULT": connection}

    def task(name):
        return Runs(
            environment,
            tmp_path / f"{name}.state",
            pagination={"size": 1000},
            output_path=s3.url(f"{place}/{name}"),
            max_concurrency=4,
            **arguments,
        )

    def saved_parts(name):
        state = tmp_path / f"{name}.state"
        return json.loads(state.read_text())["orgauth_export"]["cut"]["landing"]["parts"] if state.exists() else None

    undisturbed = task("undisturbed.jsonl").complete()
    expected = s3.read(f"{place}/undisturbed.jsonl")
    dice = random.Random(place)
    names = ["undisturbed.jsonl"]
    kills = went_on = unknown = 0
    while kills < KILLS:
        names.append(f"killed-{len(names)}.jsonl")
        tries, key = task(names[-1]), f"{place}/{names[-1]}"
        while tries.killed(dice.uniform(0, undisturbed["duration"])):
            if key in s3.keys(place):  # killed between the last request and its end: then it is whole
                break
            kills += 1
            parts = saved_parts(names[-1])
            went_on, unknown = went_on + bool(tries.saved_pages()), unknown + (parts is None)
            if dice.random() < 0.5:
                break
        manifest = tries.complete()

        assert s3.read(key) == expected
        same = ("records", "pages", "bytes", "sha256", "total", "missing", "duplicates")
        assert {field: manifest[field] for field in same} == {field: undisturbed[field] for field in same}
    assert sorted(s3.keys(place)) == sorted(f"{place}/{name}" for name in names)
    # One that is killed in the moment between the beginning of an upload and the note of it leaves it there, unseen.
    assert len(s3.uploads(place)) <= unknown
    assert went_on > 0
