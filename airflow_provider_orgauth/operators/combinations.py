"""Arguments of ``OrgApiOperator`` that do not go together: one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.exports.export_names import check_export_name

NEED_A_FILE = ("fields", "drop_fields", "unique_by", "strict")
"""Arguments of an export that would have no effect without ``output_path``."""


ABOUT_LISTS = ("pagination", "records", *NEED_A_FILE)
"""Arguments that make a list of it. With ``output_path`` and none of them, the answer's bytes go to the file."""


class Combination(NamedTuple):
    """What is wrong with some arguments together.

    :param names: the arguments; an error names the first one. The query is ``params``.
    :param is_wrong: takes their values, in this order.
    """

    names: tuple[str, ...]
    is_wrong: Callable[..., bool]
    problem: str
    advice: str

    @property
    def is_about_request(self) -> bool:
        """Whether it is about the request for a list or a file, and its answer."""
        return self.names[0] in _OF_REQUEST and any(name in self.names for name in (*ABOUT_LISTS, "output_path"))


_OF_REQUEST = ("data", "params", "method")


def _both(one: Any, other: Any) -> bool:
    return one is not None and other is not None and other is not False


def _first_alone(one: Any, other: Any) -> bool:
    return bool(one) and other is None


def _all_given(*values: Any) -> bool:
    return all(map(bool, values))


def is_list(*about_lists: Any) -> bool:
    """Tell whether it is about a list's records, and not about one answer as it is.

    :param about_lists: the values of :data:`ABOUT_LISTS`.
    """
    return not all(value is None or value is False for value in about_lists)


def _of_download(is_wrong: Callable[[Any], bool]) -> Callable[..., bool]:
    return lambda value, path, *about_lists: is_wrong(value) and path is not None and not is_list(*about_lists)


def _is_no_export(path: Any, *about_lists: Any) -> bool:
    """Raise the error that the export would raise for the file's name.

    :raises ConfigurationError: the name's suffix is one of another kind of file.
    """
    if isinstance(path, str) and is_list(*about_lists):
        check_export_name(path)
    return False


def _is_in(name: Any, params: Any) -> bool:
    return name is not None and isinstance(params, Mapping) and name in params


COMBINATIONS = (
    Combination(
        ("json", "data"), lambda json, data: json is not None and bool(data), "does not go with data", "Send one body."
    ),
    *(
        Combination(("data", name), _both, "does not go with pagination", "Send the body as json.")
        for name in ("pagination", "records")
    ),
    *(
        Combination(("data", name), _all_given, f"does not go with {name}", "Send the body as json.")
        for name in NEED_A_FILE
    ),
    Combination(
        ("params", "pagination"),
        lambda params, pagination: isinstance(params, str | bytes) and pagination not in (None, False),
        "is a text",
        "Give a dict: each page changes some of it.",
    ),
    *(
        Combination(
            (name, "output_path"),
            _first_alone,
            "needs output_path",
            "Or leave it out, and choose with response_filter what to return.",
        )
        for name in NEED_A_FILE
    ),
    Combination(
        ("response_filter", "output_path"), _both, "does not go with output_path", "Use fields or drop_fields."
    ),
    *(
        Combination(
            ("pagination", name),
            lambda pagination, value: pagination is False and bool(value),
            f"False is one answer as it is, and {name} is about the records of a list",
            'Say pagination="single" for the records of one page.',
        )
        for name in ("records", *NEED_A_FILE)
    ),
    Combination(("output_path", *ABOUT_LISTS), _is_no_export, "names a kind of file that an export does not make", ""),
    Combination(
        ("response_check", "output_path", *ABOUT_LISTS),
        _of_download(lambda check: isinstance(check, str)),
        "is JMESPath over JSON, and output_path without pagination keeps bytes",
        "Give a callable: it gets the response, for its status and headers.",
    ),
    Combination(
        ("log_response", "output_path", *ABOUT_LISTS),
        _of_download(bool),
        "does not go with output_path without pagination",
        "The answer is in the file.",
    ),
    Combination(
        ("method", "output_path", *ABOUT_LISTS),
        _of_download(lambda method: str(method).upper() == "HEAD"),
        "is HEAD, whose answers have no body",
        "Write GET.",
    ),
    Combination(
        ("until", "since"),
        lambda until, since: until is not None and until == since,
        "is the same name as since",
        "They are two query parameters: the beginning and the end.",
    ),
    *(
        Combination(
            (name, "params"), _is_in, "is a name in params too", "Leave it out there: the run's time goes there."
        )
        for name in ("since", "until")
    ),
    Combination(
        ("time_field", "since", "until"),
        lambda time_field, since, until: bool(time_field) and since is None and until is None,
        "needs since or until",
        'Name the query parameter that asks for what is new: since="from".',
    ),
    Combination(
        ("time_field", *ABOUT_LISTS),
        lambda time_field, *about_lists: bool(time_field) and not is_list(*about_lists),
        "is about the records of a list",
        "Say in pagination how its pages follow each other.",
    ),
    Combination(("watermark", "since"), _first_alone, "needs since", 'Name the query parameter: since="from".'),
    Combination(
        ("watermark", "output_path"),
        _first_alone,
        "needs since and output_path",
        "It moves when the file is complete.",
    ),
)


def check_combinations(arguments: Mapping[str, Any], *, has_job: bool = False) -> None:
    """Refuse what does not go together, as far as all of its arguments are known.

    :param has_job: the list or file is not what the request is answered with, but what comes of its job.
    :raises ConfigurationError: naming one of them.
    """
    for combination in COMBINATIONS:
        if has_job and combination.is_about_request:
            continue
        if arguments.keys() >= set(combination.names) and combination.is_wrong(
            *map(arguments.__getitem__, combination.names)
        ):
            raise ConfigurationError(combination.names[0], combination.problem, advice=combination.advice)
