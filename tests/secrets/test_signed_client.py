"""No key, assertion, secret of ``oauth_params`` or signed link in anything that a client that signs leaves."""

from __future__ import annotations

import json
import logging
import pickle

import pytest
from airflow.sdk.exceptions import TaskDeferred
from hook_parts import printed, printed_at_work
from secret_search import SecretSearch
from signing_front import signing_front
from told import told

from airflow_provider_orgauth.exceptions import InvalidRequestError
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.operators.job import Job
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

API = "/api/v1/organization"


@pytest.fixture
def front(orgauth_emulator, monkeypatch):
    orgauth_emulator.settings(grants_in="body", job_polls=1)
    with signing_front(orgauth_emulator) as front:
        monkeypatch.setenv("AIRFLOW_CONN_HUNTED", json.dumps(front.connection(cache="memory", max_attempts=2)))
        yield front


@pytest.fixture
def found(front, orgauth_emulator):
    """Return a function that searches a text for all that must not be seen."""

    def search(text):
        known = SecretSearch()
        front.add_secrets(known)
        for token, _ in orgauth_emulator.issued():
            known.add("access token", token)
        return known.found(text)

    return search


def test_the_life_of_a_token(front, found, said, orgauth_emulator, clockwork):
    hook = OrgAuthHook("hunted", clock=clockwork.clock, sleep=clockwork.sleep)
    hook.run(f"{API}/profile")
    orgauth_emulator.revoke()
    hook.run(f"{API}/profile")  # 401, refreshed
    orgauth_emulator.revoke(refresh_tokens=True)
    hook.run(f"{API}/profile")  # 401, the refresh is refused, granted anew
    outputs = [printed(hook), printed_at_work("hunted"), str(hook.test_connection()), said.getvalue()]
    kept = b"".join(map(pickle.dumps, (hook.auth, OrgApiOperator(task_id="x", org_conn_id="hunted", endpoint=API))))

    assert orgauth_emulator.stats()["token_requests_by_grant"] == {"client_credentials": 3, "refresh_token": 2}
    assert "/oauth2/token" in said.getvalue()  # urllib3 did log the requests
    assert found("\n".join(outputs)) == []
    assert found(kept) == []


def test_a_refusal_that_says_back_what_it_was_sent(front, found, said):
    front.echoes = True
    hook = OrgAuthHook("hunted")
    with pytest.raises(InvalidRequestError) as caught:
        hook.run(f"{API}/profile")
    logging.getLogger("a.task").exception("Task failed with %s", caught.value, exc_info=caught.value)

    assert "client_assertion=***" in str(caught.value)
    assert found("\n".join([told(caught.value), str(hook.test_connection()), said.getvalue()])) == []
    assert found(pickle.dumps(caught.value)) == []


@pytest.mark.parametrize("deferrable", [False, True])
def test_a_job_that_ends_with_a_link(front, found, said, tmp_path, deferrable):
    operator = OrgApiOperator(
        task_id="report",
        org_conn_id="hunted",
        endpoint=f"{API}/job/create",
        method="POST",
        json={"reference": "hunted"},
        job=Job(
            id="id",
            poll={"endpoint": f"{API}/job", "params": {"jobId": "{id}"}},
            until="status == 'DONE'",
            download="fileUrl",
        ),
        output_path=str(tmp_path / "report.json"),
        deferrable=deferrable,
    )
    left = [repr(operator)]
    try:
        manifest = operator.execute({})
    except TaskDeferred as deferred:
        left += [repr(deferred.trigger.serialize()), repr(deferred.kwargs), told(deferred)]
        manifest = None
    left += [json.dumps(manifest), repr(vars(operator)), said.getvalue()]

    assert front.links
    assert found("\n".join(left)) == []
    if manifest is not None:
        assert "/files/1.json" in said.getvalue()  # urllib3 did log the link
        assert json.loads((tmp_path / "report.json").read_bytes())["reference"] == "hunted"


def test_the_search_finds_the_link_without_our_filter(front, found, said, tmp_path, monkeypatch):
    from airflow_provider_orgauth.client import log_redaction

    monkeypatch.setattr(log_redaction.CredentialFilter, "filter", lambda self, record: True)
    hook = OrgAuthHook("hunted")
    hook.run(f"{API}/job/create", method="POST", json={})
    link = hook.run(f"{API}/job", params={"jobId": 1}).json()["fileUrl"]
    hook.download(link, str(tmp_path / "file"), send_token=False)

    assert any(hit.startswith("link") for hit in found(said.getvalue()))
