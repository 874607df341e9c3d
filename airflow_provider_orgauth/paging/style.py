"""What every style of pagination is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, get_args

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.paging.request import PageRequest

if TYPE_CHECKING:
    from airflow_provider_orgauth.paging.answer import PageAnswer

MAX_PAGES = 100_000

NOT_AN_END = frozenset({401, 403, 407, 408, 425, 429})
"""Client errors (RFC 9110 section 15.5, RFC 6585) about who asks, or how often; never about a page."""

SendIn = Literal["query", "json"]


@dataclass(frozen=True, slots=True, repr=False)
class Pagination:
    """A style of pagination: a value that says which page comes next, from one request and its answer.

    What is said here holds for every style:

    >>> style = PageNumberPagination(size=2, more="has_more")
    >>> style.next(style.first(), PageAnswer(b'{"items": [1, 2], "has_more": false}', {})) is None
    True

    :param max_pages: a walk that wants more is an error: it would never end.
    :param more: the path of a flag that says whether there is more, such as ``has_more``, or ``header:X-Has-More``.
        Where it is false, the list ends, whatever else the answer says; where it is true, it continues, also after a
        page without records. None, or nothing at the path: the style decides alone.
    :param last: the same the other way round: a flag that is true on the last page, such as ``isLast`` or ``done``.
    :param empty_is_end: a page without records ends the list, whatever cursor, link or flag it has.
    :param end_statuses: statuses that mean "past the end" to this server, such as 404 or 416: after the first page,
        they end the list. 204 is a page without records, whatever is written here.
    """

    type: ClassVar[str]
    """Its name in a dict: ``{"type": "page_number", "size": 500}``."""

    max_pages: int = field(default=MAX_PAGES, kw_only=True)
    more: str | None = field(default=None, kw_only=True)
    last: str | None = field(default=None, kw_only=True)
    empty_is_end: bool = field(default=False, kw_only=True)
    end_statuses: tuple[int, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        check_number(self, "max_pages", least=1)
        check_name(self, "more", optional=True)
        check_name(self, "last", optional=True)
        check_flag(self, "empty_is_end")
        object.__setattr__(self, "end_statuses", _end_statuses(self.end_statuses))

    def __repr__(self) -> str:
        """Return it as one would write it: its own fields first, and of those of every style what was changed."""
        common = {one.name: one.default for one in fields(Pagination)}
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        said = {name: value for name, value in values.items() if name not in common}
        said |= {name: values[name] for name, default in common.items() if values[name] != default}
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in said.items())})"

    def adopt(self, params: Mapping[str, Any], json: Mapping[str, Any] | None = None) -> Self:
        """Return the style as the caller's own query, or JSON body, wants it: its page size, the page to begin with."""
        return self

    def first(self) -> PageRequest:
        """Return the request for the first page."""
        return PageRequest()

    def next(self, request: PageRequest, answer: PageAnswer) -> PageRequest | None:
        """Return the request for the page after this one, or None after the last one."""
        raise NotImplementedError

    def past_the_end(self, request: PageRequest, answer: PageAnswer) -> PageRequest | None:
        """Return the request for the page after this one, though this should be the last; None: only it could say."""
        return None

    def ahead(self, request: PageRequest, answer: PageAnswer) -> Iterator[PageRequest]:
        """Yield the requests that :meth:`next` is going to return, as far as that can be told now.

        A guess: it decides what is fetched early, never what is taken.
        """
        return iter(())

    def total_of(self, answer: PageAnswer) -> int | None:
        """Return how many records the server says this walk is going to find, or None."""
        return None

    def knows_the_end(self, answer: PageAnswer) -> bool:
        """Return whether the answer says where the list ends."""
        return False

    def missing(self, answer: PageAnswer, *, pages: int, records: int) -> str | None:
        """Return what of the list has not come, by what the answer says; None where all has come, or it is unknown.

        :param pages: how many came.
        :param records: how many were in them.
        """
        return None

    @property
    def asked_for(self) -> int | None:
        """How many records each request asks for; None: that is left to the server, or to the caller's own query."""
        return None

    def can_be_full(self, count: int) -> bool:
        """Return whether a page can be one of several, by the number of its records."""
        asked_for = self.asked_for
        if asked_for is None:
            return count > 1
        # Where a server gives fewer than it was asked for, its own limit is a round number.
        is_round = count % 10 == 0 or count % 25 == 0 or (count >= 16 and count.bit_count() == 1)
        return count >= asked_for or is_round

    @property
    def counts_from_zero(self) -> bool:
        """Whether the first page is asked for by the number 0, which servers that count from one take for 1."""
        return False

    def warning(self, answer: PageAnswer) -> str | None:
        """Return what makes it doubtful that the first page is the only one, or None; for a log."""
        return None

    def has_more(self, answer: PageAnswer) -> bool | None:
        """Return what ``more`` or ``last`` says; None: neither says anything. Where they differ, there is no more.

        :raises PaginationError: there is something that is neither true nor false.
        """
        said = [answer.flag(self.more, field="more")] if self.more else []
        if self.last:
            is_last = answer.flag(self.last, field="last")
            said.append(None if is_last is None else not is_last)
        known = [flag for flag in said if flag is not None]
        return all(known) if known else None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON, for mapped tasks and triggers."""
        return {"type": self.type, **asdict(self), "end_statuses": list(self.end_statuses)}


def after(request: PageRequest, answer: PageAnswer) -> int:
    """Return how many records there were up to the end of this page."""
    return request.records_before + answer.count


def records_missing(total: int | None, records: int) -> str | None:
    """Return what of a ``total`` has not come."""
    return None if total is None or records >= total else f"{records:,} of {total:,} records came"


def sent(send_in: SendIn, request: PageRequest) -> Mapping[str, Any]:
    """Return the part of a request that names its page."""
    return request.json if send_in == "json" else request.params


def page_request(send_in: SendIn, names: dict[str, Any], records_before: int) -> PageRequest:
    """Return a request that names its page in the query or in the JSON body."""
    if send_in == "json":
        return PageRequest(json=names, records_before=records_before)
    return PageRequest(names, records_before=records_before)


def given_number(
    send_in: SendIn, params: Mapping[str, Any], json: Mapping[str, Any] | None, name: str | None, *, least: int
) -> int | None:
    """Return the number that the caller's own query, or JSON body, has under ``name``; None where it has none.

    :raises ConfigurationError: it is no whole number from ``least`` on.
    """
    place, given = ("json", json or {}) if send_in == "json" else ("params", params)
    if name is None or given.get(name) is None:
        return None
    value = given[name]
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        number = least - 1
    if number < least or isinstance(value, bool | float):
        raise ConfigurationError(f"{place}.{name}", f"is not a whole number from {least}", advice="Correct it.")
    return number


def check_send_in(style: Pagination) -> None:
    """Refuse a ``send_in`` that is neither."""
    if getattr(style, "send_in", None) not in get_args(SendIn):
        raise ConfigurationError("pagination.send_in", "is unknown", advice=f"Write {' or '.join(get_args(SendIn))}.")


def check_name(style: Pagination, name: str, *, optional: bool = False) -> None:
    """Refuse a field that is not a name, or a path, of at least one character."""
    value = getattr(style, name)
    if not (isinstance(value, str) and value) and not (optional and value is None):
        raise ConfigurationError(
            f"pagination.{name}", "is not a name", advice='Write a text such as "page"' + (" or None." * optional)
        )


def check_number(style: Pagination, name: str, *, least: int) -> None:
    """Refuse a field that is not a whole number of at least ``least``."""
    value = getattr(style, name)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ConfigurationError(f"pagination.{name}", f"is not a whole number from {least}", advice="Correct it.")


def check_flag(style: Pagination, name: str) -> None:
    """Refuse a field that is neither True nor False."""
    if not isinstance(getattr(style, name), bool):
        raise ConfigurationError(f"pagination.{name}", "is not a flag", advice="Write True or False.")


def field_names(style: type[Pagination]) -> frozenset[str]:
    """Return the keys that a dict of this style may have, besides ``type``."""
    return frozenset(declared.name for declared in fields(style))


def _end_statuses(given: Any) -> tuple[int, ...]:
    """Return the statuses in order, each once."""
    if not isinstance(given, list | tuple | set | frozenset):
        raise ConfigurationError(
            "pagination.end_statuses", f"is {type(given).__name__}", advice="Write a list such as [404]."
        )
    for status in given:
        is_number = isinstance(status, int) and not isinstance(status, bool)
        if not is_number or not (status == 204 or 400 <= status < 500) or status in NOT_AN_END:
            raise ConfigurationError(
                "pagination.end_statuses",
                f"holds {str(status)[:20]!r}, which cannot mean that a list is over",
                advice="Write 404, 410, 416 or another status from 400 to 499 that is not about rights or rates.",
            )
    return tuple(sorted(set(given)))
