"""An export to a real object store that is stopped at random moments while the next attempt runs: one whole object."""

from contextlib import ExitStack

from export_runs import Runs
from lossy_proxy import LossyProxy
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


def test_the_first_is_stopped_right_before_its_completion_and_leaves_it_to_the_next(s3, connection, tmp_path):
    """Both have one upload, and both have sent all but the last of its four parts when the first wakes up."""
    with ExitStack() as stack:
        proxies = [stack.enter_context(LossyProxy(s3.endpoint)) for _ in range(2)]
        attempts = []
        for proxy in proxies:
            proxy.hold("partNumber=4", method="PUT")
            environment = {
                name: value.replace(s3.endpoint, proxy.endpoint) for name, value in s3.environment.items()
            } | {"AIRFLOW_CONN_ORGAUTH_DEFAULT": connection}
            task = Runs(
                environment, tmp_path / "state", pagination={"size": 1000}, output_path=s3.url("stops/last.jsonl")
            )
            attempts.append(task.begin())
            assert proxy.is_holding.wait(30)
            if len(attempts) == 1:
                assert attempts[0].stop()
        first, second = attempts
        assert s3.keys("stops/last") == []
        proxies[0].release()
        assert first.go_on() is None
        assert s3.keys("stops/last") == []
        proxies[1].release()
        manifest = second.go_on()
    assert manifest["records"] == s3.read("stops/last.jsonl").count(b"\n") == 60_000
    assert manifest["overlap"] is None
    assert s3.uploads("stops/last") == []
