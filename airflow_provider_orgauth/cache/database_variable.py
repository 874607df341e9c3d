"""A text in an Airflow Variable, where there is a database: in the API server, whose hooks have no supervisor to ask.

There, ``airflow.sdk.Variable.set`` raises ImportError, and the model of the row is what works.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class DatabaseVariable:
    """The text in the Variable ``key``; else as :class:`~.variable_text.VariableText`.

    :param note: what the list of Variables says about it.
    :param team: whose Variable it is, in an Airflow that has teams: a task's Variables are its team's.
    """

    def __init__(self, key: str, *, note: str = "", team: str | None = None) -> None:
        self._key = key
        self._note = note
        self._team = {} if team is None else {"team_name": team}
        self.description = f"the Variable {key}"

    def read(self) -> Iterator[object]:
        """Yield the Variable's value, if there is one, also where a secrets backend has it."""
        value = _rows().get(self._key, None, **self._team)
        if value is not None:
            yield value

    def write(self, text: str) -> None:
        """Set the Variable."""
        _rows().set(self._key, text, description=self._note, **self._team)

    def delete(self) -> bool:
        """Delete the Variable; return whether there was one."""
        return bool(_rows().delete(self._key, **self._team))


def _rows() -> Any:
    from airflow.models import Variable

    return Variable
