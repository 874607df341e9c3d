"""What the form, the parser and the documentation know of one field of a connection's ``extra``."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

FieldKind = Literal["choice", "text", "number", "integer", "integers", "flag", "object"]

MASKED_CHARACTERS = 5
"""The shortest text that Airflow masks, unless ``[logging] min_length_masked_secret`` says another."""

Parse = Callable[["Field", Any], Any]


class Field(NamedTuple):
    """One field of a connection's ``extra``.

    :param default: what an empty field means, as it would be typed; None: nothing.
    :param settings: the class of which the field is the attribute of the same name.
    :param choices: for a choice, all that may be typed.
    :param minimum: for a number, or each of several, the least that may be typed.
    :param parse: takes the field and what was typed, without white space around it, and returns what the setting is;
        None: :data:`.field_parsing.OF_KIND` has it.
    """

    name: str
    label: str
    help: str
    kind: FieldKind
    default: Any = None
    settings: type | None = None
    choices: tuple[str, ...] = ()
    minimum: float = 0
    maximum: float = math.inf
    placeholder: str = ""
    parse: Parse | None = None

    @classmethod
    def of(cls, settings: type, name: str, label: str, text: str, kind: FieldKind, **more: Any) -> Field:
        """Declare a field that is an attribute of some settings, which have its default."""
        return cls(name, label, text, kind, _default(settings, name, kind), settings, **more)

    @property
    def filled_in(self) -> Any:
        """What an empty form shows in the field, and saves; None: nothing.

        Airflow takes every text in ``extra`` for something to mask, and warns in the tasks' logs of one that is too
        short for that, such as ``true``. So a text that short is the placeholder's alone.
        """
        is_short = self.kind == "text" and len(str(self.default)) < MASKED_CHARACTERS
        return None if is_short else self.default

    @property
    def range(self) -> str:
        """What a number may be, in words."""
        return f"from {self.minimum:g}" + ("" if math.isinf(self.maximum) else f" to {self.maximum:.10g}")


def _default(settings: type, name: str, kind: FieldKind) -> Any:
    """Return the default of a setting as it would be typed; None for an empty one."""
    default = next(setting.default for setting in dataclasses.fields(settings) if setting.name == name)
    if kind == "text" and isinstance(default, bool):
        return str(default).lower()
    return default if isinstance(default, str | int | float) else None
