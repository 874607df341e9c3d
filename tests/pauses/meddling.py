"""Whatever was once in the shared Variables comes again, or goes away."""

from __future__ import annotations

import random

from shared_variables import SharedVariables


def meddle(variables: SharedVariables, dice: random.Random) -> None:
    """Put something back that was there, or take something away."""
    history = variables.history()
    if not history:
        return
    number = dice.randrange(len(history))
    written = history[number]
    match dice.choice(["repeat", "repeat", "restore", "restore", "delete"]):
        case "repeat":  # a write that was sent a second time
            variables.land_again(written)
        case "restore":  # a backup, or a key rotation that read all Variables a while ago
            for last in {one.key: one for one in history[: number + 1]}.values():
                variables.land_again(last)
        case "delete":
            variables.delete(written.key)
