"""The hunt finds what there is to find; and what http.client prints of each request, Airflow's masker covers."""

from __future__ import annotations

import http.client

import pytest
from airflow.providers.common.compat.sdk import redact
from cell_run import run
from cells import Cell, cells
from placements import PLACEMENTS

from airflow_provider_orgauth.client import log_redaction
from airflow_provider_orgauth.exceptions import ApiServerError
from airflow_provider_orgauth.oauth.client import OAuthClient

CELLS = {cell.name: cell for cell in cells()}


def cell(name: str) -> Cell:
    return CELLS[name]


def test_it_finds_what_urllib3_logs_without_our_filter(monkeypatch):
    monkeypatch.setattr(log_redaction.CredentialFilter, "filter", lambda self, record: True)

    assert any(hit.startswith("log: client secret") for hit in run(cell("502, grant, once"), "hook", "query").found)
    assert any(hit.startswith("log: token") for hit in run(cell("502, refresh, once"), "hook", "header").found)


def test_it_finds_a_secret_in_a_repr(monkeypatch):
    monkeypatch.setattr(OAuthClient, "__repr__", lambda self: self.client_secret)

    assert any(
        hit.startswith("OAuthClient: client secret") for hit in run(cell("502, GET, once"), "hook", "header").found
    )


def test_it_finds_a_secret_in_an_error_and_in_its_pickle(monkeypatch):
    def said(self):
        return str(self.response.request.headers)

    monkeypatch.setattr(ApiServerError, "__str__", said)
    monkeypatch.setattr(ApiServerError, "__getstate__", lambda self: {"sent": said(self)})
    found = run(cell("500, GET, for good"), "operator", "header").found

    for where in ("the error", "the error's pickle", "the traceback", "log"):
        assert any(hit.startswith(f"{where}: token") for hit in found)


@pytest.mark.parametrize("mode", PLACEMENTS)
@pytest.mark.parametrize("name", ["502, grant, once", "502, refresh, for good", "401 storm, GET, for good"])
def test_what_http_client_prints_is_masked(name, mode, monkeypatch, capsys):
    """``http.client`` knows no logging: with its debug level it prints requests as they are, tokens included."""
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    report = run(cell(name), "hook", mode)
    printed = capsys.readouterr().out

    assert "send: b'POST /oauth2/token" in printed
    assert report.search.found(printed)
    left = report.search.names_found(redact(printed))
    assert left <= {"assertion"}  # good once and for a minute: Airflow's masker is told of none
