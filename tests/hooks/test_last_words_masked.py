"""The last line of a task's log is broken into lines, and no secret comes through the break."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from airflow_provider_orgauth.compat import mask_secret
from airflow_provider_orgauth.exceptions import OrgAuthError
from airflow_provider_orgauth.hooks.last_words import say_errors_last

SECRET = "correct horse battery staple"


@pytest.mark.parametrize("before", range(0, 60, 10))
def test_a_secret_with_spaces_is_masked_wherever_the_line_breaks(caplog, before):
    mask_secret(SECRET)
    task = SimpleNamespace()
    say_errors_last(task)
    if not vars(task):
        pytest.skip("before Airflow 3, the exception is the last line")
    (say_error,) = task.on_failure_callback

    say_error({"exception": OrgAuthError(f"The API says: {'x' * before} the value {SECRET} is too weak.")})

    assert "***" in caplog.text
    assert not any(word in caplog.text for word in SECRET.split())
