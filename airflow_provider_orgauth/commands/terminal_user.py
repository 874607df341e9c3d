"""Who typed a command, for the record of the token: the user of the operating system, as in Airflow's own audit log."""

from __future__ import annotations

import getpass


def terminal_user() -> str | None:
    """Return the user's name; None where a container has a number only."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # before Python 3.13, and from it on
        return None
