"""The app by itself: what is added to it later is behind a login, too, and what breaks tells nothing."""

from __future__ import annotations

import pytest
from database_tables import database_tables
from fastapi import HTTPException, Request
from fastapi.testclient import TestClient

from airflow_provider_orgauth.ui.airflow_server import get_user
from airflow_provider_orgauth.ui.app import FILES, STATIC, make_app
from airflow_provider_orgauth.ui.guards import by_its_own_name
from airflow_provider_orgauth.ui.response_headers import HEADERS


def broken() -> None:
    raise RuntimeError("s3cr3t words")


@pytest.fixture
def app():
    made = make_app()
    made.add_api_route("/broken", broken)
    return made


def has_headers(answer) -> bool:
    return all(answer.headers[name.decode()] == value.decode() for name, value in HEADERS)


def test_a_route_that_is_added_is_behind_a_login(app):
    answer = TestClient(app, raise_server_exceptions=False).get("/broken")

    assert answer.status_code == 401
    assert has_headers(answer)


def test_what_breaks_is_told_without_its_words(app):
    app.dependency_overrides[get_user] = object
    answer = TestClient(app, raise_server_exceptions=False).get("/broken")

    assert answer.status_code == 500
    assert answer.json() == {"detail": "It failed (RuntimeError). The API server's log says more."}
    assert has_headers(answer)


@pytest.mark.parametrize(("conn_id", "status"), [("my_api", None), ("MY_API", 404), ("My_Api", 404), ("other", None)])
def test_a_variable_of_the_environment_has_one_name(monkeypatch, conn_id, status):
    monkeypatch.setenv("AIRFLOW_CONN_MY_API", "orgauth://localhost")
    request = Request({"type": "http", "path_params": {"connection_id": conn_id}})
    with database_tables():
        if status is None:
            by_its_own_name(request)
            return
        with pytest.raises(HTTPException, match="Perhaps my_api is meant") as refused:
            by_its_own_name(request)
    assert refused.value.status_code == status


def test_whatever_acts_looks_for_the_own_name(app):
    acting = [route for route in app.routes if "POST" in getattr(route, "methods", ())]
    assert len(acting) == 3
    for route in acting:
        assert by_its_own_name in [dependency.call for dependency in route.dependant.dependencies]


def test_each_file_of_the_page_is_sent_and_each_that_is_sent_is_there():
    assert {path.name for path in STATIC.iterdir()} - {"tokens.html"} == FILES.keys()


def test_no_script_makes_elements_of_text():
    scripts = [path.read_text() for path in STATIC.glob("*.js")]

    assert len(scripts) > 5
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert not any(word in script for script in scripts)
    assert "<script>" not in (STATIC / "tokens.html").read_text()
