"""A text in an Airflow Variable: one for the whole installation, encrypted at rest by Airflow, masked by its key."""

from __future__ import annotations

from collections.abc import Iterator


class VariableText:
    """The text in the Variable ``key``.

    :param note: what the list of Variables says about it.
    """

    def __init__(self, key: str, *, note: str) -> None:
        self._key = key
        self._note = note
        self.description = f"the Variable {key}"

    def read(self) -> Iterator[object]:
        """Yield the Variable's value, if there is one."""
        from airflow_provider_orgauth.compat import Variable

        # By position: the argument is called default_var in Airflow 2 and default in Airflow 3.
        value = Variable.get(self._key, None)
        if value is not None:
            yield value

    def write(self, text: str) -> None:
        """Set the Variable."""
        from airflow_provider_orgauth.compat import Variable

        Variable.set(self._key, text, description=self._note)
