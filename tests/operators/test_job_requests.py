"""A job's id in a request: it can be anything, and changes nothing but its own place."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.client.endpoint import check_endpoint
from airflow_provider_orgauth.exceptions import ConfigurationError, ForeignOriginError
from airflow_provider_orgauth.operators.job_requests import Handle, request_of


def endpoint_for(job_id, endpoint="/jobs/{id}/result"):
    return request_of("poll", {"endpoint": endpoint}, Handle(job_id, None, 0.0)).endpoint


@pytest.mark.parametrize("job_id", ["a/b", "a?b=1", "a#b", "a b", "ü/%2F", "x&y=z", "a;b", "{id}", "a\\b", "a\nb"])
def test_it_is_percent_encoded(job_id):
    endpoint = endpoint_for(job_id)
    parts = check_endpoint(endpoint)

    assert endpoint.startswith("/jobs/")
    assert endpoint.count("/") == 3
    assert (parts.query, parts.fragment) == ("", "")
    assert unquote(parts.path) == f"/jobs/{job_id}/result"


@pytest.mark.parametrize("job_id", ["..", ".", "../../x", "a/../b", "..;x"])
def test_a_dot_segment_is_sent_nowhere(job_id):
    with pytest.raises(ForeignOriginError, match="segment"):
        check_endpoint(endpoint_for(job_id))


@given(st.text(min_size=1).filter(lambda text: text.isprintable()))
def test_whatever_it_is_path_and_query_keep_their_form(job_id):
    for endpoint in ("/jobs/{id}/result", "/job?jobId={id}&x=1"):
        parts = urlsplit(endpoint_for(job_id, endpoint))
        assert parts.path.count("/") == endpoint.partition("?")[0].count("/")
        assert parts.query.count("&") == endpoint.count("&")
        assert parts.netloc == ""


def test_everywhere_else_it_is_as_it_is():
    written = {
        "endpoint": "/x",
        "params": {"id": "{id}", "q": "id={id}", "list": ["{id}", 5]},
        "json": {"job": {"id": "{id}"}, "{id}": True},
        "headers": {"X-Job": "{id}", "X-Jobs": "{id}, {id}"},
    }
    request = request_of("cancel", written, Handle(7, None, 0.0), method="DELETE")

    assert request.method == "DELETE"
    assert request.params == {"id": "7", "q": "id=7", "list": ["7", 5]}
    assert request.json == {"job": {"id": 7}, "7": True}
    assert request.headers == {"X-Job": "7", "X-Jobs": "7, 7"}


def test_without_an_endpoint_it_goes_to_the_location():
    written = {"method": "DELETE", "headers": {"X": "1"}}
    assert request_of("cancel", written, Handle(None, "https://h/jobs/7", 0.0)).endpoint == "https://h/jobs/7"
    with pytest.raises(ConfigurationError, match=r"^job\.cancel: has no endpoint, and the server gave no Location"):
        request_of("cancel", written, Handle("7", None, 0.0))
