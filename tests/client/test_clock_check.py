"""A clock that is minutes off costs tokens and no task; one warning says so."""

from __future__ import annotations

import re
from email.utils import formatdate

import pytest

from airflow_provider_orgauth.client import clock_check
from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook

NOW = 1_766_000_000.0


def said(caplog):
    return [record.getMessage() for record in caplog.records if "clock" in record.getMessage()]


@pytest.mark.parametrize(
    ("off", "words"), [(300, "300 s behind that of"), (-300, "300 s ahead of that of"), (59, None), (-59, None)]
)
def test_a_difference_of_minutes_is_said_with_its_direction(off, words, caplog):
    clock_check.check("https://h.example", {"date": formatdate(NOW + off, usegmt=True)}, sent_at=NOW, now=NOW)

    assert [words in message for message in said(caplog)] == ([True] if words else [])


def test_an_answer_that_took_minutes_is_no_difference(caplog):
    for made_at in (NOW, NOW + 150, NOW + 300):
        clock_check.check("s", {"date": formatdate(made_at, usegmt=True)}, sent_at=NOW, now=NOW + 300)

    assert said(caplog) == []


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 2026 00:00:00 GMT", "\x00", "-1"])
def test_nonsense_says_nothing(date, caplog):
    clock_check.check("s", {"date": date}, sent_at=NOW, now=NOW)
    clock_check.check("s", {}, sent_at=NOW, now=NOW)

    assert said(caplog) == []


def test_a_task_whose_clock_is_off_works_and_is_told_once(orgauth_emulator, orgauth_connection, clockwork, caplog):
    clockwork.advance(300)
    for _ in range(2):
        hook = OrgAuthHook(orgauth_connection, clock=clockwork.clock, sleep=clockwork.sleep)
        assert hook.run("/api/v1/organization/profile").ok
        clockwork.advance(300)

    [message] = said(caplog)
    # A header's date has whole seconds.
    assert re.match(rf"This machine's clock is 30[0-2] s ahead of that of {orgauth_emulator.url}\.", message)
