"""A download to a real object store: whole or not at all, also where the process is killed."""

import hashlib
import multiprocessing
import os
import random

from export_runs import Runs
from slow_file_server import slow_file_server

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

KILLS = int(os.environ.get("EXPORT_KILLS", "5"))


def test_the_key_never_has_half(s3, tmp_path):
    with slow_file_server(23_000_000, seconds=1.0) as (body, connection):
        runs = Runs(
            {**s3.environment, **connection},
            tmp_path / "state",
            endpoint="/report",
            pagination=None,
            output_path=s3.url("download/report.bin"),
        )
        undisturbed = runs.complete()
        assert undisturbed["sha256"] == hashlib.sha256(body).hexdigest()
        assert s3.read("download/report.bin") == body

        s3.client().put_object(Bucket=s3.bucket, Key="download/report.bin", Body=b"older")
        dice, kills, unknown = random.Random(5), 0, 0
        while kills < KILLS:
            was_killed = runs.killed(dice.uniform(0, undisturbed["duration"]))
            if (found := s3.read("download/report.bin")) != b"older":
                assert found == body
                s3.client().put_object(Bucket=s3.bucket, Key="download/report.bin", Body=b"older")
            kills += was_killed
            unknown += was_killed and not (tmp_path / "state").exists()
        runs.complete()

    assert s3.read("download/report.bin") == body
    assert s3.keys("download") == ["download/report.bin"]
    # One that is killed in the moment between the beginning of an upload and the note of it leaves it there, unseen.
    assert len(s3.uploads("download")) <= unknown


def test_a_forked_child_writes_to_a_store_of_its_own(s3, monkeypatch, tmp_path):
    """Airflow keeps one file system for all of a process; its thread does not come along into a child."""
    with slow_file_server(200_000, seconds=0.0) as (body, connection):
        for name, value in {**s3.environment, **connection}.items():
            monkeypatch.setenv(name, value)
        hook = OrgAuthHook()
        before = hook.download("/report", s3.url("forked/parent.bin"))

        def child(number: int) -> None:
            manifest = hook.download("/report", s3.url(f"forked/child{number}.bin"))
            (tmp_path / f"{number}").write_text(manifest["sha256"])

        children = [multiprocessing.get_context("fork").Process(target=child, args=(number,)) for number in (1, 2)]
        for process in children:
            process.start()
        after = hook.download("/report", s3.url("forked/parent2.bin"))
        for process in children:
            process.join(60)

    assert [process.exitcode for process in children] == [0, 0]
    digest = hashlib.sha256(body).hexdigest()
    assert {before["sha256"], after["sha256"], *((tmp_path / name).read_text() for name in "12")} == {digest}
    assert {s3.read(key) for key in s3.keys("forked")} == {body}
    assert len(s3.keys("forked")) == 4
