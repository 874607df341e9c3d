"""Of a DAG run, no two task instances write one file; in real runs: tests/airflow."""

from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import DAG, TaskGroup, task_group

from airflow_provider_orgauth.exceptions import ConfigurationError, OrgAuthError
from airflow_provider_orgauth.operators.claimed_path import claimed
from airflow_provider_orgauth.operators.org_api import OrgApiOperator


class Run:
    """A DAG run with its XComs: gives each task instance what Airflow gives it."""

    def __init__(self, dag):
        self.dag = dag
        self.xcoms = {}
        self.pulls = 0

    def context(self, task_id, map_index=-1):
        def push(key, value):
            self.xcoms[task_id, map_index, key] = value

        def pull(*, task_ids, key):
            self.pulls += 1
            return [value for (task, _, name), value in self.xcoms.items() if task in task_ids and name == key]

        ti = SimpleNamespace(task_id=task_id, map_index=map_index, xcom_push=push, xcom_pull=pull)
        return {"dag": self.dag, "ti": ti}

    def write(self, path, task_id, map_index=-1):
        """Write a file as a task would."""
        with claimed(path, self.context(task_id, map_index), OrgApiOperator):
            pass


@pytest.fixture
def run():
    with DAG("d", schedule=None) as dag:
        for task_id in ("a", "b"):
            OrgApiOperator(task_id=task_id, endpoint="/x", output_path="/{{ ds }}")
        OrgApiOperator(task_id="none", endpoint="/x")
        OrgApiOperator.partial(task_id="mapped", endpoint="/x").expand(output_path=["/1", "/2"])
        OrgApiOperator.partial(task_id="kwargs").expand_kwargs([{"endpoint": "/x"}])
    return Run(dag)


WAYS = [
    ("/data/x.jsonl", "/data/x.jsonl"),
    ("/data/x.jsonl", "file:///data/x.jsonl"),
    ("/data/x.jsonl", "/data/../data//x.jsonl"),
    ("file:///data/./x.jsonl", "file:///data/x.jsonl"),
    ("s3://bucket/x.jsonl", "s3://aws_default@bucket/x.jsonl"),
    ("s3://one@bucket/x.jsonl", "s3a://other@bucket/x.jsonl"),
]


@pytest.mark.parametrize(("one", "other"), WAYS)
def test_two_tasks(run, one, other):
    run.write(one, "a")

    with pytest.raises(
        ConfigurationError, match=r"^output_path: '.*' is written by task 'a' in this DAG run too\."
    ) as caught:
        run.write(other, "b")
    for template in ("{{ ti.map_index }}", "{{ task.task_id }}"):
        assert template in str(caught.value)


@pytest.mark.parametrize("task_id", ["mapped", "kwargs"])
def test_two_indexes_of_one_task(run, task_id):
    run.write("/data/x.jsonl", task_id, 0)

    with pytest.raises(ConfigurationError, match="is written by map index 0 of this task in this DAG run too"):
        run.write("/data/x.jsonl", task_id, 1)
    with pytest.raises(ConfigurationError, match=f"is written by map index 0 of task '{task_id}'"):
        run.write("/data/x.jsonl", "a")


def test_two_at_the_same_time_are_both_refused_or_one_is(run):
    """Each claims before it looks, so that it does not matter who looks first."""
    with claimed("/x", run.context("a"), OrgApiOperator), pytest.raises(ConfigurationError):
        run.write("/x", "b")


def test_other_files_other_runs_and_the_same_task_again(run):
    run.write("/x", "a")
    run.write("/y", "b")
    run.write("s3://bucket/x", "b")
    run.write("/x", "a")  # a retry, or cleared
    run.write("/x.0", "mapped", 0)
    run.write("/x.1", "mapped", 1)
    Run(run.dag).write("/x", "b")


def test_who_fails_leaves_the_file_to_another(run):
    with pytest.raises(OrgAuthError), claimed("/x", run.context("a"), OrgApiOperator):
        raise OrgAuthError("no answer")

    run.write("/x", "b")
    with pytest.raises(ConfigurationError):  # its retry, then
        run.write("/x", "a")
    run.write("/x", "b")


