"""The commands in a real Airflow's command line, on its database: what tasks share is seen, renewed and forgotten."""

from __future__ import annotations

import getpass
import json
import re

import pytest

from airflow_provider_orgauth.emulator import running_emulator

pytestmark = pytest.mark.airflow

CONN_ID = "commanded"


@pytest.fixture(scope="module")
def commanded(airflow3):
    with running_emulator(seed=77) as emulator:
        airflow3.put_connection(CONN_ID, **json.loads(emulator.connection_json()))
        yield emulator


def rows(airflow, *arguments):
    """Return what a command prints as JSON; log lines may come before it."""
    text = airflow.cli("orgauth", *arguments, "-o", "json")
    begin = re.search(r"^[\[{]$", text, re.MULTILINE)
    assert begin is not None, text
    return json.JSONDecoder().raw_decode(text[begin.start() :])[0]


def test_a_token_is_renewed_for_all_seen_and_forgotten(airflow3, commanded):
    (renewed,) = rows(airflow3, "renew", CONN_ID)
    assert (renewed["state"], renewed["message"].partition(":")[0]) == ("valid", "Renewed")

    (seen,) = [row for row in rows(airflow3, "status") if row["conn_id"] == CONN_ID]
    assert (seen["state"], seen["valid_until"]) == ("valid", renewed["valid_until"])
    assert 0 < seen["seconds_left"] <= 300
    assert seen["renewed_by"] == f"user {getpass.getuser()}"
    assert seen["refresh_token_held"] is True

    assert rows(airflow3, "call", "/api/v1/organization/profile", "-c", CONN_ID)["id"] == 578
    assert commanded.stats()["token_requests"] == 1  # the call has used what was renewed

    assert rows(airflow3, "forget", CONN_ID)[0]["state"] == "forgotten"
    assert rows(airflow3, "status", CONN_ID)[0]["state"] == "none"

    told = b"".join(file.read_bytes() for file in (airflow3.logs_folder / "cli").glob("*orgauth*"))
    for secret in (commanded.client_secret, *(token for token, _ in commanded.issued())):
        assert secret.encode() not in told
