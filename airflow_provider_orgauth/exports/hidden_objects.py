"""The hidden files of a task's attempts in a store: unique names, and the removal of what dead attempts left."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

ATTEMPT_DEAD_AFTER = timedelta(minutes=2)
"""An attempt of which no file is younger, by the store's clock, is dead, or will fail because its files are gone."""


class HiddenObjects:
    """A hidden folder: ``<attempt>-000001`` and so on are units, ``<attempt>-whole`` is what they make together.

    ``<attempt>-taken`` is the sign of a later attempt that resumes its units.

    :param fs: an fsspec file system.
    :param folder: its path; where a store has no folders, the beginning of names.
    """

    def __init__(self, fs: Any, folder: str) -> None:
        self._fs = fs
        self.folder = folder
        self.begin()

    def begin(self) -> None:
        """Begin with new names."""
        self._attempt = secrets.token_hex(6)

    @property
    def whole(self) -> str:
        """The name of what the units make together."""
        return f"{self._attempt}-whole"

    def name(self, number: int) -> str:
        """Return the name of a unit of this attempt."""
        return _name(self._attempt, number)

    def path(self, name: str) -> str:
        """Return the path of what has that name."""
        return f"{self.folder}/{name}"

    def sizes(self) -> dict[str, int]:
        """Return name and size of all files in the folder, of any attempt."""
        self._fs.invalidate_cache()
        try:
            found = self._fs.ls(self.folder, detail=True)
        except FileNotFoundError:
            return {}
        files = [one for one in found if one["type"] == "file"]
        return {str(one["name"]).rpartition("/")[2]: int(one["size"] or 0) for one in files}

    def take_over(self, units: Sequence[str]) -> None:
        """Mark these units of an earlier attempt as taken, so that it finds out if it still runs."""
        if units:
            self._fs.pipe_file(self.path(f"{_attempt_of(units[-1])}-taken"), b".")

    def is_taken(self) -> bool:
        """Return whether a later attempt resumes this one's units."""
        return f"{self._attempt}-taken" in self.sizes()

    def remove(self, units: Sequence[str]) -> None:
        """Remove all files of this attempt and of those that these units are from, then the folder if it is empty."""
        attempts = {self._attempt, *map(_attempt_of, units)}
        for name in self.sizes():
            if _attempt_of(name) in attempts:
                self._remove(name)
        self._remove_folder()

    def remove_the_dead(self) -> None:
        """Remove what other attempts have left, if they are dead; where a store tells no time, all of them."""
        attempts: dict[str, list[str]] = {}
        for name in self.sizes():
            attempts.setdefault(_attempt_of(name), []).append(name)
        attempts.pop(self._attempt, None)
        if not attempts:
            return
        probe = f"{self._attempt}-now"
        self._fs.pipe_file(self.path(probe), b".")
        try:
            for names in attempts.values():
                if self._is_dead(names, probe):
                    for name in names:
                        self._remove(name)
        finally:
            self._remove(probe)
        self._remove_folder()

    def _is_dead(self, names: list[str], probe: str) -> bool:
        try:
            now = self._fs.modified(self.path(probe))
            return all(now - self._fs.modified(self.path(name)) > ATTEMPT_DEAD_AFTER for name in names)
        except FileNotFoundError:  # it is at work
            return False
        except Exception:
            return True

    def _remove(self, name: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._fs.rm_file(self.path(name))

    def _remove_folder(self) -> None:
        self._fs.invalidate_cache()
        with contextlib.suppress(OSError, NotImplementedError):  # there is something in it, or there are no folders
            if not self._fs.ls(self.folder):
                self._fs.rmdir(self.folder)


def runs_of(units: Iterable[str]) -> list[list[Any]]:
    """Return units as ``[[attempt, last number], …]``: each attempt resumes after the last number of the one before."""
    runs: dict[str, int] = {}
    for unit in units:
        runs[_attempt_of(unit)] = int(unit.rpartition("-")[2])
    return [[attempt, last] for attempt, last in runs.items()]


def units_of(runs: Iterable[Iterable[Any]]) -> list[str]:
    """Return the units that :func:`runs_of` was given."""
    units: list[str] = []
    for attempt, last in runs:
        units += [_name(attempt, number) for number in range(len(units) + 1, last + 1)]
    return units


def _name(attempt: str, number: int) -> str:
    return f"{attempt}-{number:06}"


def _attempt_of(name: str) -> str:
    return name.partition("-")[0]