class Nightly(OrgApiOperator):
    """Chooses its path itself."""

    def __init__(self, **arguments):
        super().__init__(output_path="/data/x.jsonl", **arguments)


def test_a_mapped_task_that_gets_its_path_from_elsewhere():
    with DAG("d", schedule=None, default_args={"output_path": "/data/x.jsonl"}) as by_dag:
        OrgApiOperator.partial(task_id="mapped", endpoint="/x").expand(params=[{}])
    with (
        DAG("d", schedule=None) as by_group,
        TaskGroup("outer", default_args={"output_path": "/data/x.jsonl"}),
        TaskGroup("inner", prefix_group_id=False),
    ):
        OrgApiOperator.partial(task_id="mapped", endpoint="/x").expand(params=[{}])
    with DAG("d", schedule=None) as by_class:
        Nightly.partial(task_id="mapped", endpoint="/x").expand(params=[{}])

    for dag in (by_dag, by_group, by_class):
        OrgApiOperator(task_id="alone", endpoint="/x", output_path="/data/x.jsonl", dag=dag)
        (mapped,) = (task.task_id for task in dag.tasks if task.task_id != "alone")
        run = Run(dag)
        run.write("/data/x.jsonl", "alone")
        with pytest.raises(ConfigurationError, match="is written by task 'alone' in this DAG run too"):
            run.write("/data/x.jsonl", mapped, 0)


@pytest.mark.parametrize("context", [{}, {"ti": None}, {"ti": SimpleNamespace(task_id="t")}])
def test_outside_of_a_run_nobody_is_asked(context):
    with claimed("/x", context, OrgApiOperator):
        pass


def test_a_task_that_alone_writes_files_asks_nobody():
    with DAG("d", schedule=None) as dag:
        OrgApiOperator(task_id="a", endpoint="/x", output_path="/x")
        OrgApiOperator(task_id="b", endpoint="/x")
    run = Run(dag)
    run.write("/x", "a")

    assert (run.pulls, run.xcoms) == (0, {})


@pytest.mark.parametrize("broken", ["xcom_push", "xcom_pull"])
def test_xcoms_that_are_out_of_reach_stop_no_export(run, broken, caplog):
    def fail(**_):
        raise ConnectionError("s3cr3t")

    context = run.context("a")
    setattr(context["ti"], broken, fail)
    with claimed("/x", context, OrgApiOperator):
        pass

    assert "cannot be told (ConnectionError)" in caplog.text
    assert "s3cr3t" not in caplog.text


# When the DAG is parsed


def test_one_constant_path_for_all_of_a_mapped_task_is_refused_when_the_dag_is_parsed():
    with (
        DAG("d", schedule=None),
        pytest.raises(ConfigurationError, match=r"^output_path: is one file for all .*map_index"),
    ):
        OrgApiOperator.partial(task_id="t", endpoint="/x", output_path="/x.jsonl").expand(params=[{}, {}, {}])


def test_and_in_a_mapped_group():
    with DAG("d", schedule=None):

        @task_group
        def group(name):
            OrgApiOperator(task_id="t", endpoint="/x", output_path="/x.jsonl")

        with pytest.raises(ConfigurationError, match=r"^output_path: is one file for all "):
            group.expand(name=["a", "b"])


def test_a_path_that_may_differ_passes():
    with DAG("d", schedule=None):
        output = OrgApiOperator(task_id="first", endpoint="/x").output

        @task_group
        def group(name):
            OrgApiOperator(task_id="named", endpoint="/x", output_path=name)
            OrgApiOperator(task_id="numbered", endpoint="/x", output_path="/x-{{ ti.map_index }}.jsonl")

        group.expand(name=["/a", "/b"])
        for number, path in enumerate((output, "/x-{{ ti.map_index }}.jsonl", None)):
            OrgApiOperator.partial(task_id=f"t{number}", endpoint="/x", output_path=path).expand(params=[{}])
