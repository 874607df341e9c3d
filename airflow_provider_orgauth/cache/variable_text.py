"""A text in an Airflow Variable: one for the whole installation, encrypted at rest, masked if its key is sensitive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from airflow_provider_orgauth.cache.text_store import TextStore


class UndecryptedVariableError(ValueError):
    """A Variable that was encrypted with another Fernet key."""


class VariableText:
    """The text in the Variable ``key``.

    :param note: what the list of Variables says about it.
    """

    def __init__(self, key: str, *, note: str) -> None:
        self._key = key
        self._note = note
        self.description = f"the Variable {key}"

    def read(self) -> Iterator[object]:
        """Yield the Variable's value, if there is one.

        :raises UndecryptedVariableError: there is one, of another Fernet key than this worker's.
        """
        from airflow_provider_orgauth.compat import Variable

        # By position: the argument is called default_var in Airflow 2 and default in Airflow 3.
        value = Variable.get(self._key, None)
        if value is not None:
            yield value
        elif self._is_there():
            raise UndecryptedVariableError

    def _is_there(self) -> bool:
        """Return whether there is a Variable: of one that it cannot decrypt, Airflow 2 says None as well."""
        from airflow_provider_orgauth.compat import Variable

        rows: Any = Variable
        if not hasattr(rows, "id"):  # Airflow 3's is no row of a database: an API server decrypts it
            return False
        from airflow.utils.session import create_session

        with create_session() as session:
            return session.query(rows.id).filter(rows.key == self._key).first() is not None

    def write(self, text: str) -> None:
        """Set the Variable."""
        from airflow_provider_orgauth.compat import Variable

        Variable.set(self._key, text, description=self._note)


class MakeVariable(Protocol):
    """Makes a store of one text in a Variable: :class:`VariableText`, or what stands for it in other processes."""

    def __call__(self, key: str, *, note: str) -> TextStore:
        """Return the text in the Variable ``key``."""

    def __hash__(self) -> int:
        """Return what tells the ways apart."""
