"""A token in XCom, encrypted, shared along one DAG run: for installations whose tasks may not write Variables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from airflow_provider_orgauth.exceptions import ConfigurationError


class Fernet(Protocol):
    """Airflow's Fernet: a real one, or one that encrypts nothing because no key is configured."""

    is_encrypted: bool

    def encrypt(self, msg: bytes) -> bytes:
        """Encrypt."""

    def decrypt(self, msg: bytes) -> bytes:
        """Decrypt, or raise."""


class XComText:
    """The text that this task, or one upstream of it, pushed in this DAG run under ``key``."""

    def __init__(self, key: str) -> None:
        self._key = key
        self.description = f"the XCom {key}"

    def read(self) -> Iterator[object]:
        """Yield what this task and those upstream of it pushed; a mapped task counts once for each of its indexes.

        :raises ConfigurationError: Airflow has no Fernet key.
        """
        from airflow.providers.common.compat.sdk import get_current_context

        fernet = _fernet()
        context = get_current_context()
        task, ti = context["task"], context["ti"]
        task_ids = [task.task_id, *sorted(task.get_flat_relative_ids(upstream=True))]
        for value in ti.xcom_pull(task_ids=task_ids, key=self._key) or ():
            if isinstance(value, str):
                yield fernet.decrypt(value.encode()).decode()

    def write(self, text: str) -> None:
        """Push ``text``, encrypted, as this task's XCom.

        :raises ConfigurationError: Airflow has no Fernet key.
        """
        from airflow.providers.common.compat.sdk import get_current_context

        encrypted = _fernet().encrypt(text.encode()).decode("ascii")
        get_current_context()["ti"].xcom_push(key=self._key, value=encrypted)


def _fernet() -> Any:
    try:
        from airflow.sdk.crypto import get_fernet
    except ImportError:  # before Airflow 3.2
        from airflow.models.crypto import get_fernet

    fernet: Fernet = get_fernet()
    if not fernet.is_encrypted:
        raise ConfigurationError(
            "cache (Share the token through)",
            "is xcom, and Airflow has no Fernet key to encrypt the token with",
            advice="Set [core] fernet_key for every component, or change the field to variable or memory.",
        )
    return fernet
