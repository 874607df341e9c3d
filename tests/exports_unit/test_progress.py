"""Lines for people: how often, and what they say."""

import logging

import pytest

from airflow_provider_orgauth.exports.progress import Progress, bytes_said, duration


@pytest.fixture
def progress(caplog):
    """A progress at 100 s, and what sets the time."""
    now = [100.0]
    log = logging.getLogger("test.progress")
    caplog.set_level("INFO", log.name)

    def make(**arguments):
        return Progress(log, timer=lambda: now[0], **arguments), lambda seconds: now.__setitem__(0, 100.0 + seconds)

    return make


def test_a_line_every_few_seconds(progress, caplog):
    progress, at = progress()
    for tenth in range(201):
        at(tenth / 10)
        progress.observe(pages=tenth, records=tenth * 1000, total=400_000, read=tenth * 500_000)

    assert caplog.messages == [
        "Page 50: 50,000 of 400,000 (12 %) records, 10,000 per second, 25.0 MB read, about 35 s left.",
        "Page 100: 100,000 of 400,000 (25 %) records, 10,000 per second, 50.0 MB read, about 30 s left.",
        "Page 150: 150,000 of 400,000 (38 %) records, 10,000 per second, 75.0 MB read, about 25 s left.",
        "Page 200: 200,000 of 400,000 (50 %) records, 10,000 per second, 100.0 MB read, about 20 s left.",
    ]


def test_what_an_earlier_try_did_makes_this_one_no_faster(progress, caplog):
    progress, at = progress(records=1_000_000)
    at(10)
    progress.observe(pages=1010, records=1_010_000, total=2_000_000, read=10)

    assert caplog.messages == [
        "Page 1,010: 1,010,000 of 2,000,000 (50 %) records, 1,000 per second, 10 B read, about 16 min left."
    ]


@pytest.mark.parametrize(("records", "total"), [(10, None), (10, 5), (0, 0), (0, 100)])
def test_nothing_is_said_of_the_end_where_nothing_is_known(progress, caplog, records, total):
    progress, at = progress()
    at(10)
    progress.observe(pages=1, records=records, total=total, read=1)

    assert caplog.messages == [f"Page 1: {records} records, {records // 10} per second, 1 B read."]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.1234, "0.123 s"),
        (99.4, "99.4 s"),
        (100, "2 min"),
        (5900, "98 min"),
        (6000, "1 h 40 min"),
        (7170, "2 h 00 min"),
    ],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1_500_000, "1.5 MB"),
        (2 * 10**9, "2.0 GB"),
        (5 * 10**15, "5000.0 TB"),
    ],
)
def test_sizes(size, text):
    assert bytes_said(size) == text
