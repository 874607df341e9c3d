"""A job that ends with a link to a file, on another host: it gets nothing that belongs to the connection."""

from __future__ import annotations

import logging

import pytest
from two_hosts import CONTENT, SIGNATURE, two_hosts

from airflow_provider_orgauth import exceptions as errors
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.operators.job import Job
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

JOB = {"id": "id", "poll": {"endpoint": "/jobs/{id}"}, "until": "status == 'DONE'", "download": "url"}


@pytest.fixture
def hosts(monkeypatch):
    with two_hosts() as hosts:
        monkeypatch.setenv("AIRFLOW_CONN_ORGAUTH_DEFAULT", hosts.connection())
        yield hosts


def run(tmp_path, **changes):
    job = Job(**{**JOB, **changes})
    operator = OrgApiOperator(
        task_id="t", endpoint="/jobs", method="POST", json={}, job=job, output_path=str(tmp_path / "report.csv")
    )
    return operator.execute({})


def test_the_file_is_written(hosts, tmp_path):
    manifest = run(tmp_path)
    assert (tmp_path / "report.csv").read_bytes() == CONTENT
    assert (manifest["bytes"], manifest["status"]) == (len(CONTENT), 200)
    assert SIGNATURE not in str(manifest)


def test_the_other_host_gets_nothing_of_the_connection(hosts, tmp_path):
    run(tmp_path)
    ((method, path, headers),) = hosts.asked_store
    assert (method, path) == ("GET", f"/report.csv?X-Amz-Signature={SIGNATURE}")
    assert set(headers) <= {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert all("authorization" in headers for method, path, headers in hosts.asked_api if path.startswith("/jobs"))


def test_a_link_on_the_connections_server_gets_the_token(hosts, tmp_path):
    hosts.link = f"{hosts.api}/report.csv"
    run(tmp_path)
    assert hosts.asked_store == []
    assert "authorization" in hosts.asked_api[-1][2]


def test_the_link_may_stand_in_the_answer_to_result(hosts, tmp_path):
    run(tmp_path, result={"endpoint": "/jobs/{id}/result"})
    assert [path for _, path, _ in hosts.asked_api][-1] == "/jobs/7/result"
    assert (tmp_path / "report.csv").read_bytes() == CONTENT


def test_it_is_asked_again_where_the_store_is_busy(hosts, tmp_path):
    hosts.statuses = [503]
    run(tmp_path)
    assert len(hosts.asked_store) == 2


def test_a_redirect_is_followed_without_anything_either(hosts, tmp_path):
    hosts.statuses, hosts.location = [302], f"{hosts.store}/elsewhere.csv"
    run(tmp_path)
    assert [path.partition("?")[0] for _, path, _ in hosts.asked_store] == ["/report.csv", "/elsewhere.csv"]
    assert all("authorization" not in headers for _, _, headers in hosts.asked_store)


def test_a_redirect_back_to_the_api_gets_no_token(hosts, tmp_path):
    hosts.statuses, hosts.location = [302], f"{hosts.api}/report.csv"
    run(tmp_path)
    (headers,) = [headers for _, path, headers in hosts.asked_api if path == "/report.csv"]
    assert "authorization" not in headers
    assert "cookie" not in headers
    assert "x-api-key" not in headers


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_link_that_is_refused_fails_and_says_that_no_token_was_sent(status, hosts, tmp_path):
    hosts.statuses = [status] * 5
    with pytest.raises(errors.ApiError, match="link") as caught:
        run(tmp_path)
    assert caught.value.status == status
    assert SIGNATURE not in str(caught.value)
    assert not (tmp_path / "report.csv").exists()


NO_LINKS = (
    "ftp://localhost/x",
    "https://user:word@localhost/x",
    "https://local host/x",
    "javascript:alert(1)",
    "http:x",
)


@pytest.mark.parametrize("link", NO_LINKS)
def test_what_is_no_link_is_not_asked_for(link, hosts, tmp_path):
    hosts.link = link
    with pytest.raises(errors.ConfigurationError, match="link"):
        run(tmp_path)
    assert hosts.asked_store == []


@pytest.mark.parametrize("link", [None, 7, "", {"href": "https://x"}])
def test_an_answer_without_a_link_is_an_error(link, hosts, tmp_path):
    hosts.link = link
    with pytest.raises(errors.ResponseError, match=r"job\.download"):
        run(tmp_path)


def test_the_log_has_no_signature_in_it(hosts, tmp_path, caplog):
    with caplog.at_level(logging.DEBUG):
        run(tmp_path)
    assert "report.csv" in caplog.text
    assert SIGNATURE not in caplog.text


def test_it_needs_a_file_and_no_list(tmp_path):
    about = {"task_id": "t", "endpoint": "/jobs", "method": "POST", "json": {}, "job": JOB}
    with pytest.raises(errors.ConfigurationError, match=r"job\.download"):
        OrgApiOperator(**about)
    with pytest.raises(errors.ConfigurationError, match=r"job\.download"):
        OrgApiOperator(**about, output_path="/x.jsonl", records="items")


def test_the_hook_does_it_too(hosts, tmp_path):
    manifest = OrgAuthHook().download(hosts.link, tmp_path / "report.csv", send_token=False)
    assert manifest["bytes"] == len(CONTENT)
    ((_, _, headers),) = hosts.asked_store
    assert "authorization" not in headers
    assert hosts.asked_api == []
