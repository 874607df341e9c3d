"""What a conversion of a complete export to another format is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import IO, Protocol


@dataclass(frozen=True, slots=True)
class Converted:
    """What was converted.

    :param rows: how many records there were.
    :param texts: the paths of the columns that are text since their values did not go together, and what these were.
    """

    rows: int
    texts: Mapping[str, str]


class Conversion(Protocol):
    """Writes a file from all records of a list, for a format whose columns only the last record completes."""

    def __call__(self, lines: Callable[[], Iterable[bytes]], output: IO[bytes], /) -> Converted:
        """Write the records to ``output``, and leave it open. The same records make the same bytes.

        :param lines: gives the JSON Lines in pieces of any size, from the beginning each time it is called.
        """
