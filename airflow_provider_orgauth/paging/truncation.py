"""Find out whether an answer is only one page of a longer list, where its reader takes it for the whole list.

Names are compared without case, ``_``, ``-`` and other signs: ``hasMore`` is ``has_more``. They are looked for at the
top, and in objects that are known to be about pages, such as ``meta`` and ``paging``, two levels deep.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from airflow_provider_orgauth.exceptions import TruncatedListError
from airflow_provider_orgauth.paging.link_header import link_target

if TYPE_CHECKING:
    from airflow_provider_orgauth.paging.answer import PageAnswer
    from airflow_provider_orgauth.paging.style import Pagination

_ABOUT_PAGES = frozenset(
    ("page", "paging", "pagination", "pageinfo", "meta", "metadata", "responsemetadata", "links", "cursors", "cursor")
)
_AROUND_RECORDS = frozenset(("data", "result", "results", "response", "payload", "body", "hits", "d", "list"))

_TOTALS = frozenset(
    ("totalelements", "totalcount", "totalresults", "totalrecords", "totalitems", "totalhits", "recordstotal")
) | {"totalnumberofelements", "odatacount", "inlinecount"}
_VAGUE_TOTALS = frozenset(("total", "count"))
"""An invoice has a total as well, and three lines that are not cut."""
_ANY_TOTAL = _TOTALS | _VAGUE_TOTALS
_NONE: frozenset[str] = frozenset()
_NUMBERS_OF_PAGES = frozenset(("totalpages", "numpages", "lastpage", "pagecount"))
_MORE = frozenset(("hasmore", "hasnext", "hasnextpage", "hasmoreitems", "moredataavailable", "istruncated", "more"))
_LAST = frozenset(("last", "islast", "lastpage", "islastpage"))
_CURSORS = frozenset(
    ("nextcursor", "nextpagetoken", "nexttoken", "nextcontinuationtoken", "continuationtoken", "nextmarker")
) | {"nextpageurl", "nexturl", "nextlink", "odatanextlink", "nextrecordsurl", "nextpage", "nextoffset", "nextpagelink"}

_ONE_THING = frozenset(("id", "uuid"))
"""A list has none of its own: an answer with one is a thing that happens to have an array."""
_SAID_OF_PAGES_ALONE = (_TOTALS | _MORE | _CURSORS) - {"more", "nextpage", "nexturl", "nextlink"}

_TOTAL_HEADERS = ("X-Total-Count", "X-Total", "X-Total-Results", "Total-Count")
_NEXT_HEADERS = ("X-Next-Page", "X-Next-Cursor", "X-Next-Page-Token")
_RANGE = re.compile(r"\s*[A-Za-z-]+\s+\d+-\d+/(\d{1,18})\s*")

_NAMES_A_PAGE = (
    frozenset(
        (
            "page",
            "pagenumber",
            "pageno",
            "pagenum",
            "pageindex",
            "offset",
            "pageoffset",
            "skip",
            "skiptoken",
            "startindex",
        )
    )
    | frozenset(
        ("startat", "cursor", "nextcursor", "pagecursor", "pagetoken", "nexttoken", "nextpagetoken", "startingafter")
    )
    | {"endingbefore", "marker", "continuation", "continuationtoken", "scrollid"}
)

Header = Callable[[str], str | None]


def more_than_one_page(answer: PageAnswer, *, total: str | None = None) -> str | None:
    """Return what says that there are more pages than this one, as a clause; None where nothing does.

    :param total: the path of the total number of records; None: wherever it usually is.
    """
    if total is not None:
        number = answer.number(total)
        if number is not None and number > answer.count:
            return _too_few(answer.count, number, total)
    return sign_of_more(
        answer.around_records(), answer.header, answer.count, totals=_ANY_TOTAL if total is None else _NONE
    )


def more_than_the_total(style: Pagination, answer: PageAnswer, total: str | None) -> str | None:
    """Return what says that there is more though a first page has the whole ``total``: it may be that of the page."""
    if total is None or not answer.count or answer.number(total) != answer.count or not style.can_be_full(answer.count):
        return None
    return more_than_one_page(answer, total=total)


def sign_of_more(envelope: Any, header: Header, count: int, *, totals: frozenset[str] | None = None) -> str | None:
    """Return what says that there are more records than came, as a clause; None where nothing does.

    :param envelope: the answer's JSON; of its records there may be none in it.
    :param header: looks one up without regard to case.
    :param count: how many records came.
    :param totals: the names of totals that are believed; None: all that are known.
    """
    totals = _ANY_TOTAL if totals is None else totals
    found = list(_members(envelope))
    for path, name, key, value in found:
        is_total = key in totals or (bool(totals) and (name, key) == ("total", "value"))
        if is_total and (number := _number(value)) is not None and number > count:
            return _too_few(count, number, path)
    for path, name, key, value in found:
        if key in _NUMBERS_OF_PAGES or (key == "pages" and name in _ABOUT_PAGES):
            number = _number(value)
            if number is not None and number > 1:
                return f"it is one of {number:,} pages ({path!r})"
    for path, name, key, value in found:
        says_more = key in _MORE and (value is True or value == "true")
        is_not_last = key in _LAST and (value is False or value == "false")
        if says_more or is_not_last or _leads_on(name, key, value):
            return f"it says that there are more ({path!r})"
    return _sign_in_headers(header, count)


def sign_in_answer(answer: Any, header: Header, *, vague: bool = True) -> str | None:
    """Return the same of decoded JSON, whose records are its longest array; None where there is no array.

    :param vague: believe a plain ``total`` or ``count`` as well.
    """
    arrays = list(records_in(answer))
    if not arrays:
        return None
    count = max(map(len, arrays))
    if isinstance(answer, dict) and not _ONE_THING.isdisjoint(map(_normal, answer)):
        # An invoice with three lines, a document of 12 pages with tags: only what nothing but a page says is believed.
        answer = {name: value for name, value in answer.items() if _normal(name) in _SAID_OF_PAGES_ALONE}
        return sign_of_more(answer, header, count, totals=_TOTALS)
    return sign_of_more(answer, header, count, totals=_ANY_TOTAL if vague else _TOTALS)


def records_in(answer: Any) -> Iterator[list[Any]]:
    """Yield the arrays that may be the records: the answer itself, or those in it, or one level deeper."""
    if isinstance(answer, list):
        yield answer
    elif isinstance(answer, dict):
        here = [value for value in answer.values() if isinstance(value, list)]
        yield from here
        if not any(here):  # there may be an empty list of errors beside {"data": {"items": […]}}
            inner = [value for value in answer.values() if isinstance(value, dict)]
            yield from (value for one in inner for value in one.values() if isinstance(value, list))


def without_records(answer: Any) -> Any:
    """Return the answer with its arrays emptied, as far as they may be the records."""
    emptied = {id(records) for records in records_in(answer)}

    def kept(value: Any) -> Any:
        if id(value) in emptied:
            return []
        return {key: kept(one) for key, one in value.items()} if isinstance(value, dict) else value

    return kept(answer)


def names_a_page(query: Any, *others: Any) -> bool:
    """Return whether a request names the page that it wants: its sender knows that it is one.

    :param query: mappings, pairs or texts, as ``requests`` takes them; so are the others.
    """
    return any(_normal(name) in _NAMES_A_PAGE for given in (query, *others) for name in _names(given))


def truncated(what: str, sign: str, advice: str, *, status: int | None = None) -> TruncatedListError:
    """Return the error for a page that was taken for the list."""
    return TruncatedListError(
        f"{what} is one page of a list, and pagination does not say how to get the rest: {sign}.",
        advice=advice,
        status=status,
    )


def _members(envelope: Any, path: str = "", name: str = "", depth: int = 0) -> Iterator[tuple[str, str, str, Any]]:
    """Yield path, the normal name of the object it is in, its own normal name, and the value."""
    if not isinstance(envelope, dict):
        return
    for written, value in envelope.items():
        key, here = _normal(written), f"{path}.{written}" if path else str(written)
        yield here, name, key, value
        is_near = key in _ABOUT_PAGES or (key in _AROUND_RECORDS and depth == 0) or key == "total"
        if is_near and depth < 2:
            yield from _members(value, here, key, depth + 1)


def _leads_on(name: str, key: str, value: Any) -> bool:
    if key == "links" and isinstance(value, list):
        return any(isinstance(one, dict) and one.get("rel") == "next" for one in value)
    if key in _CURSORS:
        return _is_something(value)
    if key != "next":
        return False
    if name in _ABOUT_PAGES or isinstance(value, dict):
        return _is_something(value)
    return isinstance(value, str) and value.startswith(("http:", "https:", "/", "?"))


def _sign_in_headers(header: Header, count: int) -> str | None:
    if link_target(header("Link") or "", "next") is not None:
        return "it says that there are more (a Link header with rel=next)"
    for name in _TOTAL_HEADERS:
        number = _number(header(name))
        if number is not None and number > count:
            return _too_few(count, number, name)
    ranged = _RANGE.fullmatch(header("Content-Range") or "")
    if ranged and int(ranged[1]) > count:
        return _too_few(count, int(ranged[1]), "Content-Range")
    for name in _NEXT_HEADERS:
        if (header(name) or "").strip():
            return f"it says that there are more ({name})"
    return None


def _too_few(count: int, number: int, where: str) -> str:
    return f"it holds {count:,} records of {number:,} (at {where!r})"


def _number(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _is_something(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_is_something, value.values()))
    return bool(value.strip()) if isinstance(value, str) else bool(_number(value))


def _normal(name: Any) -> str:
    return re.sub(r"[^a-z0-9]", "", str(name).lower())


def _names(given: Any) -> Iterator[Any]:
    if isinstance(given, bytes):
        given = given.decode("latin-1")
    if isinstance(given, str):
        given = parse_qsl(given.rpartition("?")[2], keep_blank_values=True)
    if isinstance(given, Mapping):
        given = given.items()
    if isinstance(given, list | tuple) or hasattr(given, "__iter__"):
        for pair in given:
            if isinstance(pair, list | tuple) and len(pair) == 2 and pair[1] is not None:
                yield pair[0]
