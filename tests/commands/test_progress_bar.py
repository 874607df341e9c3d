"""The bar of an export: in a terminal only, and never wider than what it says."""

from __future__ import annotations

import io

from airflow_provider_orgauth.commands.progress_bar import BETWEEN_DRAWINGS_SECONDS, WIDTH, ProgressBar


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Timer:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_it_shows_how_far_it_is():
    out, timer = Terminal(), Timer()

    with ProgressBar(out, timer) as bar:
        timer.now = 2.0
        bar.advance(records=1000, total=2000)
        timer.now = 4.0
        bar.advance(records=1000, total=2000)

    first, *_, last = out.getvalue().split("\r")[1:]
    assert first == f"[{'#' * 15}{'.' * 15}]  50 % 1,000 records of 1 pages, 500 per second\x1b[K"
    assert last == f"[{'#' * WIDTH}] 100 % 2,000 records of 2 pages, 500 per second\x1b[K\n"


def test_more_records_than_were_promised_do_not_burst_it():
    bar = ProgressBar(Terminal(), Timer())
    bar.advance(records=300, total=200)

    assert bar.line().startswith(f"[{'#' * WIDTH}] 100 %")


def test_without_a_total_it_counts():
    timer = Timer()
    bar = ProgressBar(Terminal(), timer)
    timer.now = 1.0
    bar.advance(records=7, total=None)

    assert bar.line() == "7 records of 1 pages, 7 per second"


def test_a_thousand_pages_at_once_are_drawn_seldom():
    out, timer = Terminal(), Timer()
    with ProgressBar(out, timer) as bar:
        for _ in range(1000):
            timer.now += BETWEEN_DRAWINGS_SECONDS / 100
            bar.advance(records=1, total=1000)

    assert out.getvalue().count("\r") <= 13


def test_nothing_is_written_where_there_is_no_terminal():
    out = io.StringIO()
    with ProgressBar(out, Timer()) as bar:
        bar.advance(records=1, total=2)

    assert out.getvalue() == ""


def test_what_was_there_before_made_this_one_no_faster():
    timer = Timer()
    bar = ProgressBar(Terminal(), timer)
    bar.begin_after(records=1000, pages=10)
    timer.now = 2.0
    bar.advance(records=100, total=2200)

    assert bar.line() == f"[{'#' * 15}{'.' * 15}]  50 % 1,100 records of 11 pages, 50 per second"
