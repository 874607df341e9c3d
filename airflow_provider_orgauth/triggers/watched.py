"""What a watcher looks for in an answer, and what of it there is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.answers.errors_while_waiting import may_pass
from airflow_provider_orgauth.answers.one_page_of_wait import insist_on_whole_for
from airflow_provider_orgauth.answers.response import masked_in, search
from airflow_provider_orgauth.answers.verdict import answer_in
from airflow_provider_orgauth.exceptions import ConfigurationError, OrgAuthError, ResponseError
from airflow_provider_orgauth.triggers.event_arguments import DEFAULTS, canonical, fields_of
from airflow_provider_orgauth.waiting.condition import Condition, is_success
from airflow_provider_orgauth.waiting.looked_at import names_a_field
from airflow_provider_orgauth.waiting.told import mark_of

if TYPE_CHECKING:
    import requests

    from airflow_provider_orgauth.triggers.look import Look

WHOLE = ""
"""The name of what is watched where there are no records."""

MAX_NAME_CHARACTERS = 100
"""Of a record's name in what is kept of it."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something that is watched, and is there.

    :param mark: equal while its key is.
    :param key: the key's value; None where there is no key.
    :param shown: the record, or the answer, with credentials masked: for the event's fields.
    :param id: of the record.
    """

    mark: str
    key: Any
    shown: Any
    id: Any = None


@dataclass(frozen=True, slots=True)
class Watched:
    """The arguments of a watcher that say what is looked for. The names are those of :class:`OrgApiEventTrigger`.

    :param watch: equal for watchers that look for the same.
    """

    when: str | frozenset[int] | None
    key: str | None
    records: str | None
    record_id: str
    fields: Mapping[str, str]
    waiting_statuses: frozenset[int]
    watch: str

    @classmethod
    def of(cls, request: Mapping[str, Any], options: Mapping[str, Any]) -> Watched:
        """Return it of a trigger's arguments, without those that are as by default."""
        option = {**DEFAULTS, **options}
        when, waiting = option["when"], option["waiting_statuses"]
        about = [request, *(option[name] for name in ("org_conn_id", "when", "key", "records", "record_id"))]
        return cls(
            when if isinstance(when, str | None) else _statuses(when),
            option["key"],
            option["records"],
            option["record_id"],
            fields_of(option["fields"]),
            _statuses(waiting),
            mark_of(json.dumps(canonical(about), default=list)),
        )

    @property
    def condition(self) -> Condition:
        """What a look is judged by, as far as statuses go."""
        return Condition(
            self.when if isinstance(self.when, frozenset) else frozenset(), None, None, self.waiting_statuses
        )

    def in_look(self, look: Look) -> dict[str, Found] | None:
        """Return what there is, by name; None where that cannot be told: the server is in trouble.

        :raises OrgAuthError: that cannot be told either, and somebody has to do something about it.
        """
        response = answer_in(look.outcome, self.condition)
        if isinstance(response, OrgAuthError):
            if may_pass(response, look.hook):
                return None
            raise response
        if response.status_code in self.waiting_statuses:
            return {}
        if not is_success(response.status_code):
            return {WHOLE: Found("", None, None)}  # of an error, only the status counts: it is one of ``when``
        insist_on_whole_for(response, look.request, self._of_the_answer())
        answer, shown = look.answer(response)
        if not isinstance(answer, dict | list) and any(names_a_field(one) for _, one in self._of_the_answer()):
            raise ResponseError(
                f"The answer of {look.request.endpoint.partition('?')[0]} is no JSON: nothing is known of what it is "
                "watched for.",
                status=response.status_code,
            )
        if self.records is not None:
            return self._records(answer, shown)
        return {WHOLE: self._found(shown)} if self._holds(answer, response) else {}

    def shown_fields(self, found: Found) -> dict[str, Any]:
        """Return the event's fields."""
        return {name: search(expression, found.shown, "fields") for name, expression in self.fields.items()}

    def _of_the_answer(self) -> Iterator[tuple[str, str]]:
        if self.records is not None:
            yield "records", self.records
            return
        if isinstance(self.when, str):
            yield "when", self.when
        if self.key is not None:
            yield "key", self.key
        for expression in self.fields.values():
            yield "fields", expression

    def _holds(self, answer: Any, response: requests.Response | None) -> bool:
        if self.when is None:
            return True
        if isinstance(self.when, str):
            return bool(search(self.when, answer, "when"))
        return response is not None and response.status_code in self.when

    def _found(self, shown: Any, record: Any = None) -> Found:
        if self.key is None:
            return Found("", None, shown, record)
        key = search(self.key, shown, "key")
        if masked_in(key):
            raise ConfigurationError(
                "key", "finds a credential, of which no change is told", advice="Watch another field."
            )
        return Found(mark_of(json.dumps(key, sort_keys=True)), key, shown, record)

    def _records(self, answer: Any, shown: Any) -> dict[str, Found]:
        rows = search(self.records or "", answer, "records")
        shown_rows = rows if shown is answer else search(self.records or "", shown, "records")
        if not isinstance(rows, list) or not isinstance(shown_rows, list):
            raise ConfigurationError(
                "records", "finds no list in the answer", advice="Name it, as in records='content'."
            )
        if len(rows) != len(shown_rows):
            raise ConfigurationError("records", "depends on a credential", advice="Choose records by another field.")
        found = {}
        for row, shown_row in zip(rows, shown_rows, strict=True):
            if self._holds(row, None):
                record = search(self.record_id, shown_row, "record_id") if isinstance(row, dict | list) else shown_row
                found[self._name(record)] = self._found(shown_row, record)
        return found

    def _name(self, record: Any) -> str:
        if record is None or isinstance(record, dict | list) or masked_in(record):
            raise ConfigurationError(
                "record_id", "finds no text or number in a record", advice="Name what tells them apart."
            )
        name = json.dumps(record)
        return name if len(name) <= MAX_NAME_CHARACTERS else mark_of(name)


def _statuses(value: Any) -> frozenset[int]:
    return frozenset((value,) if isinstance(value, int) else value)
