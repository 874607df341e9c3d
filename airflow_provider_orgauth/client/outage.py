"""When a host asks for a token again while hosts cannot share one: not at once, and later each time.

While the shared cache is out of reach, each host gets a token of its own. On most servers, all of these are valid at
once. But some keep one valid token per client, and end it with each new one: if each host asked for a token at each
401, hosts would end each other's tokens faster than a call can be made with them. So a host whose new token gets a 401
waits before it asks again, for a random time that doubles. All its processes keep to that, by a note in its private
folder, and meanwhile look for a token: their host's, or the shared one if the cache can be reached again.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Self

from airflow_provider_orgauth.client.cancellation import task_stopped
from airflow_provider_orgauth.client.retry_policy import RetryPolicy
from airflow_provider_orgauth.oauth.store import Reach, TokenStore
from airflow_provider_orgauth.oauth.token import Token

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 2.0, 16.0
"""Seconds between two token requests of a host: at first and at last, doubled in between. Up to as much is added at
random."""

TOKEN_LOOK_INTERVAL_SECONDS = 0.5
"""Seconds between two looks for a token meanwhile: one that another process of the host got may not live for long."""

OUTAGE_MEMORY_SECONDS = 4 * LONGEST_PAUSE_SECONDS
"""Seconds after a host's last token request without sharing in which other hosts may still end its token."""

REPLAY_PATIENCE_SECONDS = 120.0
"""Seconds for which a request that is answered 401 is sent again with other tokens. In that time a host may ask four
times or more even at the longest pauses, and most outages of a database are over; a task is not held for longer."""

MAX_OUTAGE_REPLAYS = 10
"""The most replays of one request. Once sharing works again, no pause slows them down."""


@dataclass(frozen=True, slots=True)
class Note:
    """What the processes of a host tell each other. Times are epoch seconds.

    :param asked_at: when the host last asked for a token without sharing.
    :param ask_again_at: when it may ask again.
    :param pause: the least number of seconds between these two, before the random part.
    :param could_read: whether what other hosts saved could be seen then, and only writing failed.
    """

    asked_at: float
    ask_again_at: float
    pause: float
    could_read: bool

    @classmethod
    def of(cls, text: str | None) -> Self | None:
        """Return the note in ``text``, or None where that holds none."""
        try:
            record = json.loads(text or "null")
            asked_at, ask_again_at, pause = (float(record[name]) for name in ("asked_at", "ask_again_at", "pause"))
            note = cls(asked_at, ask_again_at, pause, record["could_read"] is True)
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            return None
        is_one = all(map(math.isfinite, (note.asked_at, note.ask_again_at))) and note.pause >= FIRST_PAUSE_SECONDS
        return note if is_one and note.pause <= LONGEST_PAUSE_SECONDS else None

    def to_text(self) -> str:
        """Return it as JSON text."""
        return json.dumps(asdict(self))

    @property
    def is_contended(self) -> bool:
        """Return whether the host asked again soon after it got a token, so that others seem to end its tokens."""
        return self.pause > FIRST_PAUSE_SECONDS

    def left(self, now: float) -> float:
        """Return the seconds until the host may ask again."""
        return max(0.0, self.ask_again_at - now)

    def holds(self, now: float) -> bool:
        """Return whether it is recent; one from the future was left by a clock that has jumped back since."""
        return (
            self.asked_at <= now < self.asked_at + OUTAGE_MEMORY_SECONDS
            and self.ask_again_at <= now + 2 * LONGEST_PAUSE_SECONDS
        )


class Outage:
    """What this process knows of hosts' sharing, for one client.

    :param store: the store that other processes see.
    :param retry: its clock, its randomness, its way of waiting, and the sign that the task is being stopped.
    """

    def __init__(self, store: TokenStore, retry: RetryPolicy) -> None:
        self._store = store
        self._retry = retry
        self._own: Note | None = None
        self._has_said = False

    def is_on(self) -> bool:
        """Return whether other hosts may end this one's tokens, as sharing is out of reach, or was a moment ago."""
        return self._store.reach is not Reach.WHOLE or self._note() is not None

    def must_wait(self) -> bool:
        """Return whether this host may not ask now."""
        note = self._note()
        return note is not None and note.left(self._retry.clock()) > 0

    def await_turn(self, look: Callable[[], Token | None], *, is_rejected: bool) -> Token | None:
        """Wait until this host may ask for a token; return one that is found meanwhile.

        :param look: returns a token that will do, of this host or of all, or None.
        :param is_rejected: whether the API rejected a token. Else it has run out, or there was none: then this waits
            only where this host's tokens were rejected right after it got them.
        """
        while (note := self._note()) is not None and (note.is_contended or is_rejected):
            left = note.left(self._retry.clock())
            if left <= 0 or self._retry.cancelled.is_set():
                break
            found = look()
            # If only writing failed, reading worked all the time: that it does is no sign of the outage's end.
            if found is not None or (not note.could_read and self._store.reach is not Reach.NONE):
                return found
            self._say(left)
            self._retry.pause(
                min(left, self._retry.uniform(TOKEN_LOOK_INTERVAL_SECONDS / 2, TOKEN_LOOK_INTERVAL_SECONDS))
            )
        return None

    def asks(self) -> None:
        """Note that a token is asked for now, if hosts cannot share it."""
        reach = self._store.reach
        if reach is Reach.WHOLE:
            return
        now, last = self._retry.clock(), self._note()
        pause = FIRST_PAUSE_SECONDS
        if last is not None:
            if last.left(now) > 0:
                return  # the second request of one turn: a refresh that was refused came before it
            was_awaited = now < last.ask_again_at + last.pause
            pause = min(LONGEST_PAUSE_SECONDS, last.pause * 2) if was_awaited else last.pause
        self._own = Note(now, now + self._retry.uniform(pause, 2 * pause), pause, could_read=reach is Reach.READING)
        if self._store.note is not None:
            self._store.note.write(self._own.to_text())

    def may_replay(self, *, since: float, replays: int) -> bool:
        """Return whether a request whose replay got a 401 as well may be sent once more, with another token.

        :param since: when it was first answered 401, by the policy's timer.
        :param replays: how often it was sent again.
        :raises TaskStoppedError: its task is being stopped, and it would have been sent.
        """
        if replays >= MAX_OUTAGE_REPLAYS or not self.is_on():
            return False
        note = self._note()
        left = 0.0 if note is None else note.left(self._retry.clock())
        if self._retry.timer() - since + left >= REPLAY_PATIENCE_SECONDS:
            return False
        if self._retry.cancelled.is_set():
            raise task_stopped("a request was not sent again after status 401", status=401)
        return True

    def _note(self) -> Note | None:
        now = self._retry.clock()
        left = None if self._store.note is None else Note.of(self._store.note.read())
        known = [note for note in (left, self._own) if note is not None and note.holds(now)]
        return max(known, key=lambda note: note.asked_at, default=None)

    def _say(self, left: float) -> None:
        if not self._has_said:
            self._has_said = True
            log.warning(
                "The token is not shared among hosts at present, and a new one of this host was rejected: on a server "
                "that keeps one living token per client, hosts end each other's. This host asks again in %.1f s, and "
                "then less often, until Variables can be read and written.",
                left,
            )
