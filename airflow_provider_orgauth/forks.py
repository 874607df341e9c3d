"""What a forked child must not share with its parent: sockets, locks, threads, open files.

A fork copies them all; the multiprocessing of a task forks on Linux. An object that holds one is given to
:func:`watch`, which calls its ``after_fork`` in the child before anything else runs there.
"""

from __future__ import annotations

import contextlib
import os
import weakref
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from airflow_provider_orgauth.exceptions import ForkedProcessError


class Holder(Protocol):
    """An object that holds something that processes cannot share. It is compared by identity."""

    def after_fork(self) -> None:
        """Become what it would be in a process of its own, or refuse to be used. Called in the child.

        A thread that is not in the child may hold any lock, and may have stopped anywhere: locks are made again, not
        taken. Descriptors may be closed, which does not affect the parent's; nothing may be written to them.
        """


_holders: weakref.WeakKeyDictionary[Holder, None] = weakref.WeakKeyDictionary()


def watch(holder: Holder) -> None:
    """Call the holder's ``after_fork`` in each forked child, for as long as there is one."""
    _holders[holder] = None


def refusal(what: str) -> ForkedProcessError:
    """Return the error for the use of something that is the parent's."""
    from airflow_provider_orgauth.exceptions import ForkedProcessError

    return ForkedProcessError(
        f"{what} began in the process that forked this one, and goes on there only.",
        advice="Begin it in the child, or leave it to the parent.",
    )


class Gone:
    """Stands in the child for what is the parent's: to close it does nothing, any other use is refused.

    :param what: it is, for the error.
    """

    def __init__(self, what: str) -> None:
        self._what = what

    def close(self) -> None:
        """Do nothing: it is closed, as far as this process is concerned."""

    def __getattr__(self, name: str) -> object:
        raise refusal(self._what)


def _tell_all() -> None:
    # The youngest first: what belongs to something else is done before that lets go of it.
    for holder in reversed(list(_holders)):
        with contextlib.suppress(Exception):  # a child without its parent's sockets is better than none
            holder.after_fork()


os.register_at_fork(after_in_child=_tell_all)
