"""The page on troubleshooting quotes what is said: each of its texts is held against the code that says it."""

import json
import re
from pathlib import Path

import pytest

from airflow_provider_orgauth.operators.org_api import OrgApiOperator

PAGE = (Path(__file__).parents[2] / "docs" / "troubleshooting.md").read_text()
OURS = PAGE.partition("## Messages of Airflow itself")[0]
QUOTED = re.findall(r"^\| `([^`]+)` \|", OURS, re.MULTILINE)

API = "/api/v1/organization"
A_PAGE = {"page": 0, "size": 2}
A_LIST = {"pagination": "page_number"}

SAID_WITH = {
    "org_conn_id: Airflow knows": {"org_conn_id": "orgauth_prod"},
    "org_conn_id: names": {"org_conn_id": "web"},
    "host (Server address): is plain": {"org_conn_id": "unencrypted"},
    "No answer from the token endpoint …: the port": {"org_conn_id": "tls"},
    "No answer from the token endpoint …: the connection": {"org_conn_id": "nobody"},
    "The token endpoint": {"org_conn_id": "wrong_secret"},
    "conn_id:": {"conn_id": "x"},
    "response_check:": {"response_check": "total > 0"},
    "endpoint: has": {"endpoint": f"{API}/device/None"},
    "params: is": {"params": 5},
    "method:": {"method": "FETCH"},
    "endpoint 'https": {"endpoint": "https://elsewhere.example/x"},
    "The answer of … is one page": {"params": {"size": 2}},
    "The answer of … does not": {"params": A_PAGE, "response_check": "total > `0`"},
    "records:": {**A_LIST, "records": "contnt"},
    "The result has": {"params": A_PAGE, "max_result_bytes": 10},
    "output_path: has": {**A_LIST, "output_path": "s3://lake/x.jsonl"},
    "… cannot be made": {**A_LIST, "output_path": "/proc/x.jsonl"},
    "drop_fields:": {**A_LIST, "drop_fields": ["tokne"], "output_path": "x.jsonl"},
    "output_path: is": {**A_LIST, "output_path": "x.csv"},
    "output_path: ends": {"output_path": "x.jsonl"},
    "response_filter finds": {"params": A_PAGE, "response_filter": "contnt[].id"},
    "params.deviceId": {"params": {"deviceId": "None"}, "endpoint": f"{API}/device"},
}
"""Arguments of a task that says what begins like this."""


@pytest.fixture
def connections(orgauth_emulator, monkeypatch, tmp_path):
    orgauth_emulator.set_connection(monkeypatch, cache="memory")
    works = json.loads(orgauth_emulator.connection_json(cache="memory", max_attempts=1))
    for name, changed in {
        "web": {"conn_type": "http", "login": "", "password": ""},
        "unencrypted": {"host": "http://api.example.com", "port": None, "schema": ""},
        "tls": {"schema": "https"},
        "nobody": {"port": 1},
        "wrong_secret": {"password": "wrong"},
    }.items():
        monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps({**works, **changed}))
    monkeypatch.chdir(tmp_path)


def begins_like(text):
    (arguments,) = (arguments for begin, arguments in SAID_WITH.items() if text.startswith(begin))
    return arguments


def test_every_text_of_the_page_has_its_case():
    assert len(QUOTED) == len(SAID_WITH)
    for text in QUOTED:
        begins_like(text)


@pytest.mark.parametrize("text", QUOTED)
def test_it_is_said(connections, caplog, text):
    try:
        OrgApiOperator(**{"task_id": "t", "endpoint": f"{API}/devices", **begins_like(text)}).execute({})
        said = ""
    except Exception as error:
        said = str(error)

    pattern = ".*".join(map(re.escape, text.split("…")))
    assert re.search(pattern, f"{said}\n{caplog.text}"), f"{said}\n{caplog.text}"
