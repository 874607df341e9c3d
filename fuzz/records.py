"""What holds of every cached record that is refused, whichever target reads it."""

from __future__ import annotations

from collections.abc import Iterable

from airflow_provider_orgauth.cache.seal import UnreadableRecordError

MAX_SAID = 60
"""Characters of an error without the names of fields: longer ones would quote the record."""


def check_refusal(error: UnreadableRecordError, names: Iterable[str]) -> None:
    """Assert that an error says what is wrong, and nothing that the record holds.

    :param names: of the record's fields, which it may name.
    """
    said = str(error)
    for name in names:
        said = said.replace(name, "")
    assert said.isascii()
    assert len(said) < MAX_SAID, "the error quotes the record"
