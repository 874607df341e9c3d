"""Answers as XCom of a real Airflow 3.3: the text that was sent, or a task that fails with one clear error."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.airflow

ENDPOINT = "/api/v1/organization/answer"


@pytest.fixture
def run(airflow3, orgauth_emulator):
    """Return a function that runs a DAG on an answer, and returns the run's id and state."""
    airflow3.put_connection(
        "orgauth_answers",
        conn_type="orgauth",
        host=orgauth_emulator.url,
        login=orgauth_emulator.client_id,
        password=orgauth_emulator.client_secret,
        extra=json.dumps({"cache": "memory", "max_attempts": 1}),
    )

    def run_it(dag_id, content_type, body):
        headers = {"Content-Type": content_type, "Content-Length": str(len(body))}
        orgauth_emulator.fault("raw", ENDPOINT, status=200, headers=headers, body=body, times=0)
        run_id = airflow3.trigger(dag_id, {"conn": "orgauth_answers", "endpoint": ENDPOINT})
        return run_id, airflow3.wait(dag_id, run_id)

    return run_it


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_text_is_in_xcom_as_it_was_sent(airflow3, run, charset):
    run_id, state = run("answer", "text/csv", "id;Ort\n1;Zürich\n".encode(charset))

    assert state == "success", airflow3.task_log("answer", run_id, "answer")[-3000:]
    returned = [row["value"] for row in airflow3.xcom_rows("answer", run_id) if row["key"] == "return_value"]
    assert returned == ["id;Ort\n1;Zürich\n"]


@pytest.mark.parametrize(
    ("dag_id", "body", "kind", "error", "attempts"),
    [
        ("answer", b'{"a": [1, NaN]}', "NumberError", "The answer is not JSON: NaN at 'a[1]'", 3),
        ("answer", b'{"a": 1e999}', "NumberError", "The answer holds a number that cannot be decoded at 'a': 1e999", 3),
        ("answer", b'{"a": 18446744073709551616}', "NumberError", "beyond 64 bits at 'a'", 3),
        ("answer", b'{"a": "\\ud800"}', "ResponseError", "half of a surrogate pair at 'a'", 3),
        ("answer_made_nan", b"{}", "NumberError", "The result holds nan at 'mean[0]'", 3),
        ("answer", b"PK\x03\x04\0\0", "ResponseNotTextError", "The answer of GET ", 1),
    ],
)
def test_what_is_no_text_or_no_number_fails_with_one_error(
    airflow3, run, orgauth_emulator, dag_id, body, kind, error, attempts
):
    run_id, state = run(dag_id, "application/octet-stream" if attempts == 1 else "application/json", body)

    assert state == "failed"
    log = airflow3.task_log(dag_id, run_id, "answer")
    assert error in log
    assert f'"exc_type":"{kind}"' in log
    # The text once more, after the frames, in lines that fit: of each try, with its advice.
    said = [line["event"] for line in map(json.loads, log.splitlines()) if line.get("level") == "error"]
    assert [text.replace("\n", " ") for text in said[1::2]] == [
        line["error_detail"][0]["exc_value"] for line in _with_frames(log)
    ]
    assert error in said[-1]
    for bare in ("Out of range float values", "can't serialize ints", "UnicodeEncodeError"):
        assert bare not in log
    assert not [row for row in airflow3.xcom_rows(dag_id, run_id) if row["key"] == "return_value"]
    assert orgauth_emulator.stats()["api_requests"] == attempts


def _with_frames(log: str) -> list[dict]:
    return [line for line in map(json.loads, log.splitlines()) if "error_detail" in line]
