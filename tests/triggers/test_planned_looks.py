"""Which looks are due when."""

import math

from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.answers.request_arguments import RequestArguments
from airflow_provider_orgauth.triggers.planned_looks import TOGETHER_SECONDS, PlannedLooks
from airflow_provider_orgauth.triggers.subject import Subject


def _subject(name: str = "one") -> Subject:
    request = RequestArguments("/x", "GET", None, None, None, None)
    return Subject(("orgauth_default", name), request, connection=None)  # type: ignore[arg-type]


@given(st.floats(min_value=0, max_value=1e8), st.floats(min_value=0, max_value=100))
def test_a_look_is_taken_when_it_is_due_or_a_little_later_and_never_earlier(now: float, seconds: float) -> None:
    planned, subject = PlannedLooks(), _subject()
    due = now + seconds
    planned.add(subject, due)
    assert due <= planned.next_at <= due + 1.001 * TOGETHER_SECONDS
    before = math.nextafter(planned.next_at, -math.inf)
    assert list(planned.take(before)) == []
    assert list(planned.take(planned.next_at)) == [subject]
    assert list(planned.take(planned.next_at)) == []


@given(st.lists(st.floats(min_value=0, max_value=50), min_size=1))
def test_none_is_lost_and_the_first_come_first(dues: list[float]) -> None:
    planned = PlannedLooks()
    subjects = {_subject(str(number)): due for number, due in enumerate(dues)}
    for subject, due in subjects.items():
        planned.add(subject, due)
    taken = []
    while planned:
        at = planned.next_at
        together = list(planned.take(at))
        assert together
        assert all(at - 1.001 * TOGETHER_SECONDS <= subjects[one] <= at for one in together)
        taken += together
    assert sorted(map(id, taken)) == sorted(map(id, subjects))


def test_a_look_that_is_never_due_is_not_kept() -> None:
    planned = PlannedLooks()
    planned.add(_subject(), math.inf)
    assert not planned
    assert planned.next_at == math.inf
    assert list(planned.take(math.inf)) == []
