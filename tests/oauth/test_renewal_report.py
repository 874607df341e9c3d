"""What is told of a renewal: of its own requests only."""

from __future__ import annotations

from airflow_provider_orgauth.oauth.renewal_report import RenewalLog
from airflow_provider_orgauth.oauth.steps import Load, Lost, Save, Send
from airflow_provider_orgauth.oauth.token import Token

GRANT = Send(lambda now: None, repeatable=True)
REFRESH = Send(lambda now: None, repeatable=False)


def test_without_a_request_there_is_no_report():
    log = RenewalLog("client_credentials")
    log.note(Load(), Token("a", 0, 300, generation=1))

    assert log.report(Token("a", 0, 300, generation=1)) is None


def test_the_grant_that_brought_the_token_is_told():
    log = RenewalLog("client_credentials")
    log.note(REFRESH, Lost("no answer", reached_server=True))
    log.note(GRANT, Token("a", 0, 300, refresh_token="r"))
    log.note(Save(Token("a", 0, 300, refresh_token="r", generation=1)), Token("a", 0, 300, generation=1))
    report = log.report(Token("a", 0, 300, generation=1))

    assert report.grants == ("refresh_token", "client_credentials")
    assert (report.brought_by, report.refresh_token_held) == ("client_credentials", True)


def test_a_token_that_another_process_shared_between_two_attempts_was_brought_by_none():
    log = RenewalLog("client_credentials")
    theirs = Token("theirs", 0, 300, generation=7)
    log.note(GRANT, theirs)

    assert log.report(theirs).brought_by is None


def test_of_a_refusal_the_requests_are_told():
    log = RenewalLog("urn:ietf:params:oauth:grant-type:jwt-bearer")
    lost = Lost("no answer", reached_server=False)
    log.note(GRANT, lost)

    assert log.report(lost).grants == ("urn:ietf:params:oauth:grant-type:jwt-bearer",)
    assert log.report(lost).brought_by is None
