"""Which texts Jinja would change: what they are is known only when the task runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def has_template(text: Any, template_ext: Sequence[str] = ()) -> bool:
    """Return whether Jinja would change a text.

    :param template_ext: endings of texts that name a file with a template.
    """
    return isinstance(text, str) and (
        any(mark in text for mark in ("{{", "{%", "{#")) or (bool(template_ext) and text.endswith(tuple(template_ext)))
    )
