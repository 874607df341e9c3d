"""Wrong jobs: found when the DAG is parsed where they are constant, and before anything is sent in any case."""

from __future__ import annotations

import json

import pytest
from airflow.providers.common.compat.sdk import DAG
from job_runs import API, JOB, SUBMISSION, runs_on

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.operators.job import NAMES, Job, JobFields
from airflow_provider_orgauth.operators.org_api import OrgApiOperator


def is_done(response):
    return response.json()["status"] == "DONE"


def nothing():
    return True


FIND = {"endpoint": f"{API}/jobs", "id": "content[0].id"}

WRONG = [
    ({"until": None}, "job"),
    ({"until": "status = 'DONE'"}, "job.until"),
    ({"until": "'DONE'"}, "job.until"),
    ({"until": nothing}, "job.until"),
    ({"until": 401}, "job.until"),
    ({"until": {200}, "waiting_statuses": {200}}, "job.waiting_statuses"),
    ({"fail_if": "lenght(x)"}, "job.fail_if"),
    ({"waiting_statuses": "404"}, "job.waiting_statuses"),
    ({"id": "a["}, "job.id"),
    ({"id": 5}, "job.id"),
    ({"poll": "/x"}, "job.poll"),
    ({"poll": {"url": "/x"}}, "job.poll"),
    ({"poll": {"endpoint": "/a#b"}}, "job.poll"),
    ({"poll": {"endpoint": "//evil.example"}}, "job.poll"),
    ({"poll": {"endpoint": "/a/../{id}"}}, "job.poll"),
    ({"poll": {"endpoint": "/a", "method": "POST"}}, "job.poll"),
    ({"poll": {"endpoint": "/a", "method": "G T"}}, "job.poll"),
    ({"poll": {"endpoint": "/a", "params": {"flag": float("nan")}}}, "job.poll"),
    ({"poll": {"endpoint": "/a", "params": {"t": "{{ ds }}", "flag": b"1"}}}, "job.poll"),
    ({"poll": {"endpoint": "/a", "headers": {"X A": "1"}}}, "job.poll"),
    ({"poll": {"endpoint": "/a", "id": "x"}}, "job.poll"),
    ({"result": {"endpoint": "/a", "json": {}, "data": "x"}}, "job.result"),
    ({"cancel": {"endpoint": "/a", "method": "TRACE"}}, "job.cancel"),
    ({"id": None}, "job.poll"),
    ({"id": None, "poll": None, "cancel": {"endpoint": "/{id}"}}, "job.cancel"),
    ({"id": None, "poll": None, "result": {"endpoint": "/x", "params": {"a": ["{id}"]}}}, "job.result"),
    ({"find": {"endpoint": "/x"}}, "job.find"),
    ({"find": {"id": "x"}}, "job.find"),
    ({"find": FIND | {"id": "a["}}, "job.find.id"),
    ({"find": FIND | {"params": {"a": "{id}"}}}, "job.find"),
    ({"find": FIND, "poll": None}, "job.find"),
    ({"key_header": "X Y"}, "job.key_header"),
    ({"key_header": 7}, "job.key_header"),
    ({"key_header": "x-KEY"}, "job.key_header"),
    ({"poke_interval": 0}, "job.poke_interval"),
    ({"poke_interval": "30"}, "job.poke_interval"),
    ({"timeout": True}, "job.timeout"),
    ({"timeout": float("inf")}, "job.timeout"),
]


def of(job):
    return {name: value for name, value in (JOB | job).items() if value is not None}


@pytest.mark.parametrize(("job", "field"), WRONG, ids=lambda value: str(value)[:60])
@pytest.mark.parametrize("makes", [dict, lambda fields: Job(**{"until": None, **fields})], ids=["dict", "Job"])
def test_it_is_refused_when_the_dag_is_parsed(job, field, makes):
    with pytest.raises(ConfigurationError) as caught:
        OrgApiOperator(task_id="t", job=makes(of(job)), headers={"X-Key": "1"}, **SUBMISSION)

    assert str(caught.value).startswith(f"{field}: ")


