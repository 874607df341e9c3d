"""Find the end of a list that no answer announces: two answers in a row that bring nothing new.

One alone proves nothing. A page that came before may be data, where records have no id and happen to be equal: it is
held back, and the next page asked for. If that one is new, or empty, or the last one, the page was data.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Self

from airflow_provider_orgauth.exceptions import PaginationError
from airflow_provider_orgauth.paging.answer import PageAnswer
from airflow_provider_orgauth.paging.raw import Raw
from airflow_provider_orgauth.paging.repeats import Place, Repeats, are_alike, have_ids
from airflow_provider_orgauth.paging.request import PageRequest
from airflow_provider_orgauth.paging.style import Pagination

_CHECK = "Check the parameter names in pagination against the API's description."


class Ending:
    """Decides for one list where it ends, and where it cannot end.

    :ivar missing: what had not come after the last page, by what its answer said.
    """

    def __init__(self, style: Pagination) -> None:
        self.missing: str | None = None
        self._style = style
        self._repeats = Repeats()
        self._place = Place.END
        self._second: str | None = None
        self._asked_for_nothing: set[bytes] = set()

    def to_dict(self) -> dict[str, Any]:
        """Return what it knows as JSON."""
        return {"missing": self.missing, "second": self._second, "repeats": self._repeats.to_dict()}

    @classmethod
    def resumed(cls, style: Pagination, saved: Mapping[str, Any]) -> Self:
        """Return what :meth:`to_dict` wrote."""
        ending = cls(style)
        ending.missing = saved["missing"]
        ending._second = saved["second"]
        ending._repeats = Repeats.from_dict(saved["repeats"])
        return ending

    def observe(self, records: Sequence[Raw], knows_the_end: bool) -> None:
        """Remember a page.

        :param knows_the_end: its answer says where the list ends.
        """
        self._repeats.observe(records, thorough=not knows_the_end)
        if records:
            self._asked_for_nothing.clear()

    def leads_to(self, second: PageRequest) -> None:
        """Remember what the first page leads to."""
        self._second = _digest(second).hex()

    def may_be_near(self, answer: PageAnswer) -> bool:
        """Return whether a page brings nothing new."""
        records = answer.records
        place = self._repeats.place_of(records, thorough=not self._style.knows_the_end(answer))
        if place is None:
            return False
        self._place = place
        # A measurement may stay the same for long. But only a page that is full can be one of several such.
        is_full = len(records) >= self._repeats.largest and self._style.can_be_full(len(records))
        return not (is_full and are_alike(records))

    def confirms(self, records: Sequence[Raw], held: Sequence[Raw]) -> bool:
        """Return whether the page after one that brought nothing new brings nothing new either."""
        return self._repeats.follows(records, held)

    def refuse(
        self, request: PageRequest, answer: PageAnswer, following: PageRequest | None, *, pages: int, records: int
    ) -> None:
        """Refuse to take a page, the second in a row that brings nothing new, for the end of the list.

        :param following: the next request that the answer names.
        :param pages: how many pages came.
        :param records: how many were in them.
        :raises PaginationError: there must be more; or this is what a misspelt parameter looks like.
        """
        style, count = self._style, answer.count
        missing = style.missing(answer, pages=pages, records=records)
        if missing is None and style.total_of(answer) is None and not style.knows_the_end(answer):
            missing = self.missing
        if missing is None and style.has_more(answer):
            missing = "the answer says that there is more"
        if missing is not None:
            raise PaginationError(
                f"The same {count:,} records come again and again, and {missing}: the server seems to ignore which "
                "page it is asked for.",
                advice=_CHECK,
            )
        if self._place is Place.MIDDLE:
            raise PaginationError(
                "The pages go in circles: the last one leads back to one in the middle of the list.",
                advice="Check pagination against the API's description.",
            )
        # By number or offset, a server may give the first page again past the end. By link or cursor, that is an end
        # where the same request follows as after the first page, and so closes the circle. Any other leads on.
        by_number = style.past_the_end(request, answer) is not None
        if self._place is Place.START and not by_number and _digest(request).hex() != self._second:
            raise PaginationError(
                "The pages go in circles: those of the beginning come again, though the answers lead on.",
                advice="Check pagination against the API's description.",
            )
        if pages > 1 or style.total_of(answer) == records or (request.url is not None and request == following):
            return
        if self._style.can_be_full(count):
            raise PaginationError(
                f"The {count:,} records of the first page come again and again: either the server ignores which page "
                "it is asked for, or these are all, and it gives the last page to whoever asks for more.",
                advice=f"{_CHECK} If these are all, use SinglePage, or ask for {self._other_size(count)} in a page.",
            )

    def refuse_the_first_page_twice(self, held: Sequence[Raw], *, pages: int) -> None:
        """Refuse a second page that is the first one: a server that counts from 1 may have answered 0 as 1.

        :param held: the records of the page that brought nothing new.
        :param pages: how many came before it.
        :raises PaginationError: by their ids, the records are the same ones, rather than equal.
        """
        if pages == 1 and self._style.counts_from_zero and have_ids(held):
            raise PaginationError(
                "The first two pages are the same, and the third is not: the server seems to count its pages from 1.",
                advice="Set pagination.first_page to 1.",
            )

    def refuse_status(self, status: int) -> None:
        """Refuse to take an error status for the end of the list.

        :raises PaginationError: there must be more.
        """
        if self.missing is not None:
            raise PaginationError(
                f"The server answered {status}, which pagination.end_statuses takes for the end of the list, and "
                f"{self.missing}.",
                advice=_CHECK,
            )

    def after_nothing(self, request: PageRequest, following: PageRequest) -> PageRequest | None:
        """Return what to ask for after a page without records; None: it would be the same request again.

        :raises PaginationError: it was asked for before, and no record came since.
        """
        self._asked_for_nothing.add(_digest(request))
        if _digest(following) not in self._asked_for_nothing:
            return following
        if following == request:
            return None
        raise PaginationError(
            "The pages go in circles: this one has no records, and leads back to another one without any.",
            advice="Check pagination against the API's description.",
        )

    @staticmethod
    def _other_size(count: int) -> str:
        """Return how many records in a page tell a list of so many from a server that ignores the page."""
        # Two different pages settle it. With more in a page, as many again could be the server's own limit.
        return f"fewer than {count:,}" if count > 1 else "more than 1"


_wire = json.JSONEncoder(sort_keys=True, default=str)


def _digest(request: PageRequest) -> bytes:
    wire = _wire.encode([request.params, request.json, request.url])
    return hashlib.blake2b(wire.encode(errors="surrogatepass"), digest_size=8).digest()
