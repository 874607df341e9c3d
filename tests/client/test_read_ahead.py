"""Which pages are fetched early: never more than the window, in order, and none that was guessed wrong is taken."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.client.read_ahead import BYTES_AHEAD, PAGES_AHEAD, ReadAhead
from airflow_provider_orgauth.paging.request import PageRequest


class Driver:
    """Starts and cancels; a handle is the request itself."""

    def __init__(self, max_concurrency):
        self.started, self.cancelled, self.taken = [], [], []
        self.ahead = ReadAhead(max_concurrency, start=self.start, cancel=self.cancelled.append)

    def start(self, request):
        self.started.append(request)
        return request

    @property
    def waiting(self):
        return len(self.started) - len(self.cancelled) - len(self.taken)

    def take(self, number, size=1):
        handle = self.ahead.take(page(number))
        self.taken.append(handle)
        self.ahead.received(size)
        return handle


def page(number):
    return PageRequest({"page": number})


def pages(first, last=1000):
    return map(page, range(first, last))


@given(
    max_concurrency=st.integers(2, 16),
    sizes=st.lists(st.integers(0, 2 * BYTES_AHEAD), min_size=1, max_size=30),
    wrong=st.sets(st.integers(1, 29)),
)
def test_what_is_asked_for_is_what_comes_and_never_too_much_waits(max_concurrency, sizes, wrong):
    driver, number = Driver(max_concurrency), 0
    for turn, size in enumerate(sizes):
        number += 100 if turn in wrong else 1
        window = max(1, min(PAGES_AHEAD * max_concurrency, BYTES_AHEAD // max(1, size)))
        before = driver.waiting

        assert driver.take(number, size) == page(number)
        if driver.ahead.wants_guesses:
            driver.ahead.guess(pages(number + 1, number + 50))
        assert driver.waiting <= max(window, before)
    assert len(driver.started) == len({id(one) for one in driver.started})
    driver.ahead.drop()
    assert driver.waiting == 0


def test_guesses_are_started_in_order_and_one_more_for_each_that_is_taken():
    driver = Driver(2)
    driver.take(0)
    driver.ahead.guess(pages(1))

    assert driver.started == [page(number) for number in range(5)]
    driver.take(1)
    assert driver.started == [page(number) for number in range(6)]


def test_wrong_guesses_are_given_up_and_the_right_page_is_started():
    driver = Driver(2)
    driver.take(0)
    driver.ahead.guess(pages(1))

    assert driver.take(77) == page(77)
    assert sorted(one.params["page"] for one in driver.cancelled) == [1, 2, 3, 4]
    assert driver.ahead.wants_guesses


def test_huge_pages_are_fetched_one_at_a_time():
    driver = Driver(8)
    driver.take(0, size=BYTES_AHEAD)
    driver.ahead.guess(pages(1))

    assert driver.started == [page(0), page(1)]