@pytest.mark.parametrize(("job", "field"), WRONG, ids=lambda value: str(value)[:60])
def test_it_is_refused_when_the_task_runs(orgauth_emulator, monkeypatch, job, field):
    """A template, or another task's output, may come to anything."""
    runs = runs_on(orgauth_emulator, monkeypatch, keeps=True)
    first = {"until": "x", "poll": {"endpoint": "/x"}}
    operator = OrgApiOperator(task_id="t", job=first, headers={"X-Key": "1"}, **SUBMISSION)
    operator.job = of(job)
    with pytest.raises(ConfigurationError) as caught:
        operator.execute({})

    assert str(caught.value).startswith(f"{field}: ")
    assert runs.requests() == []


@pytest.mark.parametrize("job", ["text", 5, ["until"], {"polls": {}}, {"until": "x", "interval": 5}])
def test_it_is_no_job(job):
    with pytest.raises(ConfigurationError, match=r"^job: "):
        OrgApiOperator(task_id="t", job=job, **SUBMISSION)


@pytest.mark.parametrize(
    ("result", "arguments"),
    [
        ({"endpoint": "/x", "data": {"a": 1}}, {"pagination": "page_number"}),
        ({"endpoint": "/x", "params": "a=1"}, {"pagination": "page_number"}),
        ({"endpoint": "/x", "method": "HEAD"}, {"output_path": "/tmp/x"}),
    ],
)
def test_what_does_not_go_with_a_list_or_a_file(result, arguments):
    with pytest.raises(ConfigurationError, match=r"^job\.result: "):
        OrgApiOperator(task_id="t", job=JOB | {"result": result}, **SUBMISSION, **arguments)


def test_the_submission_may_be_what_a_list_may_not():
    submission = {"endpoint": "/x", "method": "POST", "data": {"a": 1}, "params": "a=1"}
    result = {"endpoint": "/list"}
    OrgApiOperator(task_id="t", job=JOB | {"result": result}, pagination="page_number", **submission)


def test_what_is_templated_is_rendered_and_checked_then(orgauth_emulator, monkeypatch):
    runs_on(orgauth_emulator, monkeypatch, keeps=True)
    job = Job(
        **JOB | {"poll": {"endpoint": "{{ api }}/job", "params": {"jobId": "{id}"}}, "until": "status == '{{ x }}'"}
    )
    operator = OrgApiOperator(task_id="t", job=job, dag=DAG("d", schedule=None), **SUBMISSION)

    operator.render_template_fields({"api": API, "x": "RUNNING"})

    assert operator.job["poll"] == {"endpoint": f"{API}/job", "params": {"jobId": "{id}"}}
    assert job.poll["endpoint"] == "{{ api }}/job", "the job of the DAG is not changed"
    assert operator.execute({})["status"] == "RUNNING"


def test_a_mapped_task(orgauth_emulator, monkeypatch):
    with DAG("d", schedule=None), pytest.raises(ConfigurationError, match=r"^job\.poll: method is POST"):
        OrgApiOperator.partial(task_id="t", job=JOB | {"poll": {"method": "POST"}}, **SUBMISSION).expand(params=[{}])


def test_what_airflow_keeps_of_it_is_the_same_each_time():
    job = Job(
        until=is_done, fail_if={500, 404}, waiting_statuses=frozenset({202}), poll={"headers": {"X-Key": "s3cr3t"}}
    )

    for kept in (job.serialize(), JobFields.of(job).serialize()):
        assert json.loads(json.dumps(kept)) == kept
        assert kept["until"] == f"{__name__}.is_done"
        assert kept["fail_if"] == [404, 500]
    assert "s3cr3t" not in repr(job)


def test_every_field_is_documented():
    for name in NAMES:
        assert f":param {name}: " in Job.__doc__
