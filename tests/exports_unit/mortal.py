"""An attempt that is killed at a certain step towards the disk or the store, and does nothing after it."""

from __future__ import annotations

import os

from exports_unit.pages_of_a_list import DictStore, ListOfPages
from fsspec.implementations.local import LocalFileSystem

from airflow_provider_orgauth.exports.local_sink import LocalSink


class Killed(BaseException):
    """What no code may handle."""


class Life:
    """Ends after so many steps; whatever is tried after its end ends at once."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def step(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Killed


class MortalStore(DictStore):
    """A store that is reached, or not any more."""

    life = Life(0)

    def save(self, state):
        self.life.step()
        super().save(state)
        self.life.step()

    def clear(self):
        self.life.step()
        super().clear()
        self.life.step()


class MortalFileSystem(LocalFileSystem):
    """Writes a file in two steps: half of it may be there."""

    cachable = False
    life = Life(0)

    def pipe_file(self, path, value, mode="overwrite", **kwargs):
        self.life.step()
        super().pipe_file(path, value[: len(value) // 2])
        self.life.step()
        super().pipe_file(path, value)
        self.life.step()

    def rm_file(self, path):
        self.life.step()
        super().rm_file(path)
        self.life.step()


class MortalSink(LocalSink):
    """Dies before or after each thing it does."""

    def __init__(self, path: str, life: Life) -> None:
        super().__init__(path, key="k")
        for name in ("begin", "resume", "write", "cut", "save", "complete", "leave", "discard"):
            setattr(self, name, self._step(getattr(self, name), life))

    def _step(self, method, life: Life):
        def mortal(*arguments, **named):
            life.step()
            result = method(*arguments, **named)
            life.step()
            return result

        return mortal

    def die(self) -> None:
        """Lose what is not flushed, and the lock, as a process does."""
        if self._file is not None and not self._file.closed:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._file.fileno())
            os.close(nowhere)
            self._on_disk.close()


def killed(pages: ListOfPages, steps: int, **arguments) -> bool:
    """Run an attempt of ``pages``, which has a :class:`MortalStore`, for so many steps; tell whether it was killed."""
    life = pages.store.life = Life(steps)
    pages.notes_fs = MortalFileSystem()
    pages.notes_fs.life = life
    sink = MortalSink(str(pages.path), life)
    try:
        pages.export(sink=sink, **arguments)
    except Killed:
        sink.die()
        return True
    return False
