"""What is looked at: one request on one connection, however many wait for what it shows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from airflow_provider_orgauth.answers.request_arguments import RequestArguments
    from airflow_provider_orgauth.exceptions import OrgAuthError
    from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
    from airflow_provider_orgauth.triggers.look import Look
    from airflow_provider_orgauth.triggers.waits_gauge import WaitsGauge
    from airflow_provider_orgauth.waiting.condition import Condition


class Looker(Protocol):
    """Somebody who waits for what looks show.

    ``due``: seconds of the loop's clock, when the next look is due. ``interval``: seconds between two looks.
    ``condition``: what a look is judged by.
    """

    due: float
    interval: float
    condition: Condition

    @property
    def is_over(self) -> bool:
        """Whether nothing is waited for any more."""

    def knows(self, look: Look) -> bool:
        """Return whether the same answer came before, and means what it meant."""

    def looked(self, look: Look) -> None:
        """Take what a look brought, and set :attr:`due`, or end."""

    def fail(self, error: OrgAuthError) -> None:
        """End with an error."""

    def give_up(self, why: str) -> None:
        """End, when the next look is due, because the triggerer cannot look; a worker may."""


class Planner(Protocol):
    """Looks at what is due on a server."""

    def plan(self, subject: Subject) -> None:
        """Plan the next look at a subject."""


class Connection(Protocol):
    """A connection as all waits on one event loop share it."""

    hook: OrgAuthHook
    server: Planner
    lookers: int
    gauge: WaitsGauge
    subjects: set[Subject]

    def when_open(self, subject: Subject) -> None:
        """Plan the next look at a subject, as soon as it is known which server it is on."""

    async def look_after(self) -> None:
        """Read the connection again where it was last read long ago."""

    async def has_changed_since(self, moment: float, *, is_about_all: bool) -> bool:
        """Return whether it says something else than at ``moment``, in seconds of the loop's clock."""

    async def fail(self, error: OrgAuthError) -> None:
        """End all waits with an error that each of them would meet."""

    async def close(self) -> None:
        """Close what is open to the server."""


class Subject:
    """One request, and those who wait for its answers.

    :param key: equal for equal requests on one connection.
    """

    __slots__ = ("connection", "due", "key", "lookers", "looking", "request")

    def __init__(self, key: tuple[str, str], request: RequestArguments, connection: Connection) -> None:
        self.key = key
        self.request = request
        self.connection = connection
        self.lookers: list[Looker] = []
        self.due = float("inf")
        self.looking: asyncio.Task[None] | None = None

    @property
    def interval(self) -> float:
        """Seconds between two looks: those of the most eager."""
        return min(looker.interval for looker in self.lookers)

    def next_due(self) -> float:
        """Return when the next look is due: as soon as for one of them. All get its answer."""
        return min((looker.due for looker in self.lookers if not looker.is_over), default=float("inf"))
