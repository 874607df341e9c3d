"""Import in a thread what a trigger works with: for a second, the loop and all of its triggers would stand still."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import Any

_imported: dict[str, Any] = {}
"""Modules that are whole: in ``sys.modules`` are those as well that another thread is importing right now."""


async def imported(name: str) -> Any:
    """Return a module of this room, imported.

    :param name: such as ``begin``.
    """
    if name not in _imported:
        path = f"{__package__}.{name}"
        _imported[name] = await asyncio.get_running_loop().run_in_executor(None, import_module, path)
    return _imported[name]
