"""``Job``: what :class:`~.org_api.OrgApiOperator` has to know of a job that its request starts, to wait for its end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any

SECONDS_BETWEEN_LOOKS = 60.0
SECONDS_AT_MOST = 7 * 24 * 3600.0
"""As of Airflow's sensors."""

Test = str | Callable[..., Any] | int | Collection[int]


@dataclass(frozen=True, kw_only=True, repr=False)
class Job:
    """A job: a request starts it, and its end is waited for.

    ::

        Job(
            id="jobId",
            poll={"endpoint": "/api/v1/organization/jobs/{id}"},
            until="status == 'DONE'",
            fail_if="status == 'FAILED'",
            result={"endpoint": "/api/v1/organization/jobs/{id}/result"},
        )

    A request is a dict of ``endpoint``, ``method``, ``params``, ``json``, ``data`` and ``headers``, as the operator has
    them. ``{id}`` in it stands for the job's id: percent-encoded in ``endpoint``, as it is everywhere else. Where
    ``endpoint`` is left out, it is the URL of the ``Location`` header that the server answered the submission with.

    Everything is templated.

    :param until: what an answer to ``poll`` shows when the job is done: JMESPath, a function or its import path, or
        status codes, as in ``OrgApiSensor``.
    :param id: a JMESPath expression for the job's id in the answer to the submission; None: the job has its
        ``Location``, and no id.
    :param poll: the request that asks how the job is: a GET or a HEAD. None: a GET of the ``Location``.
    :param fail_if: what shows that the job has failed, in the same forms.
    :param result: the request for what came of the job; None: that is in the answer that met ``until``.
    :param download: a JMESPath expression for the URL of a file, in the answer that has what came of the job: it is
        written to ``output_path``. A URL on another host gets neither the token nor the default headers.
    :param find: a request whose answer shows whether the job runs already, and as ``id`` a JMESPath expression for its
        id there. Asked where an earlier attempt may have sent the submission, and no id is known.
    :param cancel: the request that ends the job, a DELETE unless it says otherwise: sent when the task is killed.
    :param key_header: the header that the server knows an ``Idempotency-Key`` by; None: none is sent.
    :param poke_interval: seconds between two looks, 10 % more or less.
    :param timeout: seconds from the submission after which the task fails, over all of its attempts.
    :param waiting_statuses: status codes that mean: not yet.
    """

    until: Test
    id: str | None = None
    poll: Mapping[str, Any] | None = None
    fail_if: Test | None = None
    result: Mapping[str, Any] | None = None
    download: str | None = None
    find: Mapping[str, Any] | None = None
    cancel: Mapping[str, Any] | None = None
    key_header: str | None = None
    poke_interval: float = SECONDS_BETWEEN_LOOKS
    timeout: float = SECONDS_AT_MOST
    waiting_statuses: int | Collection[int] = ()

    def __repr__(self) -> str:
        """Leave the requests out: there may be secrets in them."""
        return f"Job(until={_plain(self.until)!r})"

    def serialize(self) -> dict[str, Any]:
        """Return it as Airflow keeps the DAG: the same each time that it is parsed."""
        return JobFields.of(self).serialize()


class JobFields(dict[str, Any]):
    """The fields of a :class:`Job` by their names: Airflow renders a dict, and would change the job of the DAG."""

    @classmethod
    def of(cls, job: Job) -> JobFields:
        """Take the fields that are given."""
        given = {name: getattr(job, name) for name in NAMES}
        return cls({name: value for name, value in given.items() if value is not None})

    def serialize(self) -> dict[str, Any]:
        """Return it as Airflow keeps the DAG: a function's text would have an address in it."""
        return {name: _plain(value) for name, value in self.items()}


NAMES = tuple(field.name for field in fields(Job))


def _plain(value: Any) -> Any:
    if callable(value):
        named = value if hasattr(value, "__qualname__") else type(value)
        return f"{named.__module__}.{named.__qualname__}"
    if isinstance(value, set | frozenset | range):
        return sorted(value)
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return value
