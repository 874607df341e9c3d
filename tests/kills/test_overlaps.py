"""Two attempts of one task at once: Airflow took the first for dead, and it was only stopped (SIGSTOP, SIGCONT)."""

import pytest
from export_runs import Runs

ITS_NAME = ("os.rename", 1)
"""Right before the complete file gets its name."""


@pytest.fixture
def orgauth_emulator_settings():
    return {"devices": 1_500, "latency": 0.02}


@pytest.fixture
def runs(orgauth_emulator, tmp_path):
    """Yield a function that makes the attempts of one task; none of them outlives the test."""
    environment = {"AIRFLOW_CONN_ORGAUTH_DEFAULT": orgauth_emulator.connection_json(cache="memory")}

    made = []

    def make(name, **arguments) -> Runs:
        state, path = tmp_path / f"{name}.state", tmp_path / "out" / name
        made.append(Runs(environment, state, output_path=str(path), **arguments))
        return made[-1]

    yield make
    for task in made:
        task.end()


def content(file):
    return file.read_bytes() if file.exists() else None


@pytest.mark.parametrize("keeps_state", [True, False], ids=["state", "no state"])
@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("a.jsonl", ("fcntl.flock", 1)),  # before it knows whether the first one's file is still written to
        ("a.jsonl", ("fcntl.flock", 2)),  # amid what it tidies up, or with a file of its own that it has not locked
        ("a.jsonl", ("socket.connect", 1)),  # it has resumed, or begun
        ("a.jsonl", ITS_NAME),
        ("a.parquet", ("fcntl.flock", 2)),
    ],
)
def test_the_first_is_stopped_before_its_file_gets_its_name(runs, tmp_path, name, moment, keeps_state):
    undisturbed = runs(f"undisturbed-{name}").complete()
    expected = content(tmp_path / "out" / f"undisturbed-{name}")
    task, file, older = runs(name), tmp_path / "out" / name, b"yesterday's"
    file.write_bytes(older)
    first = task.begin(stops_before=ITS_NAME, keeps_state=keeps_state)
    assert first.is_stopped()
    second = task.begin(stops_before=moment, keeps_state=keeps_state)
    assert second.is_stopped()
    assert content(file) == older

    assert first.go_on()["sha256"] == undisturbed["sha256"]
    assert content(file) == expected
    assert second.go_on()["sha256"] == undisturbed["sha256"]
    assert content(file) == expected
    assert sorted(path.name for path in file.parent.iterdir()) == [name, f"undisturbed-{name}"]


def test_two_runs_to_one_path(runs, tmp_path):
    """The last complete one wins, whole, and says that there was another."""
    file, other = tmp_path / "out" / "a.jsonl", {"drop_fields": ["token"]}
    one, another = runs("a.jsonl"), runs("a.jsonl", run_id="another", **other)
    first = one.begin(stops_before=("os.scandir", 1), keeps_state=False)
    assert first.is_stopped()
    before = another.begin(keeps_state=False).go_on()
    assert before["overlap"] is None
    assert b"token" not in content(file)

    after = first.go_on()
    assert content(file).count(b'"token"') == after["records"] == 1_500
    assert "another file got this name while this one was made" in after["overlap"]
    assert [path.name for path in file.parent.iterdir()] == ["a.jsonl"]


def test_what_another_attempt_began_anew_is_not_gone_on_with(runs, tmp_path):
    """The first saves and dies; the second, without the state store, begins anew and dies; the third has both."""
    undisturbed = runs("undisturbed.jsonl").complete()
    task, file = runs("a.jsonl"), tmp_path / "out" / "a.jsonl"
    for keeps_state in (True, False):
        attempt = task.begin(stops_before=ITS_NAME, keeps_state=keeps_state)
        assert attempt.is_stopped()
        attempt.kill()

    assert task.complete()["sha256"] == undisturbed["sha256"]
    assert content(file) == content(tmp_path / "out" / "undisturbed.jsonl")
    assert sorted(path.name for path in file.parent.iterdir()) == ["a.jsonl", "undisturbed.jsonl"]
