"""Where an export from the command line stands, beside its file: the same command goes on there.

Sealed with the connection's secret: a cursor may hold a credential, and whoever may write to the folder could have put
a list of their own there.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.cache.seal import UnreadableRecordError
from airflow_provider_orgauth.exports.cannot_resume import CannotResumeError
from airflow_provider_orgauth.exports.hidden_name import hidden_name

if TYPE_CHECKING:
    from airflow_provider_orgauth.cache.seal import Seal
    from airflow_provider_orgauth.exports.sink_choice import StoragePath

KEY = "command"
"""What the hidden names of a task have the task's digest for."""


GOOD_FOR = timedelta(days=1)
"""How long it is gone on with. A command that cron runs each night must not end last week's list with tonight's."""


class StateFile:
    """A :class:`~.checkpoints.StateStore` in a hidden file.

    :param path: of the export.
    :param seal: of the connection's client.
    """

    def __init__(self, path: StoragePath, seal: Seal) -> None:
        folder, slash, name = path.path.rpartition("/")
        self._fs = path.fs
        self._is_local = path.protocol in ("", "file", "local")
        self._path = f"{folder}{slash}{hidden_name(name, KEY)}.state"
        self._seal = seal
        self.pages = 0
        """Pages after which the next one goes on; 0: it begins anew."""
        self.saved_at: datetime | None = None
        """When an earlier command saved what is gone on with."""

    def load(self) -> Mapping[str, Any] | None:
        """Return what an earlier command has left, or None.

        :raises CannotResumeError: it cannot be read, or is too old.
        """
        try:
            sealed = self._found().decode(errors="replace")
        except FileNotFoundError:
            return None
        try:
            state = self._seal.open(sealed)
        except UnreadableRecordError as unreadable:
            raise CannotResumeError(f"what an earlier command left cannot be read: {unreadable}") from None
        if state is None:
            raise CannotResumeError("the connection's server, client or secret was changed after an earlier command")
        found: Mapping[str, Any] = json.loads(state)
        self.saved_at = datetime.fromisoformat(found["saved_at"])
        if datetime.now(UTC) - self.saved_at > GOOD_FOR:
            raise CannotResumeError(f"an earlier command stopped at {found['saved_at']}, and its list is too old")
        return found

    def save(self, state: Mapping[str, Any]) -> None:
        """Keep it for the next command."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        data = self._seal.close(json.dumps({**state, "saved_at": at})).encode()
        if self._is_local:
            self._replace(data)
        else:
            self._fs.pipe_file(self._path, data)  # a store has an object whole or not at all
        self.pages = state.get("tally", state.get("spooled", {})).get("pages", 0)

    def clear(self) -> None:
        """Remove it."""
        self.pages = 0
        with suppress(FileNotFoundError):
            self._fs.rm_file(self._path)

    def _found(self) -> bytes:
        """Read it; wait for no pipe and follow no link that somebody has put there."""
        if not self._is_local:
            return bytes(self._fs.cat_file(self._path))
        descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise CannotResumeError("what has the name of an earlier command's state is no file")
            return file.read()

    def _replace(self, data: bytes) -> None:
        """Let no kill leave half of it, and follow no link that somebody has put there."""
        folder, name = os.path.split(self._path)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=f"{name[:200]}.", delete=False) as file:
            try:
                file.write(data)
                file.close()
                os.replace(file.name, self._path)
            except BaseException:
                os.unlink(file.name)
                raise
