"""A token in XCom, encrypted, shared along one DAG run: for installations whose tasks may not write Variables.

A task looks at what the tasks upstream of it pushed. What an earlier attempt of its own pushed is gone, because Airflow
clears a task's XComs before each attempt; from Airflow 3.3 on, the task state store keeps it instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Protocol

from airflow_provider_orgauth.exceptions import ConfigurationError

KEPT_FOR = timedelta(days=1)
"""How long an attempt's token stays in the task state store: longer than any that is worth finding there."""


class Fernet(Protocol):
    """Airflow's Fernet: a real one, or one that encrypts nothing because no key is configured."""

    is_encrypted: bool

    def encrypt(self, msg: bytes) -> bytes:
        """Encrypt."""

    def decrypt(self, msg: bytes) -> bytes:
        """Decrypt, or raise."""


class XComText:
    """The text that this task, or one upstream of it, left in this DAG run under ``key``."""

    def __init__(self, key: str) -> None:
        self._key = key
        self.description = f"the XCom {key}"

    def read(self) -> Iterator[object]:
        """Yield what this task and those upstream of it left; a mapped task once for each of its indexes.

        :raises ConfigurationError: Airflow has no Fernet key.
        """
        fernet = _fernet()
        context = _context()
        task, ti = context["task"], context["ti"]
        task_ids = [task.task_id, *sorted(task.get_flat_relative_ids(upstream=True))]
        values = list(ti.xcom_pull(task_ids=task_ids, key=self._key) or ())
        state = context.get("task_state_store")  # Airflow 3.3
        if state is not None:
            values.append(state.get(self._key))
        for value in values:
            if isinstance(value, str):
                yield fernet.decrypt(value.encode()).decode()

    def write(self, text: str) -> None:
        """Push ``text``, encrypted, as this task's XCom, and keep it for this task's next attempt.

        :raises ConfigurationError: Airflow has no Fernet key.
        """
        encrypted = _fernet().encrypt(text.encode()).decode("ascii")
        context = _context()
        context["ti"].xcom_push(key=self._key, value=encrypted)
        state = context.get("task_state_store")
        if state is not None:
            state.set(self._key, encrypted, retention=KEPT_FOR)


def _context() -> Any:
    from airflow_provider_orgauth.compat import get_current_context

    return get_current_context()


def _fernet() -> Fernet:
    try:
        from airflow.sdk.crypto import get_fernet
    except ImportError:  # Airflow 2
        from airflow.models.crypto import get_fernet

    fernet: Any = get_fernet()
    if not fernet.is_encrypted:
        raise ConfigurationError(
            "cache (Share the token through)",
            "is xcom, and Airflow has no Fernet key to encrypt the token with",
            advice="Set [core] fernet_key for every component, or change the field to variable or memory.",
        )
    return fernet  # type: ignore[no-any-return]
