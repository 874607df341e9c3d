"""An export to a real object store that is stopped at random moments while the next attempt runs: one whole object."""

from export_runs import Runs
from stopped_attempts import stop_at_random_moments


def test_one_whole_object_stands(s3, connection, tmp_path):
    environment = {**s3.environment, "AIRFLOW_CONN_ORGAUTH_DEFAULT": connection}

    def task_of(name):
        return Runs(
            environment,
            tmp_path / f"{name}.state",
            pagination={"size": 1000},
            output_path=s3.url(f"stops/{name}"),
            max_concurrency=4,
        )

    def content_of(name):
        return s3.read(f"stops/{name}") if s3.keys(f"stops/{name}") else None

    outcomes = stop_at_random_moments(task_of, content_of, ".jsonl", seed="s3")
    # Those that share an upload cannot both complete it; one of them does, or the next attempt.
    assert all(outcome.first and outcome.second for outcome in outcomes if not outcome.keeps_state)
